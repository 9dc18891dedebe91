import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'stage',
  title: 'A group of its own',
  task:
    'Build the last stage of the chapter: PATH [--memory SIZE] [--pids-limit N] [--cpus N] [--cpu-shares N] ROOT PROGRAM [ARGUMENT...], ' +
    'started by root, runs PROGRAM in a root, in namespaces and in a group of its own. The group has the limits before PROGRAM begins, ' +
    'and all that PROGRAM starts is in it. Swap does not add to the memory. Shares become weights as runc does it: 2, 512, 1024 and 262144 ' +
    'are 1, 59, 100 and 10000. A value that the kernel refuses ends PATH, with a status that is not 0. Inside, the group is the top of ' +
    'what is seen: /proc/self/cgroup says 0::/. At the end, PATH kills whoever is left in the group, removes it with all groups below, ' +
    'and says in a line on standard error if processes were killed for memory, and in another if new ones were refused. It ends with the ' +
    'status of PROGRAM. Any language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  begin: './steps/04-cgroups/3-cpu',
  check: String.raw`
    program=$1
    folder=$(mktemp --directory)
    mark=$RANDOM$RANDOM
    finish() {
      cd /
      pkill -KILL --full "^sleep [789]$mark$" # what is left when the check ends early
      rm --recursive $folder
    }
    trap finish EXIT
    cd $folder
    mkdir root root/bin root/proc root/dev
    cp /usr/bin/busybox root/bin
    chroot root /bin/busybox --install -s /bin
    mknod --mode 666 root/dev/null c 1 3
    mknod --mode 666 root/dev/zero c 1 5
    mine=$(cat /proc/self/cgroup)
    run() { timeout 60 "$program" "$@" 2>errors </dev/null; }
    groups() { find /sys/fs/cgroup -type d | sort; }

    said=$(run $folder/root sh -c 'cat /proc/self/cgroup; exit 42')
    status=$?
    if [ -z "$said" ]; then
      missing "PATH ROOT sh does not run the sh that is in ROOT. It says: $(head -n 1 errors)"
      exit 1
    fi
    [ $status -eq 42 ] || missing "When PROGRAM ends with 42, PATH ends with $status."
    [ "$said" = 0::/ ] || missing "Inside, /proc/self/cgroup says $said, not 0::/."
    [ ! -s errors ] || missing "PATH says something although no limit was met: $(head -n 1 errors)"
    # A group of all containers may be there by now, and stay.
    before=$(groups)

    # Starts a container with two processes that it starts first of all. Sets: outer, inner, and the group.
    start() {
      "$program" "$@" $folder/root sh -c "sleep 7$mark & sleep 8$mark & wait" </dev/null >/dev/null 2>&1 &
      outer=$!
      for tries in {1..100}; do
        inner=$(pgrep --exact --full "sleep 7$mark") && second=$(pgrep --exact --full "sleep 8$mark") && break
        sleep 0.1
      done
      if [ -z "$second" ]; then
        missing "PATH $* does not run PROGRAM."
        exit 1
      fi
      group=/sys/fs/cgroup$(sed --quiet 's/^0:://p' /proc/$inner/cgroup)
    }
    # Lets it end, and waits for that.
    stop() {
      pkill -KILL --full "^sleep [789]$mark$"
      for tries in {1..200}; do [ -e /proc/$outer ] || break; sleep 0.1; done
      kill -KILL $outer 2>/dev/null && missing 'PATH goes on when PROGRAM has ended.'
      wait $outer 2>/dev/null
    }
    start --memory 64M --pids-limit 20 --cpus 0.5 --cpu-shares 512
    if [ "0::${'$'}{group#/sys/fs/cgroup}" = "$mine" ]; then
      missing 'PROGRAM, or what it starts first, is in no group of its own.'
      stop
      exit 1
    fi
    while read -r file wanted; do
      is=$(cat $group/$file)
      [ "$is" = "$wanted" ] || missing "With --memory 64M --pids-limit 20 --cpus 0.5 --cpu-shares 512, the group's $file is $is, not $wanted."
    done <<'END'
    memory.max 67108864
    memory.swap.max 0
    pids.max 20
    cpu.weight 59
    END
    read -r quota period <$group/cpu.max
    [ "$((quota * 2))" = "$period" ] || missing "With --cpus 0.5, the group's cpu.max is $quota $period."
    for at in /proc/[0-9]*; do
      [ "$(readlink $at/ns/pid)" = "$(readlink /proc/$inner/ns/pid)" ] || continue
      case /sys/fs/cgroup$(sed --quiet 's/^0:://p' $at/cgroup) in
        $group | $group/*) ;;
        *) missing "Of the container, $(tr '\0' ' ' <$at/cmdline) is not in the group." ;;
      esac
    done
    # Somebody from outside joins, and there is a group below.
    mkdir $group/below
    sleep 9$mark &
    other=$!
    disown $other # so that bash does not report its end
    echo $other >$group/below/cgroup.procs
    pkill -KILL --full "^sleep [78]$mark$"
    for tries in {1..200}; do [ -e /proc/$outer ] || break; sleep 0.1; done
    [ ! -e /proc/$other ] || missing 'A process that has joined the group goes on when PATH has ended.'
    stop
    # Now and then is not enough.
    for round in 1 2 3 4 5; do
      start --memory 64M
      for pid in $inner $second; do
        [ "$(cat /proc/$pid/cgroup)" != "$mine" ] || { missing 'What PROGRAM starts first is in no group of its own, now and then.'; round=last; }
      done
      stop
      [ $round != last ] || break
    done

    take='head -c 40m /dev/zero | tail >/dev/null'
    run --memory 24M $folder/root sh -c "$take" >/dev/null
    ended=$?
    [ $ended -eq 137 ] || missing "With --memory 24M, a PROGRAM that takes 40 MB ends with $ended, not with 137."
    grep --quiet --ignore-case 'kill.*memory\|memory.*kill' errors || missing 'PATH does not say that a process was killed for memory.'
    run $folder/root sh -c "$take" >/dev/null
    ended=$?
    [ $ended -eq 0 ] || missing "Without a limit, a PROGRAM that takes 40 MB ends with $ended."
    said=$(run --pids-limit 20 $folder/root sh -c 'for i in $(seq 30); do sleep 60 & done; echo all')
    [ -z "$said" ] || missing 'With --pids-limit 20, PROGRAM starts 30 processes.'
    grep --quiet --ignore-case 'refuse' errors || missing 'PATH does not say that new processes were refused.'
    for option in '--memory 64X' '--pids-limit -1' '--cpus 0.001' '--cpu-shares 300000'; do
      ! run $option $folder/root true || missing "PATH $option ends with 0, but the kernel refuses that."
    done
    left=$(comm -13 <(echo "$before") <(groups))
    [ -z "$left" ] || missing "PATH leaves a group: $(head -n 1 <<<"$left")"
    while read -r name; do [ -z "$name" ] || { echo 1 >$name/cgroup.kill; sleep 0.2; rmdir $name; }; done < <(sort --reverse <<<"$left")
  `,
  undone:
    /Inside, \/proc\/self\/cgroup says 0::\/fold\/\d+, not 0::\/\.[^]*A process that has joined the group goes on[^]*PATH leaves a group/,
  attempts: [
    {
      program: './steps/04-cgroups/4-birth',
      missing:
        /^Not done yet:\n- Inside, [^\n]*\n- A process that has joined [^\n]*\n- PATH does not say that a process was killed[^\n]*\n- PATH does not say that new [^\n]*\n- PATH leaves a group: [^\n]*\nNeed/,
    },
    {
      // Moves the process into the group when it is there.
      program: String.raw`
        while :; do
          case $1 in
            --*) shift 2 ;;
            *) break ;;
          esac
        done
        group=/sys/fs/cgroup/pen-$$
        mkdir $group
        root=$1; shift
        unshare --cgroup --mount-proc=$root/proc --pid --fork --kill-child chroot $root "$@" &
        program=$!
        sleep 0.3
        echo $program >$group/cgroup.procs
        wait $program
        status=$?
        rmdir $group
        exit $status
      `,
      missing: /PROGRAM, or what it starts first, is in no group of its own/,
    },
  ],
  hints: [
    'The check says what is missing, a line each. The stages of the chapter come in the order in which a program grows.',
    'Make the group below an inner one that has no processes, hand controllers down to both, and write the limits. Then start the second ' +
      'process in it, with CLONE_INTO_CGROUP and CLONE_NEWCGROUP: UseCgroupFD, CgroupFD and Cloneflags in Go.',
    'At the end, oom_kill of memory.events and max of pids.events say what happened. Write 1 to cgroup.kill, remove the groups below ' +
      'first, and try again while rmdir says EBUSY.',
  ],
  solution: './steps/04-cgroups',
  others: [
    String.raw`
      memory=max pids=max cpu='max 100000' weight=100
      while :; do
        case $1 in
          --memory) memory=$2 ;;
          --pids-limit) pids=$2 ;;
          --cpus) cpu="$(busybox awk "BEGIN { printf \"%.0f\", $2 * 100000 }") 100000" ;;
          --cpu-shares)
            # By hand, since the busybox of many systems has no log and no power.
            weight=$(busybox awk "BEGIN {
              for (x = $2; x >= 2; x /= 2) l++
              for (f = 0.5; f > 1e-12; f /= 2) { x *= x; if (x >= 2) { x /= 2; l += f } }
              y = (l * l + 125 * l - 126) / 612
              for (w = 1; y >= 1; y--) w *= 10
              for (i = term = sum = 1; i < 40; i++) { term *= y * 2.302585092994046 / i; sum += term }
              w = w * sum - 1e-6
              print int(w) + (w > int(w))
            }")
            ;;
          *) break ;;
        esac
        shift 2
      done
      root=$1; shift
      pens=/sys/fs/cgroup/pens
      group=$pens/$$
      mkdir --parents $pens
      for parent in /sys/fs/cgroup $pens; do echo '+cpu +memory +pids' >$parent/cgroup.subtree_control || exit 125; done
      mkdir $group || exit 125
      { echo $memory >$group/memory.max && echo $pids >$group/pids.max && echo $cpu >$group/cpu.max &&
        echo $weight >$group/cpu.weight; } || { rmdir $group; exit 125; }
      [ $memory = max ] || echo 0 >$group/memory.swap.max
      bash -c '
        echo 0 >$0/cgroup.procs
        exec unshare --cgroup --uts --ipc --net --pid --fork --kill-child --mount bash -c "
          mount --rbind \$0 \$0 && cd \$0 && mount -t proc proc proc && pivot_root . . && umount -l . && exec \"\$@\"" "$@"' $group $root "$@"
      status=$?
      killed=$(sed -n 's/^oom_kill //p' $group/memory.events)
      refused=$(sed -n 's/^max //p' $group/pids.events)
      [ $killed = 0 ] || echo "processes killed for memory: $killed" >&2
      [ $refused = 0 ] || echo "new processes refused: $refused" >&2
      echo 1 >$group/cgroup.kill
      while [ -d $group ]; do find $group -depth -type d -exec rmdir '{}' ';' 2>/dev/null; done
      exit $status
    `,
  ],
});
