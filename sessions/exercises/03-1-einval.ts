import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'mend',
  title: 'Invalid argument',
  task:
    'The script /home/learner/fold is to run a program whose root is the folder /mnt/fold. sudo ~/fold ls / shows what it says instead: ' +
    'Invalid argument. That is one error for several causes, and here is one of them, another one each time. Find it, and mend the ' +
    'script, or what it finds on this machine. What it runs must see the folder alone, also when it tries to leave: the program ' +
    'escape is in there. And no mount that the script makes may reach the machine.',
  programs: ['./steps/03-pivot-root/escape'],
  setUp: String.raw`
    while mountpoint --quiet /mnt; do umount --lazy /mnt; done
    mount -t tmpfs -o mode=755 wool /mnt
    mkdir --parents /mnt/fold/bin /mnt/fold/old
    cp /usr/bin/busybox /usr/local/bin/escape /mnt/fold/bin
    chroot /mnt/fold /bin/busybox --install -s /bin
    bind='mount --bind /mnt/fold /mnt/fold &&'
    old=old
    case $(shuf --input-range 1-4 --head-count 1) in
      1) bind= ;;
      2) old=/run ;;
      3) mount --make-shared /mnt ;;
      4)
        bind='mount --rbind /mnt/fold /mnt/fold &&'
        mount -t tmpfs wool /mnt/fold/old
        mount --make-shared /mnt/fold/old
        ;;
    esac
    cat >/home/learner/fold <<END
    #!/bin/sh
    # fold PROGRAM [ARGUMENT...] runs a program whose root is /mnt/fold.
    exec unshare --mount --propagation unchanged sh -c '
      $bind
      cd /mnt/fold &&
      pivot_root . $old &&
      umount -l /$(basename $old) &&
      exec "\$@"' sh "\$@"
    END
    sed --in-place '/^ *$/d' /home/learner/fold
    chmod 755 /home/learner/fold
    chown learner: /home/learner/fold
  `,
  check: String.raw`
    mounts=$(cat /proc/self/mountinfo)
    fold() { timeout 20 /home/learner/fold "$@" 2>&1 </dev/null; }
    said=$(fold sh -c 'echo runs; for at in /repo /*/repo; do [ ! -e $at ] || echo $at; done')
    if [ "$(head -n 1 <<<"$said")" != runs ]; then
      missing "/home/learner/fold does not run a program. It says: $(head -n 1 <<<"$said")"
      exit 1
    fi
    [ "$said" = runs ] || missing "What the script runs still finds the machine's files: $(tail -n +2 <<<"$said")"
    ! fold escape ls / | grep --quiet --line-regexp repo || missing 'With escape, what the script runs leaves its root.'
    [ "$mounts" = "$(cat /proc/self/mountinfo)" ] || missing "A mount of the script has reached the machine: $(
      comm -13 <(sort <<<"$mounts") <(sort /proc/self/mountinfo) | head -n 1)"
  `,
  undone: /fold does not run a program\. It says: pivot_root: failed to change root .*: Invalid argument/,
  attempts: [
    {run: `printf '#!/bin/sh\nexec chroot /mnt/fold "$@"\n' >~/fold`, missing: /With escape, what the script runs leaves its root/},
    {
      run: String.raw`
        cat >~/fold <<'END'
        #!/bin/sh
        exec unshare --mount sh -c '
          mount --bind /mnt/fold /mnt/fold && cd /mnt/fold && pivot_root . old && exec "$@"' sh "$@"
        END
      `,
      missing: /^Not done yet:\n- What the script runs still finds the machine's files: \/old\/repo\n(?!-)/,
    },
  ],
  hints: [
    'Four things make pivot_root say so here: the new root is not a mount point; the place for the old root is not in it; the mount that the ' +
      'new root lies on is shared; the place for the old root is a mount of its own that is shared. Read the script for the first two.',
    'For the others, look at the mounts: grep " /mnt" /proc/self/mountinfo. A mount with the word shared: among its fields belongs to a ' +
      'group whose members copy what is mounted. unshare(1) says what --propagation unchanged leaves as it is.',
    'A script that works in all four cases has private mounts, which unshare --mount makes by itself when nobody tells it not to. It ' +
      'binds /mnt/fold on itself, without what is mounted below. And its pivot_root gets . and old.',
  ],
  solution: String.raw`
    cat >~/fold <<'END'
    #!/bin/sh
    # fold PROGRAM [ARGUMENT...] runs a program whose root is /mnt/fold.
    exec unshare --mount sh -c '
      mount --bind /mnt/fold /mnt/fold &&
      cd /mnt/fold &&
      pivot_root . old &&
      umount -l /old &&
      exec "$@"' sh "$@"
    END
  `,
});
