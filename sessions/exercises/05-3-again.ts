import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'extend',
  title: 'A container that keeps its changes',
  task:
    'Give the last stage of the chapter an option: PATH -n NAME IMAGE PROGRAM [ARGUMENT...] starts a container that has a name and keeps ' +
    'its changes. When it is started again, with the same NAME and IMAGE, it finds what it has added, changed and deleted, also when PATH ' +
    'was killed. While it runs, PATH with the same NAME refuses to start, says so and ends with 125, and so it does with another IMAGE than ' +
    'the first time. A NAME such as ../../tmp is refused, too. Without -n all is as before: nothing is left in /var/lib/fold. Any language ' +
    'will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  begin: './steps/05-overlayfs',
  check: String.raw`
    program=$1
    pkill --signal KILL --exact sleep
    rm --recursive --force /var/lib/fold
    folder=$(mktemp --directory)
    trap 'pkill --signal KILL --exact sleep; cd /; rm --recursive --force $folder /var/lib/fold' EXIT
    cd $folder
    mkdir --parents image/bin image/dev image/etc image/proc image/sys image/tmp
    cp /usr/bin/busybox image/bin
    chroot image /bin/busybox --install -s /bin
    echo 127.0.0.1 localhost >image/etc/hosts
    state() { find image -printf '%P %M %u %s %T@ %l\n' | sort | md5sum; }
    before=$(state)
    run() { timeout 30 "$program" "$@" 2>errors </dev/null; }
    eventually() { for try in $(seq 600); do ! "$@" >/dev/null || return 0; sleep 0.1; done; return 1; }
    ended() { ! pgrep --exact sleep; }

    run -n dolly image sh -c 'echo wool >/wool; rm /etc/hosts; exit 42'
    status=$?
    if [ $status -ne 42 ]; then
      missing "PATH -n dolly IMAGE sh -c 'exit 42' ends with $status. It says: $(head -n 1 errors)"
      exit 1
    fi
    again='cat /wool; ls /etc'
    [ "$(run -n dolly image sh -c "$again")" = wool ] || missing 'When dolly is started again, what it has added or deleted is not as it left it.'
    [ "$(run -n molly image sh -c "$again")" = hosts ] || missing 'Another container, molly, sees the changes of dolly.'
    [ "$(run image sh -c "$again; echo wool >/wool")" = hosts ] || missing 'A container without a name sees the changes of dolly.'
    [ "$(run image sh -c "$again")" = hosts ] || missing 'A container without a name sees the changes of another one.'

    "$program" -n dolly image sleep 1000 >/dev/null 2>&1 </dev/null &
    pid=$!
    disown $pid
    eventually pgrep --exact sleep || missing 'PATH -n dolly IMAGE sleep 1000 runs no sleep.'
    run -n dolly image sh -c 'echo wolf >/wool'
    status=$?
    [ $status -eq 125 ] || missing "While dolly runs, a second start of it ends with $status, not with 125."
    [ -s errors ] || missing 'While dolly runs, a second start of it says nothing.'
    run image true || missing 'While dolly runs, a container without a name does not start.'
    kill -KILL $pid
    eventually ended || missing 'When PATH is killed, its program goes on.'
    run image true
    [ "$(run -n dolly image sh -c "$again")" = wool ] || missing 'When PATH was killed, dolly does not start again with its changes.'

    cp --archive image other
    run -n dolly other sh -c 'echo wolf >/wool'
    status=$?
    [ $status -eq 125 ] || missing "With another image, a start of dolly ends with $status, not with 125."
    [ -s errors ] || missing 'With another image, a start of dolly says nothing.'
    [ "$(run -n dolly $folder/image sh -c "$again")" = wool ] || missing 'With its own image, named by the whole path, dolly does not start as before.'

    for name in ../../../tmp/wolf .. /tmp/wolf; do
      ! run -n $name image true || missing "The name $name is taken for a name."
    done
    [ ! -e /tmp/wolf ] || missing 'A name has made a directory outside of /var/lib/fold.'
    [ "$before" = "$(state)" ] || missing 'The image has changed.'
    rm --recursive --force /var/lib/fold
    run image sh -c 'echo wool >/wool'
    left=$(ls --almost-all /var/lib/fold 2>/dev/null)
    [ -z "$left" ] || missing "A container without a name leaves something in /var/lib/fold: $left"
  `,
  undone: /PATH -n dolly IMAGE sh -c 'exit 42' ends with 125/,
  attempts: [
    {
      // The name is a directory, and nobody asks who else is there.
      program: String.raw`
        dir=$(mktemp -d)
        [ "$1" != -n ] || { dir=/var/lib/fold/$2; shift 2; }
        image=$(realpath "$1"); shift
        mkdir -p $dir/upper $dir/work $dir/merged
        exec setpriv --pdeathsig KILL unshare --pid --fork --kill-child --mount bash -c '
          mount -t overlay overlay -o lowerdir=$1,upperdir=$2/upper,workdir=$2/work $2/merged && cd $2/merged && shift 2 &&
          mount -t proc proc proc && pivot_root . . && umount -l . && exec "$@"' bash "$image" "$dir" "$@"
      `,
      missing:
        /^Not done yet:\n- While dolly runs, a second start of it ends with 0, not with 125[^]*With another image, a start of dolly ends with 0[^]*The name \.\.\/\.\.\/\.\.\/tmp\/wolf is taken/,
    },
  ],
  hints: [
    'The name can be that of the directory in /var/lib/fold. Then three things are left: who removes it, who may be in it, and what a name ' +
      'may look like.',
    'The lock that keeps sweep away from a running container also shows that it runs: flock with LOCK_NB. And sweep has to leave ' +
      'directories with a name alone, so their names must differ from those that nobody gave.',
    'A killed start may have made the directory and not yet upper. So make upper under another name, give it owner and mode, and rename it ' +
      'when it is ready: then it is there as a whole, or not at all. A link beside it can remember the image, if it is there before upper is.',
  ],
  solution: './steps/05-overlayfs/solutions/3-again',
  others: [
    String.raw`
      if [ "$1" = -n ]; then
        name=$2 keep=yes; shift 2
        case $name in */* | .* | '') echo "not a name: $name" >&2; exit 125 ;; esac
        dir=/var/lib/fold/$name
        mkdir -p -m 700 $dir
        # The link is made by one alone, and leads to the process that made it.
        until ln -s /proc/$$ $dir/runs 2>/dev/null; do
          [ ! -e $dir/runs ] || { echo "$name is running" >&2; exit 125; }
          rm -f $dir/runs
        done
      else
        mkdir -p -m 700 /var/lib/fold
        dir=$(mktemp -d /var/lib/fold/.XXXXXX) keep=
      fi
      image=$(realpath "$1"); shift
      [ -e $dir/image ] || ln -s "$image" $dir/image
      if [ "$(readlink $dir/image)" != "$image" ]; then
        rm -f $dir/runs
        echo "$name has another image" >&2
        exit 125
      fi
      mkdir -p $dir/upper $dir/work $dir/merged
      chmod --reference="$image" $dir/upper
      setpriv --pdeathsig KILL unshare --uts --ipc --net --pid --fork --kill-child --mount bash -c '
        mount -t overlay overlay -o lowerdir=$1,upperdir=$2/upper,workdir=$2/work $2/merged && cd $2/merged && shift 2 &&
        mount -t proc proc proc && pivot_root . . && umount -l . && "$@"' bash "$image" "$dir" "$@"
      status=$?
      rm -f $dir/runs
      [ -n "$keep" ] || rm -rf $dir
      exit $status
    `,
  ],
});
