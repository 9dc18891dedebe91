import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'extend',
  title: 'A binary that nobody inside can change',
  task:
    'With enter, PATH -into PID PROGRAM [ARGUMENT...] runs PROGRAM in the PID namespace of the process PID. Whoever is root in there ' +
    'finds the second process of PATH in /proc, opens the file that it runs from through /proc/NUMBER/exe, waits until PATH has ' +
    'ended, and writes to it: the next one who runs PATH on the host runs that. Change the program, so that what can be opened there ' +
    'can never be changed. As before, PROGRAM is in the namespace, and PATH ends with its exit status. Any language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  begin: './steps/02-reexec/enter',
  check: String.raw`
    folder=$(mktemp --directory)
    cp "$1" $folder/program
    unshare --pid --fork --kill-child --mount-proc sleep infinity </dev/null >/dev/null 2>&1 &
    outer=$!
    disown $outer
    trap "kill -KILL $outer; rm --recursive $folder" EXIT
    until pid=$(pgrep --parent $outer) && [ "$(cat /proc/$pid/comm)" = sleep ]; do sleep 0.05; done
    run() { timeout 30 $folder/program -into $pid "$@" </dev/null; }

    said=$(run sh -c 'readlink /proc/self/ns/pid; exit 42' 2>&1)
    status=$?
    if [ $status -ne 42 ] || [ "$said" != "$(readlink /proc/$pid/ns/pid)" ]; then
      missing "PATH -into PID does not run PROGRAM in the namespace of PID, or ends with $status instead of its 42. It says: $(head -n 1 <<<"$said")"
      exit 1
    fi

    # All that is seen in the namespace while PATH runs, and is neither its first process nor PROGRAM, is opened.
    mark="600.$RANDOM$RANDOM"
    before=$(sha256sum <$folder/program)
    run sleep $mark >/dev/null 2>&1 &
    running=$!
    for tries in {1..100}; do
      inner=$(pgrep --exact --full "sleep $mark") && break
      sleep 0.1
    done
    if [ -z "$inner" ]; then
      missing 'PATH -into PID sleep does not run sleep.'
      exit 1
    fi
    nsenter --target $pid --pid --mount bash -c '
      number=10
      for exe in /proc/[0-9]*/exe; do
        case $exe in /proc/1/exe | /proc/self/exe | /proc/$$/exe) continue ;; esac
        # What all programs of the machine run from is not what is meant.
        case $(readlink $exe) in /usr/bin/* | /bin/*) continue ;; esac
        eval "exec $number<\$exe" && number=$((number + 1))
      done
      touch '$folder'/opened
      until [ -e '$folder'/ended ]; do sleep 0.05; done
      while [ $number -gt 10 ]; do
        number=$((number - 1))
        for tries in {1..10}; do # it is busy as long as a process runs from it
          printf "#!/bin/sh\necho wolf\n" >/proc/self/fd/$number && break
          sleep 0.1
        done
      done' >/dev/null 2>&1 &
    attack=$!
    until [ -e $folder/opened ]; do sleep 0.05; done
    kill $inner
    wait $running
    touch $folder/ended
    wait $attack
    if [ "$before" != "$(sha256sum <$folder/program)" ]; then
      missing "Root of the container has changed the program. Run on the host, it now says: $($folder/program true 2>&1 | head -n 1)"
    fi
  `,
  undone: /Root of the container has changed the program\. Run on the host, it now says: wolf/,
  attempts: [{program: 'shift 2; exec "$@"', missing: /does not run PROGRAM in the namespace of PID/}],
  hints: [
    'What /proc/NUMBER/exe leads to is the file that the second process was started from. It need not be the file of PATH: a copy will do, ' +
      'as long as nobody can write to the copy either.',
    'memfd_create(2) makes a file in memory, which may be executed through /proc/self/fd/NUMBER. fcntl(2), F_ADD_SEALS, forbids to ' +
      'write to it, for ever and for everybody.',
    'In Go: unix.MemfdCreate with MFD_CLOEXEC, MFD_ALLOW_SEALING and MFD_EXEC; io.Copy from /proc/self/exe; unix.FcntlInt with ' +
      'F_ADD_SEALS and the seals F_SEAL_WRITE, F_SEAL_GROW, F_SEAL_SHRINK, F_SEAL_SEAL. Hand the file over as the third of ' +
      'cmd.ExtraFiles, and start /proc/self/fd/5.',
  ],
  solution: './steps/02-reexec/solutions/3-sealed',
  others: ['pid=$2; shift 2; exec nsenter --target "$pid" --pid unshare --mount --uts --mount-proc "$@"'],
});
