import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'observe',
  title: 'Which descriptor leads out?',
  task:
    'A container is running, whose first process is in the file /run/fold. Each of the others has a descriptor of their folder ' +
    '/mnt/pasture. But one process of the container still has a descriptor that somebody outside left open, and that one leads to a ' +
    'folder of the host. Find it, and write the PID and the number of the descriptor, with a space between them, into the file ~/answer.',
  setUp: String.raw`
    # A PID 1 takes no other signal that it does not handle.
    pkill -KILL --exact sleep
    while pgrep --exact sleep >/dev/null; do :; done
    rm --force /home/learner/answer
    mkdir --parents /mnt/pasture
    # In another place each time, so that no number gives the answer away.
    export leaky=$(shuf --input-range 1-5 --head-count 1) number=$(shuf --input-range 4-8 --head-count 1)
    setsid unshare --mount --pid --fork --mount-proc bash -c '
      exec 20</mnt/pasture
      mount -t tmpfs wool /mnt
      mkdir /mnt/pasture
      for sheep in {1..5}; do
        if [ $sheep = $leaky ]; then
          bash -c "exec $number<&20 20<&-; exec sleep infinity" &
        else
          bash -c "exec 20<&- $number</mnt/pasture; exec sleep infinity" &
        fi
      done
      exec 20<&-
      exec sleep infinity
    ' </dev/null >/dev/null 2>&1 &
    until [ "$(pgrep --exact --count sleep)" = 6 ]; do sleep 0.05; done
    for pid in $(pgrep --exact sleep); do grep --quiet '^NSpid:.*\s1$' /proc/$pid/status && echo $pid >/run/fold; done
    echo "Its first process is $(cat /run/fold) this time."
  `,
  check: String.raw`
    fold=$(cat /run/fold)
    if [ ! -e /proc/$fold ]; then
      missing 'The container has ended. Type exit, and start the exercise again.'
      exit 1
    fi
    if [ ! -f /home/learner/answer ]; then
      missing 'There is no file ~/answer yet. It is to hold a PID and the number of a descriptor.'
      exit 1
    fi
    read -r pid number rest </home/learner/answer
    if ! [[ $pid =~ ^[0-9]+$ && $number =~ ^[0-9]+$ && -z $rest ]]; then
      missing 'What ~/answer holds is not two numbers: a PID and a descriptor, as in 4711 5.'
    elif [ "$(readlink /proc/$pid/ns/mnt)" != "$(readlink /proc/$fold/ns/mnt)" ]; then
      missing "Process $pid is not in the container. Its PID is wanted as you see it, outside."
    elif [ ! -e /proc/$pid/fd/$number ]; then
      missing "Process $pid has no descriptor $number."
    elif [ "$(stat --dereference --format %d /proc/$pid/fd/$number)" != "$(stat --format %d /mnt/pasture)" ]; then
      missing "Descriptor $number of process $pid leads to $(readlink /proc/$pid/fd/$number), but that is not a folder of the host."
    fi
  `,
  undone: /There is no file ~\/answer yet/,
  attempts: [
    {run: 'echo $(cat /run/fold) 0 >~/answer', missing: /Descriptor 0 of process \d+ leads to \/dev\/null/},
    {run: 'echo 1 3 >~/answer', missing: /Process 1 is not in the container/},
    {
      // Of those that have such a descriptor, one that is the container's own.
      run: String.raw`
        for pid in $(pgrep --exact sleep); do
          for number in 4 5 6 7 8; do
            inside=$(sudo nsenter --target $pid --mount stat --format %d /mnt/pasture)
            [ "$(sudo stat --dereference --format %d /proc/$pid/fd/$number 2>&1)" != $inside ] || echo $pid $number >~/answer
          done
        done
      `,
      missing: /leads to \/mnt\/pasture, but that is not a folder of the host/,
    },
  ],
  hints: [
    'The links in /proc/PID/fd are the descriptors of a process. Their names are not enough: the container has mounted something over ' +
      'a folder of the host, and both are called /mnt/pasture.',
    'A link of /proc/PID/fd is more than a name: what follows it comes to the file itself. stat --dereference --format %d shows on ' +
      'which device that is, and stat --format %d /mnt/pasture on which one the folder of the host is.',
    'for link in /proc/PID/fd/*, with sudo and for each PID that pgrep --exact sleep lists: compare the two. Descriptors 0 to 2 of all ' +
      'lead to /dev/null. One is left whose device is that of the host.',
  ],
  solution: String.raw`
    host=$(stat --format %d /mnt/pasture)
    for pid in $(pgrep --exact sleep); do
      sudo sh -c "stat --dereference --format '%d %n' /proc/$pid/fd/*"
    done | grep "^$host " | sed 's|.*/proc/\(.*\)/fd/\(.*\)|\1 \2|' >~/answer
  `,
});
