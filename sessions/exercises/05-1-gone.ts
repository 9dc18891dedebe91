import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'observe',
  title: 'What is gone?',
  task:
    'A container has run, with the directory /mnt/fold/image as its image and /mnt/fold/dolly/upper for its changes. It has deleted ' +
    'some things. Write into the file ~/answer which files of the image it no longer saw in the end: a line for each, with its path in ' +
    'the container, such as /etc/hosts. Change nothing in /mnt/fold.',
  setUp: String.raw`
    rm --force /home/learner/answer
    while mountpoint --quiet /mnt; do umount --lazy /mnt; done
    mount -t tmpfs -o mode=755 wool /mnt
    cd /mnt
    mkdir --parents fold/image fold/dolly/upper fold/dolly/work fold/dolly/merged
    for place in field barn shed pond; do
      mkdir --parents fold/image/$place/deep
      for name in bell hook rope; do echo $place >fold/image/$place/$name; done
      echo $place >fold/image/$place/deep/bell
    done
    cd fold/dolly
    mount -t overlay overlay -o lowerdir=/mnt/fold/image,upperdir=upper,workdir=work merged
    # Another place for each kind of deletion, each time.
    set -- $(shuf --echo field barn shed pond)
    rm merged/$1/$(shuf --echo --head-count 1 bell hook rope)
    rm --recursive merged/$2/deep
    rm --recursive merged/$3
    mkdir --parents merged/$3/deep
    echo new >merged/$3/$(shuf --echo --head-count 1 bell hook rope)
    chmod 600 merged/$4/bell
    mv merged/$4/hook merged/$4/crook
    umount merged
  `,
  check: String.raw`
    cd /mnt/fold || exit 1
    look=$(mktemp --directory)
    # What the container saw, without touching what it left.
    mount -t overlay overlay -o lowerdir=/mnt/fold/dolly/upper:/mnt/fold/image $look || exit 1
    trap "umount $look; rmdir $look" EXIT
    files() { (cd $1 && find . -type f | cut --characters 2- | sort); }
    gone=$(comm -23 <(files image) <(files $look))
    if [ ! -f /home/learner/answer ]; then
      missing 'There is no file ~/answer yet. It is to hold a path in each line.'
      exit 1
    fi
    answer=$(sed 's/[[:space:]]*$//; /^$/d' /home/learner/answer | sort --unique)
    for path in $(comm -13 <(echo "$gone") <(echo "$answer")); do
      if [ -f "$look$path" ]; then
        missing "$path is in ~/answer, and the container sees a file there."
      elif [ -d "image$path" ]; then
        missing "$path is in ~/answer, and is a directory of the image. Which files were in it?"
      else
        missing "$path is in ~/answer, and no file of the image."
      fi
    done
    left=$(comm -23 <(echo "$gone") <(echo "$answer") | wc --lines)
    [ "$left" -eq 0 ] || missing "$left of the $(wc --lines <<<"$gone") files that are gone are not in ~/answer."
  `,
  undone: /There is no file ~\/answer yet/,
  attempts: [
    {
      // The whiteouts alone.
      run: `cd /mnt/fold/dolly/upper && sudo find . -type c | cut -c 2- >~/answer`,
      missing: /is a directory of the image\. Which files were in it\?[^]*files that are gone are not in/,
    },
    {
      // All that the image has and upper has not.
      run: `cd /mnt/fold && comm -23 <(cd image && find . -type f | sort) <(cd dolly/upper && sudo find . -type f | sort) | cut -c 2- >~/answer`,
      missing: /and the container sees a file there/,
    },
  ],
  hints: [
    'A whiteout is a character device 0/0: sudo find /mnt/fold/dolly/upper -type c. It may stand for a file, or for a directory with all ' +
      'that is in it. But there is a second kind of deletion, which leaves none.',
    'A directory that was deleted and made again is opaque: it hides what the image has there. No ls shows that. Let the kernel read the ' +
      'mark: mount both layers together, and look.',
    'mount -t overlay overlay -o lowerdir=/mnt/fold/dolly/upper:/mnt/fold/image SOMEWHERE, as root, mounts them read-only, the first on ' +
      'top. Then compare find . -type f there with the same in the image: comm -23.',
  ],
  solution: String.raw`
    mkdir ~/look
    sudo mount -t overlay overlay -o lowerdir=/mnt/fold/dolly/upper:/mnt/fold/image ~/look
    files() { (cd $1 && find . -type f | cut -c 2- | sort); }
    comm -23 <(files /mnt/fold/image) <(files ~/look) >~/answer
    sudo umount ~/look
  `,
});
