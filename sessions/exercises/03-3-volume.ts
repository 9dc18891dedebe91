import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'extend',
  title: 'A directory of the host',
  task:
    'Give the last stage of the chapter an option that may be there several times: PATH -v HOST:CONTAINER ROOT PROGRAM [ARGUMENT...] ' +
    'makes the directory HOST of the host appear at CONTAINER, with what is mounted below it. CONTAINER is made if it is missing. With ' +
    '-v HOST:CONTAINER:ro, nothing there can be written, nor in what is mounted below. A link that lies in ROOT must not make PATH touch ' +
    'a directory of the host that nobody named. Any language will do.',
  lab: false,
  why: 'The program has to be built, and there is no compiler in the page.',
  begin: './steps/03-pivot-root',
  check: String.raw`
    program=$1
    folder=$(mktemp --directory)
    trap "cd /; umount --lazy $folder/pasture/lake; rm --recursive $folder" EXIT
    cd $folder
    mkdir root root/bin root/proc outside pasture pasture/lake
    cp /usr/bin/busybox root/bin
    chroot root /bin/busybox --install -s /bin
    ln --symbolic $folder/outside root/link
    mount -t tmpfs water pasture/lake
    echo white | tee pasture/wool >pasture/lake/fish
    mounts=$(cat /proc/self/mountinfo)
    run() { timeout 30 "$program" "$@" 2>errors </dev/null; }
    at=$folder/pasture

    said=$(run -v $at:/srv/data -v $at:/ro:ro $folder/root sh -c '
      cat /srv/data/wool /srv/data/lake/fish /ro/lake/fish
      (echo brown >/ro/wool) && echo /ro/wool can be written
      (echo brown >/ro/lake/fish) && echo /ro/lake/fish can be written
      for at in /repo /*/repo; do [ ! -e $at ] || echo $at can be seen; done
      echo black >/srv/data/wool
      exit 42')
    status=$?
    if [ $status -ne 42 ] || [ "$(head -n 3 <<<"$said")" != "$(printf 'white\nwhite\nwhite')" ]; then
      missing "PATH -v HOST:/srv/data -v HOST:/ro:ro does not run PROGRAM with HOST and its mounts there, or ends with $status instead of its 42. It says: $(head -n 1 errors)"
      exit 1
    fi
    ! grep written <<<"$said" >said || missing "With -v HOST:/ro:ro, $(tr '\n' ' ' <said)"
    ! grep seen <<<"$said" >said || missing "What is the host's and was not named, $(tr '\n' ' ' <said)"
    [ "$(cat pasture/wool)" = black ] || missing 'What is written to the directory inside is not in that of the host.'
    [ -z "$(ls root/srv/data)" ] || missing 'The directory was copied: it lies in ROOT now.'
    run -v $at:/link/in $folder/root true
    [ -z "$(ls outside)" ] || missing "A link in ROOT leads to the host, where there is a new directory: $folder/outside/$(ls outside)"
    [ "$mounts" = "$(cat /proc/self/mountinfo)" ] || missing 'A mount has reached the host.'
  `,
  undone: /-v HOST:\/ro:ro does not run PROGRAM with HOST and its mounts there, or ends with 125 instead of its 42/,
  attempts: [
    {
      // The option is there, but ro is for the top alone, and links are followed.
      program: String.raw`
        binds=
        while [ "$1" = -v ]; do binds="$binds $2"; shift 2; done
        root=$1; shift
        exec unshare --mount --pid --fork --kill-child bash -c '
          binds=$1 root=$2; shift 2
          mount --rbind $root $root
          cd $root
          for bind in $binds; do
            IFS=: read -r host at how <<<$bind
            mkdir --parents ./$at && mount --rbind $host ./$at
            [ "$how" != ro ] || mount -o remount,bind,ro ./$at
          done
          mount -t proc proc proc && pivot_root . . && umount -l . && exec "$@"' bash "$binds" "$root" "$@"
      `,
      missing: /^Not done yet:\n- With -v HOST:\/ro:ro, \/ro\/lake\/fish can be written[^]*\n- A link in ROOT leads to the host/,
    },
  ],
  hints: [
    'The source has a name only as long as the old root is there, and the target is safe to look up only once it is gone. A descriptor ' +
      'outlasts that.',
    'open_tree(2) with OPEN_TREE_CLONE and AT_RECURSIVE makes a copy of a mount and of what is mounted below. It belongs to a descriptor, ' +
      'and is in no tree of mounts until move_mount(2) puts it somewhere.',
    'Before pivot_root: unix.OpenTree, and for ro unix.MountSetattr on the descriptor, with AT_EMPTY_PATH, AT_RECURSIVE and ' +
      'MOUNT_ATTR_RDONLY. After the old root is detached: os.MkdirAll, and unix.MoveMount with MOVE_MOUNT_F_EMPTY_PATH.',
  ],
  solution: './steps/03-pivot-root/solutions/3-volume',
  others: [
    String.raw`
      binds=
      while [ "$1" = -v ]; do binds="$binds $2"; shift 2; done
      root=$1; shift
      exec unshare --mount --pid --fork --kill-child bash -c '
        binds=$1 root=$2; shift 2
        mount --rbind $root $root
        cd $root
        for bind in $binds; do
          IFS=: read -r host at how <<<$bind
          [ "$(realpath --canonicalize-missing ./$at)" = "$root$at" ] || exit 125
          mkdir --parents ./$at && mount --rbind $host ./$at
          [ "$how" != ro ] || for mount in $(findmnt --raw --noheadings --output TARGET --submounts $root$at); do
            mount -o remount,bind,ro $mount
          done
        done
        mount -t proc proc proc && pivot_root . . && umount -l . && exec "$@"' bash "$binds" "$root" "$@"
    `,
  ],
});
