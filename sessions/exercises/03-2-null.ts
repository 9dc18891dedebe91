import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'mend',
  title: 'A /dev/null for everybody',
  task:
    'The script /home/learner/fold runs a program with a /dev of its own. Root is content with it: sudo ~/fold sh -c "echo wool >/dev/null". ' +
    'An ordinary user is not: sudo ~/fold setpriv --reuid 1000 --regid 1000 --clear-groups sh -c "echo wool >/dev/null". Mend the script, ' +
    'so that everybody may read and write its devices, whatever umask it is started with. The program has that umask, as now.',
  setUp: String.raw`
    cat >/home/learner/fold <<'END'
    #!/bin/sh
    # fold PROGRAM [ARGUMENT...] runs a program with a /dev of its own.
    exec unshare --mount sh -c '
      mount -t tmpfs -o mode=755,size=64k wool /dev &&
      mknod /dev/null c 1 3 &&
      mknod /dev/zero c 1 5 &&
      mknod /dev/full c 1 7 &&
      mknod /dev/random c 1 8 &&
      mknod /dev/urandom c 1 9 &&
      mknod /dev/tty c 5 0 &&
      exec "$@"' sh "$@"
    END
    chmod 755 /home/learner/fold
    chown learner: /home/learner/fold
  `,
  check: String.raw`
    mounts=$(cat /proc/self/mountinfo)
    fold() { timeout 20 /home/learner/fold "$@" 2>&1 </dev/null; }
    names='null zero full random urandom tty'
    # All at once: the modes, the numbers, the umask, and whether a user can write.
    look='
      cd /dev && stat --format "%n %a %t:%T" '$names' && echo umask $(umask) device $(stat --format %d .) &&
      setpriv --reuid 1000 --regid 1000 --clear-groups sh -c "echo wool >/dev/null && head -c 1 /dev/zero >/dev/null && echo a user, too"'
    for mask in 0022 0077; do
      umask $mask
      said=$(fold sh -c "$look")
      if ! grep --quiet '^null .* 1:3$' <<<"$said"; then
        missing "What the script runs has no /dev/null: $(head -n 1 <<<"$said")"
        exit 1
      fi
      if grep --quiet "device $(stat --format %d /dev)$" <<<"$said"; then
        missing 'What the script runs has the /dev of the machine.'
        exit 1
      fi
      while read -r name number; do
        mode=$(sed --quiet "s/^$name \(.*\) $number$/\1/p" <<<"$said")
        [ "$mode" = 666 ] || missing "With umask $mask, the device $number at /dev/$name has the mode $mode, not 666."
      done <<<$'null 1:3\nzero 1:5\nfull 1:7\nrandom 1:8\nurandom 1:9\ntty 5:0'
      inside=$(sed --quiet 's/^umask \(.*\) device .*/\1/p' <<<"$said")
      [ "$inside" = $mask ] || missing "The script was started with umask $mask, and the program has $inside."
      grep --quiet '^a user' <<<"$said" || missing "With umask $mask, an ordinary user cannot use /dev/null and /dev/zero."
    done
    [ "$mounts" = "$(cat /proc/self/mountinfo)" ] || missing 'A mount of the script has reached the machine.'
  `,
  undone: /With umask 0022, the device 1:3 at \/dev\/null has the mode 644, not 666[^]*With umask 0077, [^]*mode 600, not 666/,
  attempts: [
    {run: `sed -i '2a umask 0' ~/fold`, missing: /^Not done yet:\n- The script was started with umask 0022, and the program has 0000/},
    {
      run: `sed -i 's/^\\( *\\)exec "/\\1chmod 666 \\/dev\\/null \\&\\&\\n&/' ~/fold`,
      missing: /^Not done yet:\n- With umask 0022, the device 1:5 at \/dev\/zero has the mode 644/,
    },
  ],
  hints: [
    'Look at the modes: sudo ~/fold stat --format "%n %a" /dev/null. Then start it with another umask: sudo sh -c "umask 077; ' +
      '/home/learner/fold stat --format %a /dev/null".',
    'mknod(2) makes a node with the mode that it is given, and takes from it what is set in the umask. With umask 0 it takes ' +
      'nothing; but the umask stays with the process, and the program that it becomes has it, too.',
    'mknod(1) has an option -m for a mode that no umask takes from. Or: mask=$(umask); umask 0 before the first device, and umask $mask ' +
      'after the last.',
  ],
  solution: String.raw`
    sed -i 's/mknod /mknod -m 666 /' ~/fold
  `,
});
