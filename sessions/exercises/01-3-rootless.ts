import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'extend',
  title: 'A container without root',
  task:
    'Change the program of the chapter so that an ordinary user can start it: PATH PROGRAM [ARGUMENT...] runs PROGRAM as root of a ' +
    'user namespace, where id -u prints 0 and a new file belongs to the user outside. As before, the hostname inside is sheep, ' +
    'PROGRAM is PID 1, /proc lists no process of the outside, and PATH ends with the exit status of PROGRAM. Any language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  begin: './steps/01-namespaces',
  check: String.raw`
    folder=$(mktemp --directory)
    trap "rm --recursive $folder" EXIT
    chown learner: $folder
    # The program, started by the ordinary user.
    run() { timeout 30 setpriv --reuid=learner --regid=learner --init-groups --reset-env "$@" </dev/null; }
    run "$1" true >$folder/said 2>&1
    status=$?
    if [ $status -ne 0 ]; then
      missing "started by learner, PATH true ends with status $status, not with 0. It says: $(head -n 1 $folder/said)"
      exit 1
    fi
    inside() { run "$program" sh -c "$@" 2>&1; }
    program=$1
    [ "$(inside 'id -u')" = 0 ] || missing "Inside, id -u prints $(inside 'id -u'), not 0."
    inside "touch $folder/made" >/dev/null
    owner=$(stat --format %U $folder/made 2>&1)
    [ "$owner" = learner ] || missing "A file that PROGRAM makes belongs to $owner outside, not to learner."
    [ "$(inside hostname)" = sheep ] || missing "Inside, hostname prints $(inside hostname), not sheep."
    [ "$(inside 'echo $$')" = 1 ] || missing "PROGRAM is process $(inside 'echo $$') inside, not 1."
    [ "$(inside 'cd /proc; echo [0-9]*')" = 1 ] || missing 'Inside, /proc lists other processes than PROGRAM. Is it a new one?'
    for status in 0 42; do
      inside "exit $status" >/dev/null
      ended=$?
      [ $ended -eq $status ] || missing "When PROGRAM ends with status $status, PATH ends with $ended."
    done
  `,
  undone: /started by learner, PATH true ends with status 125.* operation not permitted/,
  attempts: [
    {program: 'exec unshare --map-root-user --fork --pid --mount-proc "$@"', missing: /Inside, hostname prints meadow, not sheep/},
    {
      program: `exec sudo unshare --uts --pid --fork --mount-proc sh -c 'hostname sheep && exec "$@"' sh "$@"`,
      missing: /^Not done yet:\n- A file that PROGRAM makes belongs to root outside, not to learner\.\nNeed/,
    },
    {
      program: `unshare --map-root-user --uts --pid --fork sh -c 'hostname sheep && exec "$@"' sh "$@"; exit 0`,
      missing: /\/proc lists other processes[^]*When PROGRAM ends with status 42, PATH ends with 0/,
    },
  ],
  hints: [
    'One more flag of clone(2) makes a user namespace: CLONE_NEWUSER. The kernel makes it before the others, and whoever is root in ' +
      'it may make those: user_namespaces(7).',
    'With the flag alone, setting the hostname fails: nobody in the new namespace has an ID yet. An ID inside has to stand for one ' +
      'outside. In Go, SysProcAttr has the fields UidMappings and GidMappings; in C, write to /proc/PID/uid_map, and deny to ' +
      '/proc/PID/setgroups before you write to gid_map.',
    'Map one ID, your own, to 0: ContainerID 0, HostID os.Getuid(), Size 1, and the same for the group.',
  ],
  solution: './steps/01-namespaces/solutions/3-rootless',
  others: [`exec unshare --map-root-user --uts --ipc --net --pid --fork --mount --mount-proc sh -c 'hostname sheep && exec "$@"' sh "$@"`],
});
