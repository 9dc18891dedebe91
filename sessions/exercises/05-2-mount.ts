import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'mend',
  title: 'Wrong fs type, bad option',
  task:
    'The script /home/learner/fold is to mount an overlay on /mnt/merged: an image below, and a directory for changes above. ' +
    'sudo ~/fold shows what it says instead. There are several causes for that, and here is one of them, another one each time. Find it ' +
    'with the kernel’s help, and mend the script. The image stays where it is, and as it is.',
  setUp: String.raw`
    while mountpoint --quiet /mnt; do umount --lazy /mnt; done
    mount -t tmpfs -o mode=755 wool /mnt
    mkdir --parents /mnt/image/bin /mnt/image/etc /mnt/dolly/upper /mnt/dolly/work /mnt/merged
    echo 127.0.0.1 localhost >/mnt/image/etc/hosts
    lower=/mnt/image upper=/mnt/dolly/upper work=/mnt/dolly/work
    case $(shuf --input-range 1-4 --head-count 1) in
      1) work=/run/work && mkdir --parents /run/work ;;
      2)
        mkdir /mnt/under
        mount -t overlay overlay -o lowerdir=/mnt/under,upperdir=/mnt/dolly/upper,workdir=/mnt/dolly/work /mnt/under
        mkdir /mnt/under/upper /mnt/under/work
        upper=/mnt/under/upper work=/mnt/under/work
        ;;
      3) mv /mnt/image /mnt/image,1 && lower=/mnt/image,1 ;;
      4) mkdir /mnt/dolly/upper/work && work=/mnt/dolly/upper/work ;;
    esac
    cat >/home/learner/fold <<END
    #!/bin/sh
    # fold mounts an image, with a directory for changes over it, on /mnt/merged.
    exec mount -t overlay overlay -o lowerdir=$lower,upperdir=$upper,workdir=$work /mnt/merged
    END
    sed --in-place 's/^ *//' /home/learner/fold
    chmod 755 /home/learner/fold
    chown learner: /home/learner/fold
  `,
  check: String.raw`
    image=$(echo /mnt/image*)
    state() { find "$image" -printf '%P %M %s\n' -type f -exec cat {} +; }
    while mountpoint --quiet /mnt/merged; do umount --lazy /mnt/merged; done
    before=$(state)
    said=$(timeout 20 /home/learner/fold 2>&1 </dev/null)
    status=$?
    if [ $status -ne 0 ] || ! mountpoint --quiet /mnt/merged; then
      missing "sudo ~/fold mounts nothing on /mnt/merged. It ends with $status, and says: $(head -n 1 <<<"$said")"
      missing "The last line of the kernel about it: $(dmesg | grep overlayfs | tail -n 1 | sed 's/.*\] //')"
      exit 1
    fi
    kind=$(findmnt --noheadings --output FSTYPE --mountpoint /mnt/merged | tail -n 1)
    [ "$kind" = overlay ] || missing "What is mounted on /mnt/merged is of the kind $kind."
    [ "$(cat /mnt/merged/etc/hosts 2>&1)" = "$(cat "$image/etc/hosts")" ] || missing 'The files of the image are not in /mnt/merged.'
    if ! (echo wool >/mnt/merged/etc/wool) 2>/dev/null; then
      missing 'Nothing can be written to /mnt/merged.'
      exit 1
    fi
    rm --force /mnt/merged/etc/hosts
    [ "$(state)" = "$before" ] || missing 'What is changed in /mnt/merged changes the image.'
    umount /mnt/merged
    # The next time everything is as it was.
    timeout 20 /home/learner/fold >/dev/null 2>&1 </dev/null
    [ "$(cat /mnt/merged/etc/wool 2>&1)" = wool ] || missing 'A change is lost when /mnt/merged is unmounted and sudo ~/fold runs again.'
    rm --force /mnt/merged/etc/wool
    cp "$image/etc/hosts" /mnt/merged/etc/hosts
  `,
  undone:
    /sudo ~\/fold mounts nothing on \/mnt\/merged\. It ends with 32, and says: mount: \/mnt\/merged: wrong fs type, bad option[^]*overlayfs: /,
  attempts: [
    {
      run: `printf '#!/bin/sh\\nexec mount --bind /mnt/image* /mnt/merged\\n' >~/fold`,
      missing: /is of the kind tmpfs[^]*changes the image/,
    },
    {
      run: String.raw`
        cat >~/fold <<'END'
        #!/bin/sh
        lower=$(echo /mnt/image* | sed 's/,/\\,/')
        exec mount -t overlay overlay -o "lowerdir=/mnt/dolly:$lower" /mnt/merged
        END
      `,
      missing: /Nothing can be written/,
    },
  ],
  hints: [
    'mount(8) cannot know more than "invalid argument", which is one error for many causes. The kernel writes the cause into its log: ' +
      'sudo dmesg | tail -n 1.',
    'upper and work have to be two directories on one mount, neither inside the other, and not on an overlay. A comma in a path ends the ' +
      'option: a backslash before it, in single quotes, takes that meaning from it.',
    'A script that works in all four cases has upper and work in new directories of /mnt, which is a tmpfs of its own, and finds the ' +
      'image by its beginning: /mnt/image*.',
  ],
  solution: String.raw`
    cat >~/fold <<'END'
    #!/bin/sh
    mkdir -p /mnt/new/upper /mnt/new/work
    lower=$(echo /mnt/image* | sed 's/,/\\,/')
    exec mount -t overlay overlay -o "lowerdir=$lower,upperdir=/mnt/new/upper,workdir=/mnt/new/work" /mnt/merged
    END
  `,
});
