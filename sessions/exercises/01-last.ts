import {defineExercise} from '../script.ts';

/** A mistake in shell: unshare(1) with options, and a command that prepares what is inside. */
const unshare = (options: string, before = 'hostname sheep'): string => `exec unshare ${options} sh -c '${before} && exec "$@"' sh "$@"`;

export default defineExercise({
  kind: 'stage',
  title: 'The fifty lines',
  task:
    'Build the last stage of the chapter: PATH PROGRAM [ARGUMENT...], started by root, runs PROGRAM with a hostname (sheep), a list of ' +
    'processes (it is PID 1), mounts, System V queues and a network (lo alone) of its own. Nothing of it is seen outside, not even ' +
    'where mounts are shared. PATH ends with the exit status of PROGRAM, and with another than 0 when a signal killed it. When PATH ' +
    'is killed, all that it started ends. Any language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  begin: './steps/01-namespaces/4-inside',
  check: String.raw`
    program=$1
    # A host that differs from a new one in each thing: shared mounts, as systemd leaves them, and a second interface.
    unshare --mount --uts --ipc --net --propagation shared \
      sh -c 'hostname host; ip link add outside type bridge; exec sleep infinity' </dev/null >/dev/null 2>&1 &
    host=$!
    trap "kill $host" EXIT
    until [ "$(cat /proc/$host/comm)" = sleep ]; do sleep 0.05; done
    on_host() { nsenter --target $host --mount --uts --ipc --net "$@"; }
    run() { timeout 30 nsenter --target $host --mount --uts --ipc --net "$program" "$@"; }
    inside() { run sh -c "$@" 2>&1 </dev/null; }

    said=$(inside true)
    status=$?
    if [ $status -ne 0 ]; then
      [ -n "$said" ] || said=nothing
      missing "PATH true ends with status $status, not with 0. It says: $(head -n 1 <<<"$said")"
      exit 1
    fi
    mounts=$(cat /proc/$host/mountinfo)

    [ "$(inside hostname)" = sheep ] || missing "Inside, hostname prints $(inside hostname), not sheep."
    [ "$(inside 'echo $$')" = 1 ] || missing "PROGRAM is process $(inside 'echo $$') inside, not 1."
    [ "$(inside 'cd /proc; echo [0-9]*')" = 1 ] || missing 'Inside, /proc lists other processes than PROGRAM. Is it a new one?'
    interfaces=$(inside 'ip -o link' | cut -d ' ' -f 2 | tr -d '\n')
    [ "$interfaces" = lo: ] || missing "Inside, ip link lists $interfaces where lo alone is wanted."
    case $(inside 'readlink /proc/self/ns/ipc') in
      "$(readlink /proc/$host/ns/ipc)" | '') missing 'PROGRAM has the IPC namespace of the outside.' ;;
    esac

    [ "$(on_host hostname)" = host ] || missing "The hostname outside has become $(on_host hostname)."
    inside 'mount -t tmpfs wool /mnt' >/dev/null
    now=$(cat /proc/$host/mountinfo)
    if [ "$mounts" != "$now" ]; then
      missing "A mount made inside has reached the outside: $(comm -13 <(sort <<<"$mounts") <(sort <<<"$now") | head -n 1)"
    fi

    for status in 0 42; do
      inside "exit $status" >/dev/null
      ended=$?
      [ $ended -eq $status ] || missing "When PROGRAM ends with status $status, PATH ends with $ended."
    done
    said=$(echo given | run sh -c 'cat; echo "$1"' sh 'two  words' 2>&1)
    [ "$said" = $'given\ntwo  words' ] || missing "Standard input or arguments do not arrive as they are: $said"

    # Starts a program with a name that no other has. Sets: outer, the process of PATH, and inner, that of PROGRAM.
    start() {
      local mark="600.$RANDOM$RANDOM" tries
      nsenter --target $host --mount --uts --ipc --net "$program" sleep $mark </dev/null >/dev/null 2>&1 &
      outer=$!
      for tries in {1..100}; do
        inner=$(pgrep --exact --full "sleep $mark") && return
        sleep 0.1
      done
      missing 'PATH sleep does not run sleep.'
      exit 1
    }
    start
    kill -KILL $inner
    if wait $outer; then missing 'When a signal kills PROGRAM, PATH ends with status 0.'; fi 2>/dev/null
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
  undone: /ip link lists lo:outside: where lo alone is wanted[^]*When PROGRAM ends with status 42, PATH ends with 1\./,
  attempts: [
    {program: './steps/01-namespaces/1-hostname', missing: /hostname prints host, not sheep[^]*PROGRAM is process \d\d+ inside, not 1/},
    {program: unshare('--uts --ipc --net --mount --pid --fork --kill-child'), missing: /Inside, \/proc lists other processes/},
    {program: unshare('--uts --net --mount-proc --pid --fork --kill-child'), missing: /has the IPC namespace of the outside/},
    {
      program: unshare('--uts --ipc --net --mount-proc --pid --fork'),
      missing: /^Not done yet:\n- When PATH is killed, PROGRAM goes on\.\nNeed/,
    },
    {program: unshare('--ipc --net --mount-proc --pid --fork --kill-child'), missing: /The hostname outside has become sheep/},
    {
      program: unshare(
        '--uts --ipc --net --mount --propagation unchanged --pid --fork --kill-child',
        'hostname sheep && mount -t proc proc /proc',
      ),
      missing: /A mount made inside has reached the outside: .* shared:/,
    },
    {
      program: `unshare --uts --ipc --net --mount-proc --pid --fork sh -c 'hostname sheep; exec $*' sh "$@"; exit 3`,
      missing: /PATH true ends with status 3, not with 0/,
    },
  ],
  hints: [
    'The check says what is missing, a line each. Take them from above: the stages of the chapter come in the same order.',
    'Network and IPC are two more flags of clone(2): CLONE_NEWNET and CLONE_NEWIPC. The exit status is what wait(2) tells your first ' +
      'process of its child: pass it on with exit(3). Where a signal killed it, a shell reports 128 + n, and so may you.',
    'That all ends with PATH is PR_SET_PDEATHSIG of prctl(2), Pdeathsig in Go: the kernel sends it to the child when the thread ends ' +
      'that started it. In Go, keep that thread: runtime.LockOSThread. When PID 1 ends, the kernel ends all others.',
  ],
  solution: './steps/01-namespaces',
  others: [unshare('--uts --ipc --net --pid --fork --kill-child --mount-proc')],
});
