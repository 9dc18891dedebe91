import {defineExercise} from '../script.ts';

/** Which limit of the group has been met: by the first word of ~/answer, the file of the limit, and how often. */
const find = String.raw`
  cd /sys/fs/cgroup/shearing
  if [ $(sed -n 's/^oom_kill //p' memory.events) -gt 0 ]; then
    which=memory file=memory.max enough=40M often=$(sed -n 's/^oom_kill //p' memory.events)
  elif [ $(sed -n 's/^max //p' pids.events) -gt 0 ]; then
    which=pids file=pids.max enough=40 often=$(sed -n 's/^max //p' pids.events)
  else
    which=cpu file=cpu.max enough='1000000 100000' often=$(sed -n 's/^nr_throttled //p' cpu.stat)
  fi
  set_to() { echo "$2" | sudo tee $1 >/dev/null; }
`;

export default defineExercise({
  kind: 'observe',
  title: 'Which limit was it?',
  task:
    'The program shear does its work in the group /sys/fs/cgroup/shearing, and has done so several times. Each time it met one of the ' +
    "group's limits: of memory, of processes, or of CPU time. Find out from the group's files which one, and how often: how many processes " +
    'were killed, how many new ones refused, or in how many periods the group was throttled. Write that into the file ~/answer as a word ' +
    'and a number: memory, pids or cpu, and how often. Then raise that limit, and no other, until a further sudo shear does not meet it. ' +
    'There has to be a limit still.',
  setUp: String.raw`
    rm --force /home/learner/answer
    group=/sys/fs/cgroup/shearing
    [ ! -d $group ] || rmdir $group
    mkdir $group
    cat >/usr/local/bin/shear <<'END'
    #!/bin/bash
    # shear [GROUP] takes memory, starts processes and uses CPU time, in a group.
    echo $$ >/sys/fs/cgroup/${'$'}{1:-shearing}/cgroup.procs || exit
    wool=$(head --bytes 10M /dev/zero | tail | wc --bytes)
    for sheep in {1..8}; do sleep 0.2 & done
    wait
    [ $wool = 10485760 ] || echo 'shear: some of the wool is lost' >&2
    END
    chmod 755 /usr/local/bin/shear
    # Another one each time, and another number.
    memory=48M pids=48 cpu='1000000 100000'
    case $(shuf --input-range 1-3 --head-count 1) in
      1) memory=6M ;;
      2) pids=5 ;;
      3) cpu='20000 100000' ;;
    esac
    echo $memory >$group/memory.max
    echo 0 >$group/memory.swap.max
    echo $pids >$group/pids.max
    echo $cpu >$group/cpu.max
    for file in memory.max memory.swap.max pids.max cpu.max; do echo "$file $(cat $group/$file)"; done >/run/shearing
    for day in $(seq $(shuf --input-range 2-4 --head-count 1)); do shear >/dev/null 2>&1; done
  `,
  check: String.raw`
    group=/sys/fs/cgroup/shearing
    if [ ! -d $group ]; then
      missing "There is no group $group any more. Type exit, and start the exercise again."
      exit 1
    fi
    if [ ! -f /home/learner/answer ]; then
      missing 'There is no file ~/answer yet. It is to hold a word and a number.'
      exit 1
    fi
    read -r which often rest </home/learner/answer
    if ! [[ $which =~ ^(memory|pids|cpu)$ && $often =~ ^[0-9]+$ && -z $rest ]]; then
      missing 'What ~/answer holds is not one of memory, pids and cpu, and a number, as in cpu 4711.'
      exit 1
    fi
    events() {
      case $2 in
        memory) sed --quiet 's/^oom_kill //p' $1/memory.events ;;
        pids) sed --quiet 's/^max //p' $1/pids.events ;;
        cpu) sed --quiet 's/^nr_throttled //p' $1/cpu.stat ;;
      esac
    }
    now=$(events $group $which)
    if [ $now -eq 0 ]; then
      missing "The limit of $which has never been met."
      exit 1
    fi
    [ $now -eq $often ] || missing "The limit of $which has been met another number of times than $often. (Each further shear may meet it again.)"
    while read -r file was; do
      is=$(cat $group/$file)
      [ "$is" != "$was" ] || continue
      [ $file = $which.max ] || [ $file = memory.swap.max -a $which = memory ] || missing "$file was $was, and is $is. Nobody met that limit."
    done </run/shearing
    case $(cat $group/$which.max) in
      max*) missing "There is no limit of $which any more." ;;
    esac

    # Whether it is met is tried in a group of its own, so that the numbers stay.
    trial=/sys/fs/cgroup/trial
    mkdir $trial
    for file in memory.max memory.swap.max pids.max cpu.max; do cat $group/$file >$trial/$file; done
    timeout 60 /usr/local/bin/shear trial >/dev/null 2>&1
    # A machine that stands still for a moment may make up leeway, and be throttled for it.
    for limit in 'memory 0' 'pids 0' 'cpu 2'; do
      set -- $limit
      [ $(events $trial $1) -le $2 ] || missing "With the limits as they are, shear meets that of $1."
    done
    echo 1 >$trial/cgroup.kill
    until rmdir $trial 2>/dev/null; do sleep 0.1; done
  `,
  undone: /There is no file ~\/answer yet/,
  attempts: [
    {
      run: `${find}
        echo $which $often >~/answer`,
      missing: /^Not done yet:\n- With the limits as they are, shear meets that of (memory|pids|cpu)\.\nNeed/,
    },
    {
      run: `${find}
        echo $which $((often + 1)) >~/answer
        set_to $file "$enough"`,
      missing: /^Not done yet:\n- The limit of (memory|pids|cpu) has been met another number of times than[^\n]*\nNeed/,
    },
    {
      run: `${find}
        [ $which = memory ] && other=pids || other=memory
        echo $other $often >~/answer`,
      missing: /^Not done yet:\n- The limit of (memory|pids) has never been met\.\nNeed/,
    },
    {
      run: `${find}
        echo $which $often >~/answer
        set_to memory.max 60M
        set_to pids.max 60
        set_to cpu.max '2000000 100000'`,
      missing: /^Not done yet:\n(- (memory|pids|cpu)\.max was [^\n]*, and is [^\n]*\. Nobody met that limit\.\n){2}Need/,
    },
    {
      run: `${find}
        echo $which $often >~/answer
        set_to $file max`,
      missing: /^Not done yet:\n- There is no limit of (memory|pids|cpu) any more\.\nNeed/,
    },
  ],
  hints: [
    'A group has a file of limits and a file of events for each controller: memory.max and memory.events, pids.max and pids.events. What ' +
      'was throttled is in cpu.stat, and the limit in cpu.max. cd /sys/fs/cgroup/shearing, and look: grep . *.max *.events cpu.stat',
    'Killed processes are oom_kill in memory.events; the line max beside it counts how often memory had to be reclaimed, which is no ' +
      'harm yet. Refused ones are max in pids.events. Throttled periods are nr_throttled in cpu.stat. Two of the three are 0.',
    'echo memory 3 >~/answer, with the word and the number that you found. Then one of: echo 40M | sudo tee memory.max, echo 40 | sudo tee ' +
      "pids.max, echo '1000000 100000' | sudo tee cpu.max. The last is ten CPUs, which is more than this machine has.",
  ],
  solution: `${find}
    echo $which $often >~/answer
    set_to $file "$enough"
  `,
});
