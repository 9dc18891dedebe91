import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'stage',
  title: 'An overlay for each container',
  task:
    'Build the last stage of the chapter: PATH IMAGE PROGRAM [ARGUMENT...], started by root, runs PROGRAM in namespaces whose root is an ' +
    'overlay of the directory IMAGE and of one for what this container changes. That one is in /var/lib/fold, where root alone gets in. ' +
    'IMAGE never changes, whatever its name (a comma and a colon are allowed), and the / inside has its owner and mode. Device nodes in / ' +
    'do not open. No mount reaches the host. When PROGRAM ends, PATH ends with its status, or with 127 when there is no such program, and ' +
    'nothing is left in /var/lib/fold; what a killed PATH leaves there, the next start removes, and nothing of those that run. Any ' +
    'language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  programs: ['./steps/03-pivot-root/escape'],
  begin: './steps/05-overlayfs/1-copy',
  check: String.raw`
    program=$1
    pkill --signal KILL --exact sleep
    rm --recursive --force /var/lib/fold
    folder=$(mktemp --directory)
    trap 'pkill --signal KILL --exact sleep; cd /; rm --recursive --force $folder /var/lib/fold' EXIT
    cd $folder
    image=$folder/image,1:2
    mkdir $image
    for name in bin dev etc proc sys tmp; do mkdir $image/$name; done
    cp /usr/bin/busybox /bin/bash /usr/local/bin/escape $image/bin
    chroot $image /bin/busybox --install -s /bin
    echo 127.0.0.1 localhost >$image/etc/hosts
    head --bytes 5M /dev/zero >$image/fleece
    mknod --mode 666 $image/null c 1 3
    chown 7:8 $image
    chmod 1751 $image
    state() { find $image -printf '%P %M %u %g %s %T@ %l\n' | sort | md5sum; }
    before=$(state)
    mounts=$(cat /proc/self/mountinfo)
    run() { timeout 30 "$program" $image "$@" 2>errors </dev/null; }
    eventually() { for try in $(seq 600); do ! "$@" >/dev/null || return 0; sleep 0.1; done; return 1; }
    count() { [ "$(pgrep --exact --count sleep)" = $1 ]; }

    umask 0077
    said=$(run sh -c '
      echo runs
      stat -c "root %a %u:%g" /
      echo 10.20.0.2 dolly >>/etc/hosts && rm /bin/vi && chmod 700 /fleece && cat /etc/hosts
      mknod /other c 1 3
      (cat /null) && echo the device /null opens
      (cat /other) && echo the device /other opens
      for at in /repo /*/repo /.. /proc/1/root /proc/1/cwd/..; do [ ! -e $at/repo ] || echo $at shows the host; done
      exit 42')
    status=$?
    if [ "$(head -n 1 <<<"$said")" != runs ]; then
      missing "PATH IMAGE sh does not run the sh that is in IMAGE, whose name is $(basename $image). It says: $(head -n 1 errors)"
      exit 1
    fi
    [ $status -eq 42 ] || missing "When PROGRAM ends with 42, PATH ends with $status."
    grep --quiet --line-regexp 'root 1751 7:8' <<<"$said" || missing "The root of IMAGE has mode 1751 and owner 7:8. Inside: $(grep ^root <<<"$said")."
    grep --quiet --line-regexp '10.20.0.2 dolly' <<<"$said" || missing 'What PROGRAM writes to a file of IMAGE is not in that file inside.'
    while read -r line; do missing "Inside, $line."; done < <(grep --extended-regexp 'shows the host$|opens$' <<<"$said")
    [ "$before" = "$(state)" ] || missing 'IMAGE has changed.'
    [ -z "$(ls --almost-all /var/lib/fold 2>/dev/null)" ] || missing 'After the end of PROGRAM, there is something in /var/lib/fold.'
    ! run escape ls / | grep --quiet --line-regexp repo || missing 'With escape, PROGRAM leaves its root.'
    run /no/such/program
    ended=$?
    [ $ended -eq 127 ] || missing "When there is no such program, PATH ends with $ended, not with 127."
    rm --recursive --force /var/lib/fold

    for number in 1 2; do
      "$program" $image sh -c "echo $number >/baa$number; chmod 4755 /bin/bash; exec sleep 1000" >/dev/null 2>&1 </dev/null &
      disown $!
      [ $number = 2 ] || first=$!
    done
    eventually count 2 || missing 'Two containers do not run at the same time.'
    size=$(du --summarize --block-size 1M /var/lib/fold 2>/dev/null | cut --fields 1)
    size=$((size))
    [ "$size" -lt 5 ] || missing "Two containers take $size MB, and have changed 2 of them: the image is copied."
    for number in 1 2; do
      file=$(find /var/lib/fold -name baa$number 2>/dev/null | head --lines 1)
      if [ -z "$file" ]; then
        missing "What container $number has made is not below /var/lib/fold."
      elif [ "$(find $(dirname $file) -maxdepth 1 -name 'baa*' | wc --lines)" -ne 1 ]; then
        missing 'Two containers write into the same directory.'
      elif setpriv --reuid learner --regid learner --clear-groups sh -c '"$0" -p -c true' $(dirname $file)/bin/bash 2>/dev/null; then
        missing "A user of the host runs a program of a container, with root's rights if the container says so."
      fi
    done
    [ "$mounts" = "$(cat /proc/self/mountinfo)" ] || missing 'A mount has reached the host.'
    kill -KILL $first
    eventually count 1 || missing 'When PATH is killed, PROGRAM goes on.'
    run true
    [ -z "$(find /var/lib/fold -name baa1 2>/dev/null)" ] || missing 'What a killed PATH has left in /var/lib/fold is there after the next start.'
    [ -n "$(find /var/lib/fold -name baa2 2>/dev/null)" ] || missing 'A start removes what belongs to a container that runs.'
  `,
  undone:
    /Not done yet:\n- PATH IMAGE sh does not run the sh that is in IMAGE[^]*It says: 1-copy: copy the image: CopyFS null: invalid argument/,
  attempts: [
    {
      program: './steps/05-overlayfs/2-overlay',
      missing: /^Not done yet:\n- PATH IMAGE sh does not run the sh that is in IMAGE, whose name is image,1:2/,
    },
    {
      program: './steps/05-overlayfs/4-closed',
      missing:
        /^Not done yet:\n- After the end of PROGRAM, there is something in \/var\/lib\/fold\.\n- What a killed PATH has left in \/var\/lib\/fold is there after the next start\.\nNeed/,
    },
  ],
  hints: [
    'The check says what is missing, a line each. The stages of the chapter come in the order in which a program grows.',
    'Mount the overlay in the new mount namespace, after its mounts are private: then no mount reaches the host, and the kernel unmounts ' +
      'it with the namespace. Backslashes go before a comma, a colon and a backslash in the name of IMAGE; upper gets its owner and mode.',
    'Each PATH holds a lock, flock(2), on the directory of its container: the kernel lets go of it however PATH ends. A start locks ' +
      '/var/lib/fold, removes each directory there whose lock it gets with LOCK_NB, makes and locks its own, and unlocks /var/lib/fold.',
  ],
  solution: './steps/05-overlayfs',
  others: [
    String.raw`
      image=$(realpath "$1"); shift
      mkdir -p -m 700 /var/lib/fold
      # The name of each directory is the PID of the process that made it.
      for dir in /var/lib/fold/*; do
        kill -0 "$(basename "$dir")" 2>/dev/null || rm -rf "$dir"
      done
      dir=/var/lib/fold/$$
      mkdir -m 700 $dir
      mkdir $dir/upper $dir/work $dir/merged
      chown --reference="$image" $dir/upper && chmod --reference="$image" $dir/upper
      lower=$(printf %s "$image" | sed 's/[\\,:]/\\&/g')
      setpriv --pdeathsig KILL unshare --uts --ipc --net --pid --fork --kill-child --mount bash -c '
        mount -t overlay -o "nodev,lowerdir=$1,upperdir=$2/upper,workdir=$2/work" overlay $2/merged && cd $2/merged && shift 2 &&
        mount -t proc proc proc && pivot_root . . && umount -l . && "$@"' bash "$lower" "$dir" "$@"
      status=$?
      rm -rf $dir
      exit $status
    `,
  ],
});
