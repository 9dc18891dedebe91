import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'stage',
  title: 'Two halves and a PID 1',
  task:
    'Build the last stage of the chapter: PATH PROGRAM [ARGUMENT...], started by root, runs PROGRAM in UTS, PID, mount, IPC and network ' +
    'namespaces of its own, as the child of a PID 1 that reaps orphans and passes SIGTERM on. PATH ends with the exit status of PROGRAM, ' +
    'with 128 + n when signal n killed it, and with 127 when there is no such program. PROGRAM has no descriptor that was open outside but ' +
    'the standard three, and the environment of PATH alone. When PATH is killed, all that it started ends. Any language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  begin: './steps/02-reexec/4-pipe',
  check: String.raw`
    program=$1
    run() { timeout 30 "$program" "$@" </dev/null; }
    inside() { run sh -c "$@" 2>&1; }
    mounts=$(cat /proc/self/mountinfo)

    said=$(inside true)
    status=$?
    if [ $status -ne 0 ]; then
      missing "PATH true ends with status $status, not with 0. It says: $(head -n 1 <<<"$said")"
      exit 1
    fi
    [ "$(inside 'echo $PPID')" = 1 ] || missing "The parent of PROGRAM is process $(inside 'echo $PPID'), not PID 1."
    inside '
      for i in 1 2 3; do (sleep 0.1 &); done
      for i in $(seq 40); do set -- /proc/[0-9]*; [ $# -gt 2 ] || exit 0; sleep 0.1; done
      exit 1' >/dev/null || missing 'Orphans that have ended are still there: PID 1 has to wait for them.'
    for script in 'exit 42' 'kill -KILL $$'; do
      wanted=42
      [ "$script" = 'exit 42' ] || wanted=137
      inside "$script" >/dev/null
      ended=$?
      [ $ended -eq $wanted ] || missing "When PROGRAM does $script, PATH ends with $ended, not with $wanted."
    done
    run /no/such/program >/dev/null 2>&1
    ended=$?
    [ $ended -eq 127 ] || missing "When there is no such program, PATH ends with $ended, not with 127."
    said=$(exec 7</proc; inside 'readlink /proc/self/fd/7 /proc/1/fd/7')
    [ -z "$said" ] || missing "Descriptor 7, which was open outside, is open inside: $(head -n 1 <<<"$said")"
    said=$(timeout 30 env --ignore-environment PATH="$PATH" WOOL=white "$program" env </dev/null 2>&1 |
      grep --invert-match --extended-regexp '^(PATH|WOOL|PWD|SHLVL|_|OLDPWD)=')
    [ -z "$said" ] || missing "PROGRAM has more in its environment than PATH: $(head -n 1 <<<"$said")"
    inside 'mount -t tmpfs wool /mnt' >/dev/null
    [ "$mounts" = "$(cat /proc/self/mountinfo)" ] || missing 'A mount made inside has reached the outside.'

    # Starts a program with a name that no other has. Sets: outer, the process of PATH, and inner, that of PROGRAM.
    start() {
      mark="600.$RANDOM$RANDOM"
      "$program" sh -c "trap 'exit 3' TERM; sleep $mark & while :; do wait; done" </dev/null >/dev/null 2>&1 &
      outer=$!
      for tries in {1..100}; do
        inner=$(pgrep --exact --full "sleep $mark") && return
        sleep 0.1
      done
      missing 'PATH does not run PROGRAM.'
      exit 1
    }
    start
    parent=$(ps --pid $inner --format ppid= | tr -d ' ')
    kill -TERM $(ps --pid $parent --format ppid= | tr -d ' ')
    { # bash reports the end of what is killed
      for tries in {1..50}; do [ -e /proc/$inner ] || break; sleep 0.1; done
      if [ -e /proc/$inner ]; then
        missing 'SIGTERM to PID 1 does not reach PROGRAM.'
        kill -KILL $outer $inner
      fi
      wait $outer
      ended=$?
    } 2>/dev/null
    [ $ended -eq 3 ] || missing "PROGRAM ends with 3 when it gets SIGTERM; PATH ends with $ended."
    start
    disown $outer # so that bash does not report its end
    kill -KILL $outer
    for tries in {1..30}; do
      [ -e /proc/$inner ] || break
      sleep 0.1
    done
    if [ -e /proc/$inner ]; then
      missing 'When PATH is killed, PROGRAM goes on.'
      kill -KILL $inner
    fi
  `,
  undone: /The parent of PROGRAM is process 0, not PID 1\.[^]*Descriptor 7, which was open outside/,
  attempts: [
    {program: './steps/02-reexec/5-init', missing: /^Not done yet:\n- When there is no such program, PATH ends with 125[^]*Descriptor 7/},
    {
      program: 'exec unshare --uts --ipc --net --pid --fork --kill-child --mount-proc "$@"',
      missing: /The parent of PROGRAM is process 0, not PID 1/,
    },
  ],
  hints: [
    'The check says what is missing, a line each. The stages of the chapter come in the order in which a program grows.',
    'PID 1 starts PROGRAM as its child and waits for whatever child ends, with wait4(-1), until that one is PROGRAM. Before, it has signals ' +
      'sent to a channel, and passes them on.',
    'close_range(3, ~0, CLOSE_RANGE_CLOEXEC) keeps descriptors from the next program; both halves call it first of all. The ' +
      'configuration and the errors go through pipes, which are descriptors 3 and 4 of the second process.',
  ],
  solution: './steps/02-reexec',
  others: [
    String.raw`exec unshare --uts --ipc --net --pid --fork --kill-child --mount-proc bash -c '
      for link in /proc/$$/fd/*; do
        fd=$(basename $link)
        [ $fd -le 2 ] || eval "exec $fd<&-"
      done
      "$@" & program=$!
      trap "kill -TERM $program; again=1" TERM # and wait has ended too early
      again=1
      while [ $again ]; do again=; wait $program; status=$?; done
      exit $status' bash "$@"`,
  ],
});
