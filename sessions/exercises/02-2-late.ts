import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'mend',
  title: 'The interface that comes too late',
  task:
    'The script /home/learner/fold runs a program in a network namespace of its own and gives it an interface, wool0, from outside. ' +
    'sudo ~/fold sh -c "sleep 1; ip link" shows it. A program that is faster, as in sudo ~/fold ip link, runs without it. Mend the ' +
    'script, so that whatever it runs has the interface from its first moment on, however long it takes to make one. As now, the ' +
    'script ends with the exit status of the program, which gets its arguments as they are.',
  setUp: String.raw`
    cat >/home/learner/fold <<'END'
    #!/bin/sh
    # fold PROGRAM [ARGUMENT...] runs a program with a network and an interface of its own.
    unshare --net "$@" &
    program=$!
    sleep 0.3 # a busy machine
    ip link add wool0 netns $program type dummy
    wait $program
    END
    chmod 755 /home/learner/fold
    chown learner: /home/learner/fold
  `,
  check: String.raw`
    folder=$(mktemp --directory)
    trap "rm --recursive $folder" EXIT
    # An ip that takes its time, another one each time.
    cat >$folder/ip <<'END'
    #!/bin/sh
    sleep $(cat /run/slow)
    exec /usr/sbin/ip "$@"
    END
    chmod 755 $folder/ip
    fold() { PATH=$folder:$PATH timeout 20 /home/learner/fold "$@" 2>&1 </dev/null; }
    echo 0 >/run/slow
    for slow in 0 0 0.6 1.2; do
      echo $slow >/run/slow
      said=$(fold sh -c 'test -e /proc/sys/net/ipv4/conf/wool0 && echo has wool0')
      case $said in
        *'has wool0'*) ;;
        *)
          missing "A fast program has no wool0 where ip takes $slow s to make it. The script says: $(head -n 1 <<<"$said")"
          break
          ;;
      esac
    done
    echo 0 >/run/slow
    inside=$(fold readlink /proc/self/ns/net)
    case $inside in
      *"$(readlink /proc/self/ns/net)") missing 'The program is in the network namespace of the machine.' ;;
    esac
    [ ! -e /proc/sys/net/ipv4/conf/wool0 ] || { missing 'The interface wool0 is on the machine itself.'; ip link delete wool0; }
    fold sh -c 'exit 42' >/dev/null
    ended=$?
    [ $ended -eq 42 ] || missing "When the program ends with status 42, the script ends with $ended."
    said=$(fold sh -c 'echo "$1"' sh 'two  words')
    [ "$said" = 'two  words' ] || missing "Arguments do not arrive as they are: $said"
  `,
  // On a busy machine a program that should be first may come second, so that a later round tells.
  undone: /A fast program has no wool0 where ip takes (0|0\.6|1\.2) s/,
  attempts: [
    {
      // A pause helps as long as the machine is not busier than that.
      run: `sed -i 's/^unshare --net "$@"/unshare --net sh -c '\\''sleep 0.8; exec "$@"'\\'' sh "$@"/' ~/fold`,
      missing: /where ip takes (0|0\.6|1\.2) s/,
    },
    {run: `printf '#!/bin/sh\nip link add wool0 type dummy\nexec "$@"\n' >~/fold`, missing: /in the network namespace of the machine/},
  ],
  hints: [
    'The program must not be what the new process begins with. It begins with a shell that waits until it is told to go on, and ' +
      'becomes the program then, with exec.',
    'A named pipe makes it wait: mkfifo makes one, and who reads from it is held until somebody has opened it to write, and reads ' +
      'on until that one has closed it.',
    'unshare --net sh -c \'read go <"$0"; exec "$@"\' "$pipe" "$@" & starts it, and after ip link add: echo go >"$pipe". Make the pipe ' +
      'before, with pipe=$(mktemp --dry-run) and mkfifo "$pipe", and take it away at the end.',
  ],
  solution: String.raw`
    cat >~/fold <<'END'
    #!/bin/sh
    # fold PROGRAM [ARGUMENT...] runs a program with a network and an interface of its own.
    pipe=$(mktemp --dry-run)
    mkfifo "$pipe"
    unshare --net sh -c 'read go <"$0" && exec "$@"' "$pipe" "$@" &
    program=$!
    sleep 0.3 # a busy machine
    # It is its own namespace that the interface goes to, once it has one.
    while [ "$(readlink /proc/$program/ns/net)" = "$(readlink /proc/$$/ns/net)" ]; do sleep 0.01; done
    ip link add wool0 netns $program type dummy && echo go >"$pipe" || kill $program
    rm "$pipe"
    wait $program
    END
  `,
});
