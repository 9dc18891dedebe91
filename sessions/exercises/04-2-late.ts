import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'mend',
  title: 'The limit that comes too late',
  task:
    'The script /home/learner/fold runs a program in a group of its own, which may have 64 MB of memory. sudo ~/fold sh -c "sleep 1; cat ' +
    '/proc/self/cgroup" shows it. A program that is faster, as in sudo ~/fold cat /proc/self/cgroup, runs outside, and what it starts there ' +
    'stays outside. Mend the script, so that whatever it runs is in the group from its first moment on, however long it takes to make ' +
    'one. As now, the script ends with the exit status of the program, which gets its arguments as they are, and takes the group away ' +
    'at the end.',
  setUp: String.raw`
    cat >/home/learner/fold <<'END'
    #!/bin/sh
    # fold PROGRAM [ARGUMENT...] runs a program in a group of its own, with 64 MB.
    "$@" &
    program=$!
    group=/sys/fs/cgroup/fold-$program
    mkdir $group
    echo 64M >$group/memory.max
    echo $program >$group/cgroup.procs
    wait $program
    status=$?
    rmdir $group
    exit $status
    END
    chmod 755 /home/learner/fold
    chown learner: /home/learner/fold
  `,
  check: String.raw`
    folder=$(mktemp --directory)
    trap "rm --recursive $folder" EXIT
    # A mkdir that takes its time, another one each time.
    cat >$folder/mkdir <<'END'
    #!/bin/sh
    sleep $(cat /run/slow)
    exec /usr/bin/mkdir "$@"
    END
    chmod 755 $folder/mkdir
    fold() { PATH=$folder:$PATH timeout 20 /home/learner/fold "$@" 2>&1 </dev/null; }
    groups() { find /sys/fs/cgroup -type d | sort; }
    before=$(groups)
    mine=$(cat /proc/self/cgroup)
    echo 0 >/run/slow
    for slow in 0 0 0.6 1.2; do
      echo $slow >/run/slow
      # The first that the program starts is to be in the group with it.
      said=$(fold sh -c 'read -r group </proc/self/cgroup; echo in "$group"; read -r limit <"/sys/fs/cgroup${'$'}{group#0::}/memory.max"; echo limit $limit')
      group=$(sed --quiet 's/^in //p' <<<"$said")
      if [ -z "$group" ]; then
        missing "The script does not run a program. It says: $(head -n 1 <<<"$said")"
        exit 1
      elif [ "$group" = "$mine" ]; then
        missing "A fast program is outside of any group where mkdir takes $slow s to make one."
        break
      elif ! grep --quiet '^limit 67108864$' <<<"$said"; then
        missing "A fast program is in a group without its limit of 64 MB where mkdir takes $slow s to make one."
        break
      fi
    done
    echo 0 >/run/slow
    # The second begins while the first is there.
    two=$(fold sh -c 'cat /proc/self/cgroup; "$0" cat /proc/self/cgroup' /home/learner/fold | grep '^0::')
    [ "$(sort --unique <<<"$two" | wc --lines)" = 2 ] ||
      missing "Of two programs at the same time, each is to have a group of its own. They say: $(tr '\n' ' ' <<<"$two")"
    [ "$mine" = "$(cat /proc/self/cgroup)" ] || missing 'Who calls the script is in the group afterwards.'
    fold sh -c 'exit 42' >/dev/null
    ended=$?
    [ $ended -eq 42 ] || missing "When the program ends with status 42, the script ends with $ended."
    said=$(fold sh -c 'echo "$1"' sh 'two  words' | tail --lines 1)
    [ "$said" = 'two  words' ] || missing "Arguments do not arrive as they are: $said"
    left=$(comm -13 <(echo "$before") <(groups))
    [ -z "$left" ] || missing "The script leaves a group: $(head -n 1 <<<"$left")"
    while read -r name; do [ -z "$name" ] || rmdir $name; done < <(sort --reverse <<<"$left")
  `,
  // On a busy machine a program that should be first may come second, so that a later round tells.
  undone: /A fast program is (outside of any group|in a group without its limit of 64 MB) where mkdir takes (0|0\.6|1\.2) s/,
  attempts: [
    {
      // A pause helps as long as the machine is not busier than that.
      run: `sed -i 's/^"$@" &/sh -c '\\''sleep 0.8; exec "$@"'\\'' sh "$@" \\&/' ~/fold`,
      missing: /A fast program is outside of any group where mkdir takes (0|0\.6|1\.2) s/,
    },
    {
      run: String.raw`
        cat >~/fold <<'END'
        #!/bin/sh
        group=/sys/fs/cgroup/fold
        mkdir -p $group
        echo 64M >$group/memory.max
        echo $$ >$group/cgroup.procs
        exec "$@"
        END
      `,
      missing: /^Not done yet:\n- Of two programs at the same time, [^\n]*\n- The script leaves a group: \/sys\/fs\/cgroup\/fold\nNeed/,
    },
  ],
  hints: [
    'A new process begins in the group of the one that starts it. So the group has to be there, with its limit, before there is the ' +
      'program, and its name cannot be the PID of the program.',
    'The program must not be what the new process begins with. It begins with a shell that writes its own PID, $$, to cgroup.procs, ' +
      'and becomes the program then, with exec. Its PID stays, and so does its group.',
    `group=/sys/fs/cgroup/fold-$$, mkdir and the limit come first. Then: sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' $group "$@", and ` +
      'its exit status, and rmdir.',
  ],
  solution: String.raw`
    cat >~/fold <<'END'
    #!/bin/sh
    # fold PROGRAM [ARGUMENT...] runs a program in a group of its own, with 64 MB.
    group=/sys/fs/cgroup/fold-$$
    mkdir $group
    echo 64M >$group/memory.max
    sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' $group "$@"
    status=$?
    echo 1 >$group/cgroup.kill
    until rmdir $group 2>/dev/null; do sleep 0.1; done
    exit $status
    END
  `,
});
