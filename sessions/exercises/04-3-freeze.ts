import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'extend',
  title: 'Pause',
  task:
    'Give the last stage of the chapter two commands: PATH pause PID stops all processes of the container that the process PID runs, a PATH ' +
    'ROOT PROGRAM that is still there, and PATH unpause PID lets them go on. As with docker pause, they get no signal, ' +
    'and whatever they start is stopped, too. PATH pause ends when they stand still, not before. Other containers go on. When there is no ' +
    'such container, PATH ends with a status that is not 0. Any language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  begin: './steps/04-cgroups',
  check: String.raw`
    program=$1
    folder=$(mktemp --directory)
    started=
    finish() {
      cd /
      for pid in $started; do timeout 30 "$program" unpause $pid; done >/dev/null 2>&1
      pkill -KILL --full '^sh -c while .*/(dolly|molly)$'
      for pid in $started; do
        for tries in {1..100}; do [ -e /proc/$pid ] || break; sleep 0.1; done
        kill -KILL $pid 2>/dev/null
      done
      rm --recursive $folder
    }
    trap finish EXIT
    cd $folder
    mkdir root root/bin root/proc
    cp /usr/bin/busybox root/bin
    chroot root /bin/busybox --install -s /bin

    # Starts a container that makes a file longer all the time. Sets: pid, the process of PATH.
    start() {
      "$program" $folder/root sh -c "while :; do true & wait; echo; done >/$1" </dev/null >/dev/null 2>>errors &
      pid=$!
      disown $pid
      started="$started $pid"
      for tries in {1..100}; do [ -s root/$1 ] && return; sleep 0.1; done
      missing "PATH ROOT sh does not run the sh that is in ROOT. It says: $(head -n 1 errors)"
      exit 1
    }
    length() { stat --format %s root/$1; }
    # Reports whether a file becomes longer, within ten seconds.
    grows() {
      local before=$(length $1)
      for tries in {1..100}; do [ $(length $1) = $before ] || return 0; sleep 0.1; done
      return 1
    }

    start dolly
    dolly=$pid
    start molly
    said=$(timeout 30 "$program" pause $dolly 2>&1 </dev/null)
    status=$?
    before=$(length dolly)
    if [ $status -ne 0 ]; then
      missing "PATH pause PID ends with status $status, not with 0. It says: $(head -n 1 <<<"$said")"
      exit 1
    fi
    sleep 1
    [ $(length dolly) = $before ] || missing 'After PATH pause PID, the container goes on.'
    for inner in $(pgrep --full "^sh -c while .*/dolly$"); do
      ! grep --quiet '^State:.*stopped' /proc/$inner/status || { missing 'It is a signal that stops the processes, which they can notice.'; break; }
    done
    grows molly || missing 'After PATH pause PID, another container stands still, too.'
    said=$(timeout 30 "$program" unpause $dolly 2>&1 </dev/null)
    status=$?
    [ $status -eq 0 ] || missing "PATH unpause PID ends with status $status, not with 0. It says: $(head -n 1 <<<"$said")"
    grows dolly || missing 'After PATH unpause PID, the container does not go on.'
    # More often, since a process may be about to start another.
    for round in 1 2 3 4 5; do
      timeout 30 "$program" pause $dolly >/dev/null 2>&1 </dev/null
      before=$(length dolly)
      sleep 0.3
      [ $(length dolly) = $before ] || { missing 'After PATH pause PID, now and then the container goes on.'; break; }
      timeout 30 "$program" unpause $dolly >/dev/null 2>&1 </dev/null
      grows dolly || { missing 'After PATH unpause PID, now and then the container does not go on.'; break; }
    done
    ! timeout 30 "$program" pause $$ >/dev/null 2>&1 </dev/null || missing 'PATH pause PID ends with 0 although there is no such container.'
    timeout 30 "$program" $folder/root sh -c 'exit 42' >/dev/null 2>&1 </dev/null
    ended=$?
    [ $ended -eq 42 ] || missing "When PROGRAM ends with 42, PATH ends with $ended."
  `,
  undone: /PATH pause PID ends with status 125, not with 0\. It says: 04-cgroups: find the root/,
  attempts: [
    {
      // Signals, to those that are there just now.
      program: String.raw`
        case $1 in
          pause | unpause)
            signal=CONT
            [ $1 = unpause ] || signal=STOP
            cd /sys/fs/cgroup/pens/$2 || exit 125
            exec kill -$signal $(cat cgroup.procs)
            ;;
        esac
        group=/sys/fs/cgroup/pens/$$
        mkdir --parents $group
        root=$1; shift
        unshare --mount --pid --fork --kill-child bash -c 'echo $$ >$0/cgroup.procs; exec chroot "$@"' $group $root "$@"
        status=$?
        echo 1 >$group/cgroup.kill
        until rmdir $group; do sleep 0.1; done
        exit $status
      `,
      missing: /It is a signal that stops the processes, which they can notice/,
    },
    {
      // All containers at once.
      program: String.raw`
        case $1 in
          pause) exec sh -c 'echo 1 >/sys/fs/cgroup/pens/cgroup.freeze' ;;
          unpause) exec sh -c 'echo 0 >/sys/fs/cgroup/pens/cgroup.freeze' ;;
        esac
        group=/sys/fs/cgroup/pens/$$
        mkdir --parents $group
        root=$1; shift
        unshare --mount --pid --fork --kill-child bash -c 'echo 0 >$0/cgroup.procs; exec chroot "$@"' $group $root "$@"
        status=$?
        echo 1 >$group/cgroup.kill
        until rmdir $group; do sleep 0.1; done
        exit $status
      `,
      missing:
        /- After PATH pause PID, another container stands still, too\.\n[^]*- PATH pause PID ends with 0 although there is no such container/,
    },
  ],
  hints: [
    'A group can be frozen as a whole: each has a file cgroup.freeze. The group of a container has the PID of its PATH in its name.',
    'Writing 1 to cgroup.freeze returns at once, while processes may still run. When all of them stand still, the line of cgroup.events ' +
      'that begins with frozen says 1.',
    'After the write, read cgroup.events until it says frozen 1, and sleep in between with poll(2): unix.Poll with POLLPRI returns when ' +
      'the file has changed since it was read last. Thawing is the same with 0.',
  ],
  solution: './steps/04-cgroups/solutions/3-freeze',
  others: [
    String.raw`
      case $1 in
        pause | unpause)
          value=0
          [ $1 = unpause ] || value=1
          cd /sys/fs/cgroup/pens/$2 && echo $value >cgroup.freeze || exit 125
          until grep --quiet "frozen $value" cgroup.events; do sleep 0.05; done
          exit
          ;;
      esac
      group=/sys/fs/cgroup/pens/$$
      mkdir --parents $group
      root=$1; shift
      unshare --mount --pid --fork --kill-child bash -c 'echo 0 >$0/cgroup.procs; exec chroot "$@"' $group $root "$@"
      status=$?
      echo 1 >$group/cgroup.kill
      until rmdir $group; do sleep 0.1; done
      exit $status
    `,
  ],
});
