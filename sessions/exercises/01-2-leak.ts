import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'mend',
  title: 'Keep a mount from leaking out',
  task:
    'The command pasture opens a shell of root on a host of its own, whose mounts are shared, as systemd leaves them. Somebody has run ' +
    '/home/learner/pen there, a script that gives a program a /proc of its own. Since then ps fails on that host. Give the ' +
    'host back its list of processes. Then mend the script, so that what it runs still has its own /proc, and the host keeps its own.',
  setUp: String.raw`
    [ ! -f /run/pasture ] || kill $(cat /run/pasture)
    cat >/home/learner/pen <<'END'
    #!/bin/sh
    # pen PROGRAM [ARGUMENT...] runs a program that sees its own processes alone.
    exec unshare --mount --propagation unchanged --pid --fork \
      sh -c 'mount -t proc proc /proc && exec "$@"' sh "$@"
    END
    cat >/usr/local/bin/pasture <<'END'
    #!/bin/bash
    # pasture [COMMAND...] runs a command on the host of the exercise, a shell unless told otherwise.
    [ $# -gt 0 ] || set -- env 'PS1=root@pasture:\w# ' bash --norc
    exec sudo nsenter --target $(cat /run/pasture) --mount --uts "$@"
    END
    chmod 755 /home/learner/pen /usr/local/bin/pasture
    chown learner: /home/learner/pen
    unshare --mount --uts --propagation shared sh -c 'hostname pasture; exec sleep infinity' </dev/null >/dev/null 2>&1 &
    until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.05; done
    echo $! >/run/pasture
    pasture /home/learner/pen true
  `,
  check: String.raw`
    host=$(cat /run/pasture)
    if [ ! -e /proc/$host ]; then
      missing 'The host of the exercise is gone. Type exit, and start the exercise again.'
      exit 1
    fi
    # Field 5 is where a mount hangs: proc_pid_mountinfo(5).
    mounted=$(cut -d ' ' -f 5 /proc/$host/mountinfo | grep --count --line-regexp /proc)
    if [ $mounted -gt 1 ]; then
      missing "In pasture, $mounted file systems are mounted on /proc, each over the one before. The host's own is the lowest."
    elif ! nsenter --target $host --mount test -e /proc/$host; then
      missing 'In pasture, /proc does not show the processes of the host.'
    fi

    # The script is tried on another host, so that this one stays as it is.
    unshare --mount --uts --propagation shared sleep infinity </dev/null >/dev/null 2>&1 &
    other=$!
    trap "kill $other" EXIT
    until [ "$(cat /proc/$other/comm)" = sleep ]; do sleep 0.05; done
    before=$(cat /proc/$other/mountinfo)
    pen() { timeout 20 nsenter --target $other --mount /home/learner/pen "$@" </dev/null; }
    if [ "$(pen echo runs 2>/dev/null)" != runs ]; then
      missing "/home/learner/pen no longer runs a program: $(pen echo runs 2>&1 | head -n 1)"
    elif ! pen sh -c "test -e /proc/1 && test ! -e /proc/$other"; then
      missing 'What /home/learner/pen runs has no /proc of its own: it sees the processes of the host.'
    fi
    after=$(cat /proc/$other/mountinfo)
    if [ "$before" != "$after" ]; then
      leaked=$(comm -13 <(sort <<<"$before") <(sort <<<"$after") | head -n 1)
      missing "What /home/learner/pen mounts still reaches the host it is run on: $leaked"
    fi
  `,
  undone: /2 file systems are mounted on \/proc[^]*still reaches the host it is run on: .* shared:/,
  attempts: [
    // What ps advises.
    {run: 'pasture mount -t proc proc /proc', missing: /3 file systems are mounted on \/proc/},
    {run: 'pasture umount /proc', missing: /^Not done yet:\n- What \/home\/learner\/pen mounts still reaches/},
    {run: 'pasture umount /proc && pasture umount /proc', missing: /does not show the processes of the host/},
    {run: `pasture umount /proc && sed -i 's/mount -t proc proc .proc && //' ~/pen`, missing: /has no \/proc of its own/},
    {run: 'pasture umount /proc && echo exit >~/pen', missing: /no longer runs a program/},
  ],
  hints: [
    'Type pasture, and read what ps says there. Then leave that shell and look at what is mounted on its /proc, from outside, ' +
      'where /proc works: sudo grep " /proc " /proc/$(cat /run/pasture)/mountinfo',
    'The upper mount came out of the namespace that the script made, because there it was as shared as on the host. umount takes ' +
      'it off. In the script, the mounts have to be private before something is mounted: mount(8), --make-rprivate.',
    'pasture umount /proc takes the cover off. In the script, put mount --make-rprivate / && before mount -t proc, with vi ~/pen. ' +
      'Or leave out --propagation unchanged: private is what unshare does by itself.',
  ],
  solution: String.raw`
    pasture umount /proc
    sed -i 's/mount -t proc/mount --make-rprivate \/ \&\& mount -t proc/' ~/pen
  `,
});
