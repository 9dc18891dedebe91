import {defineExercise} from '../script.ts';

export default defineExercise({
  kind: 'observe',
  title: 'Who shares a network with Dolly?',
  task:
    'Dolly is a process of this machine; its PID is in the file /run/dolly. One other process shares its network namespace, ' +
    'but not its mount namespace. Find it, and write its PID into the file ~/answer.',
  setUp: String.raw`
    pkill --exact sleep
    rm --force /home/learner/answer
    begin() {
      "$@" sleep infinity </dev/null >/dev/null 2>&1 &
      until [ "$(cat /proc/$!/comm)" = sleep ]; do sleep 0.05; done
    }
    begin unshare --net --mount
    dolly=$!
    echo $dolly >/run/dolly
    # In another order each time, so that no number gives the answer away.
    for other in $(shuf --echo lamb twin neighbour stranger machine); do
      case $other in
        lamb) begin nsenter --target $dolly --net unshare --mount ;;
        twin) begin nsenter --target $dolly --net --mount ;;
        neighbour) begin nsenter --target $dolly --mount unshare --net ;;
        stranger) begin unshare --net --mount ;;
        machine) begin ;;
      esac
    done
    echo "This time Dolly is process $dolly."
  `,
  check: String.raw`
    namespace() { readlink /proc/$1/ns/$2; }
    dolly=$(cat /run/dolly)
    if [ -z "$(namespace $dolly net)" ]; then
      missing 'Dolly has ended. Type exit, and start the exercise again.'
      exit 1
    fi
    if [ ! -f /home/learner/answer ]; then
      missing 'There is no file ~/answer yet. It is to hold the PID that you find.'
      exit 1
    fi
    pid=$(tr -d '[:space:]' </home/learner/answer)
    case $pid in
      '' | *[!0-9]*)
        missing 'What ~/answer holds is not a PID; a number is wanted, and nothing else.'
        exit 1
        ;;
    esac
    if [ $pid = $dolly ]; then
      missing "$pid is Dolly. Who else is in that network namespace?"
    elif [ -z "$(namespace $pid net)" ]; then
      missing "There is no process $pid."
    elif [ $(namespace $pid net) != $(namespace $dolly net) ]; then
      missing "Process $pid is in another network namespace than Dolly."
    elif [ $(namespace $pid mnt) = $(namespace $dolly mnt) ]; then
      missing "Process $pid shares the network with Dolly, but the mounts as well."
    fi
  `,
  undone: /There is no file ~\/answer yet/,
  attempts: [
    {run: 'cat /run/dolly >~/answer', missing: /is Dolly\. Who else/},
    {run: 'echo 1 >~/answer', missing: /Process 1 is in another network namespace/},
    {
      // Of those that are with Dolly in both, the other one.
      run: String.raw`
        dolly=$(cat /run/dolly)
        for pid in $(pgrep sleep); do
          [ $pid != $dolly ] && [ $(sudo readlink /proc/$pid/ns/net) = $(sudo readlink /proc/$dolly/ns/net) ] || continue
          [ $(sudo readlink /proc/$pid/ns/mnt) != $(sudo readlink /proc/$dolly/ns/mnt) ] || echo $pid >~/answer
        done
      `,
      missing: /shares the network with Dolly, but the mounts as well/,
    },
  ],
  hints: [
    'The links in /proc/PID/ns name the namespaces of a process. Two processes whose links read the same are in the same one. ' +
      'Look at those of Dolly: sudo ls -l /proc/$(cat /run/dolly)/ns',
    'pgrep sleep lists the processes that come into question. sudo readlink /proc/PID/ns/net prints one link. You need it of each, ' +
      'and the link mnt beside it.',
    'for pid in $(pgrep sleep); do echo $pid $(sudo readlink /proc/$pid/ns/net /proc/$pid/ns/mnt); done prints a line for each. ' +
      'Look for the line whose net is that of Dolly and whose mnt is not.',
  ],
  solution: String.raw`
    dolly=$(cat /run/dolly)
    for pid in $(pgrep sleep); do
      [ $(sudo readlink /proc/$pid/ns/net) = $(sudo readlink /proc/$dolly/ns/net) ] || continue
      [ $(sudo readlink /proc/$pid/ns/mnt) = $(sudo readlink /proc/$dolly/ns/mnt) ] || echo $pid >~/answer
    done
  `,
});
