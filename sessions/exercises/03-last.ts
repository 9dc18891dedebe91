import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'stage',
  title: 'A root of its own',
  task:
    'Build the last stage of the chapter: PATH ROOT PROGRAM [ARGUMENT...], started by root, runs PROGRAM in namespaces whose root is the ' +
    'directory ROOT. It finds there proc, sysfs, a /tmp, and a /dev with null, zero, full, random, urandom, tty, pts, shm, and the links ' +
    'fd, stdin, stdout, stderr and ptmx. Devices are for everybody, whatever umask PATH is started with, which is that of PROGRAM, too. ' +
    'Device nodes that lie in ROOT do not open. /proc/kcore, /proc/keys and /sys/firmware are empty; /proc/sys and /proc/sysrq-trigger ' +
    'cannot be written. No path leads to the host, and no mount reaches it. PATH ends with the status of PROGRAM, and with 127 when there ' +
    'is no such program. Any language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  programs: ['./steps/03-pivot-root/escape'],
  begin: './steps/03-pivot-root/1-chroot',
  check: String.raw`
    program=$1
    folder=$(mktemp --directory)
    trap "cd /; rm --recursive $folder" EXIT
    cd $folder
    mkdir root root/bin root/proc
    cp /usr/bin/busybox /usr/local/bin/escape root/bin
    chroot root /bin/busybox --install -s /bin
    mknod --mode 666 root/null c 1 3
    mounts=$(cat /proc/self/mountinfo)
    run() { timeout 30 "$program" $folder/root "$@" 2>errors </dev/null; }

    umask 0077
    said=$(run sh -c '
      echo runs
      umask
      for name in null zero full random urandom tty; do echo device $name $(stat -c "%a %t:%T" /dev/$name); done
      for name in fd stdin stdout stderr ptmx; do echo link $name $(readlink /dev/$name); done
      cut -d " " -f 5 /proc/self/mountinfo | sed "s/^/mounted /"
      for at in /repo /*/repo /.. /proc/1/root /proc/1/cwd/..; do [ ! -e $at/repo ] || echo $at shows the host; done
      (cat /null) && echo the device /null opens
      [ -z "$(head -c 9 /proc/kcore)" ] || echo /proc/kcore is not empty
      [ -z "$(head -c 9 /proc/keys)" ] || echo /proc/keys is not empty
      [ -z "$(ls /sys/firmware)" ] || echo /sys/firmware is not empty
      (: >>/proc/sys/kernel/hostname) && echo /proc/sys can be written
      (: >>/proc/sysrq-trigger) && echo /proc/sysrq-trigger can be written
      exit 42')
    status=$?
    if [ "$(head -n 1 <<<"$said")" != runs ]; then
      missing "PATH ROOT sh does not run the sh that is in ROOT. It says: $(head -n 1 errors)"
      exit 1
    fi
    [ $status -eq 42 ] || missing "When PROGRAM ends with 42, PATH ends with $status."
    [ "$(sed --quiet 2p <<<"$said")" = 0077 ] || missing "PATH was started with umask 0077, and PROGRAM has $(sed --quiet 2p <<<"$said")."
    while read -r line; do
      grep --quiet --line-regexp "$line" <<<"$said" || missing "Inside, this is not so: $line"
    done <<'END'
    device null 666 1:3
    device zero 666 1:5
    device full 666 1:7
    device random 666 1:8
    device urandom 666 1:9
    device tty 666 5:0
    link fd /proc/self/fd
    link stdin /proc/self/fd/0
    link stdout /proc/self/fd/1
    link stderr /proc/self/fd/2
    link ptmx .*pts/ptmx
    mounted /proc
    mounted /sys
    mounted /tmp
    mounted /dev
    mounted /dev/pts
    mounted /dev/shm
    END
    while read -r line; do missing "Inside, $line."; done < <(
      grep --extended-regexp '^mounted /(etc|mnt|repo|run|usr)|host$|opens$|empty$|written$' <<<"$said")
    ! run escape ls / | grep --quiet --line-regexp repo || missing 'With escape, PROGRAM leaves its root.'
    run /no/such/program
    ended=$?
    [ $ended -eq 127 ] || missing "When there is no such program, PATH ends with $ended, not with 127."
    [ "$mounts" = "$(cat /proc/self/mountinfo)" ] || missing 'A mount made inside has reached the host.'
    left=$(ls --almost-all root | grep --invert-match --line-regexp --extended-regexp 'bin|proc|null|linuxrc|dev|sys|tmp')
    [ -z "$left" ] || missing "PATH leaves something in ROOT: $left"
  `,
  undone: /Inside, this is not so: device null 666 1:3[^]*Inside, \/proc\/keys is not empty[^]*With escape, PROGRAM leaves its root/,
  attempts: [
    {
      program: './steps/03-pivot-root/4-devices',
      missing: /^Not done yet:\n- Inside, the device \/null opens\.\n[^]*\n- Inside, \/proc\/sysrq-trigger can be written\.\nNeed help/,
    },
  ],
  hints: [
    'The check says what is missing, a line each. The stages of the chapter come in the order in which a program grows.',
    'The root: mounts private, ROOT bound on itself, pivot_root(".", "."), then umount2(".", MNT_DETACH). What is mounted in between is in ' +
      'the new root. For mknod the umask is 0, and afterwards as before.',
    'mount_setattr(2) with MOUNT_ATTR_NODEV closes ROOT to devices, and with MOUNT_ATTR_RDONLY a bind of /proc/sys on itself to writing. ' +
      '/dev/null bound over a file makes it empty, and a new tmpfs a directory.',
  ],
  solution: './steps/03-pivot-root',
  others: [
    String.raw`
      root=$1; shift
      exec unshare --uts --ipc --net --pid --fork --kill-child --mount bash -c '
        cd "$1" && shift
        quiet() { "$@" 2>/dev/null; }
        mkdir -p proc sys tmp dev
        mount --rbind . . && cd "$PWD" && mount -o remount,bind,nodev .
        mount -t proc proc proc && mount -t sysfs -o ro sysfs sys && mount -t tmpfs tmp tmp
        mount -t tmpfs -o mode=755 dev dev && mkdir dev/pts dev/shm
        mount -t devpts -o newinstance,ptmxmode=666,mode=620 pts dev/pts && mount -t tmpfs shm dev/shm
        while read -r name major minor; do mknod -m 666 dev/$name c $major $minor; done <<<"null 1 3
      zero 1 5
      full 1 7
      random 1 8
      urandom 1 9
      tty 5 0"
        ln -s /proc/self/fd dev/fd && ln -s pts/ptmx dev/ptmx
        ln -s /proc/self/fd/0 dev/stdin && ln -s /proc/self/fd/1 dev/stdout && ln -s /proc/self/fd/2 dev/stderr
        for file in proc/kcore proc/keys; do mount --bind dev/null $file; done
        mount -t tmpfs -o ro none sys/firmware
        for at in proc/sys proc/sysrq-trigger; do mount --bind $at $at && mount -o remount,bind,ro $at; done
        pivot_root . . && umount -l . && "$@"' bash "$root" "$@"
    `,
  ],
});
