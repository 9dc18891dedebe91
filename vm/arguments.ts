import {VmError} from './failure.ts';
import {learner} from './image/manifest.ts';
import {hostArchitecture, architectures, type Accelerator} from './qemu.ts';

/** What the command line asks for. */
export type Request =
  | {readonly action: 'help'}
  | {readonly action: 'doctor'; readonly arch: string}
  | {readonly action: 'build'; readonly arch: string}
  | {readonly action: 'clean'}
  | {
      readonly action: 'run' | 'shell';
      readonly argv: readonly string[];
      readonly share?: string;
      /** The user in the machine; undefined: root. */
      readonly user?: string;
      /** Mebibytes. */
      readonly memory: number;
      /** Seconds; undefined: no limit. */
      readonly timeout?: number;
      /** Debian's name of the machine's architecture. */
      readonly arch: string;
      readonly accelerator?: Accelerator;
      readonly clock?: string;
      readonly verbose: boolean;
    };

export const help = `Run a command on a Linux kernel of its own, away from this machine.

  npm run vm -- [OPTIONS] -- COMMAND [ARGUMENT…]
  npm run vm -- [OPTIONS] --shell
  npm run vm -- --doctor

The command starts in /repo, a read-only copy of this repository, as root; a shell starts as
${learner.name}, an ordinary user for whom sudo asks no password. Cgroup v2, every kind of namespace,
overlay, bridges and iptables work; there is no network to the outside. Nothing that is done there
reaches this machine, except what is left in the shared folder.

  --share DIR        copy DIR to /share; what the command adds or changes there comes back
                     when it has ended (deletions do not)
  --memory SIZE      memory of the machine, such as 512M (the default) or 2G
  --timeout SECONDS  give up after that long, start included; default 120, with --shell none
  --shell            an interactive shell; "exit" powers off, Ctrl-] ends the machine at once
  --user NAME        ${learner.name} or root: who runs the command or the shell
  --clock TIME       where its clock starts, such as 2026-06-01T09:00:00 (UTC)
  --arch NAME        amd64 or arm64; default: as this machine. Any other is emulated, and needs
                     QEMU for it (npm run vm -- --doctor --arch NAME)
  --accel NAME       tcg (emulation), kvm or hvf; default: the fastest that works
  --verbose          say what is done and how long it takes
  --build            build the image the machine starts from, and start none
  --clean            remove all that the project has put into your cache folder, images first of all
  --doctor           check what this machine needs to run one, and say how to get it
  --help             this text

The exit status is the command's own, or 128 + n when signal n killed it. When the machine itself
fails, a line "vm: …" says why, and the status is one of
  64 wrong usage   69 something is missing   70 kernel panic   71 no memory on this machine
  76 the machine ended by itself   124 time limit   130, 143 interrupted
`;

const accelerators: readonly string[] = ['tcg', 'kvm', 'hvf'];

const users: readonly string[] = [learner.name, 'root'];

/** Reads the words after `npm run vm --`. Throws a usage {@link VmError}. */
export function parseArguments(words: readonly string[]): Request {
  const usage = (message: string) => new VmError('usage', `${message}\nSee: npm run vm -- --help`);
  const request = {
    action: 'run' as 'run' | 'shell' | 'doctor' | 'build',
    arch: hostArchitecture(),
    argv: [] as string[],
    memory: 512,
    verbose: false,
  };
  let share: string | undefined;
  let user: string | undefined;
  let timeout: number | undefined;
  let accelerator: Accelerator | undefined;
  let clock: string | undefined;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (word === '--') {
      request.argv = words.slice(index + 1);
      break;
    }
    const [name = '', attached] = word.startsWith('--') ? splitOption(word) : [word];
    const value = () => {
      const next = attached ?? words[++index];
      if (next === undefined || (attached === undefined && next.startsWith('--'))) throw usage(`${name} needs a value.`);
      return next;
    };
    if (['--help', '--clean', '--doctor', '--build', '--shell', '--verbose'].includes(name) && attached !== undefined)
      throw usage(`${name} takes no value.`);
    switch (name) {
      case '--help':
      case '-h':
        return {action: 'help'};
      case '--clean':
        return {action: 'clean'};
      case '--doctor':
      case '--build':
      case '--shell':
        request.action = name.slice(2) as 'doctor' | 'build' | 'shell';
        break;
      case '--verbose':
        request.verbose = true;
        break;
      case '--share':
        share = value();
        break;
      case '--user':
        user = value();
        if (!users.includes(user)) throw usage(`--user ${user}: one of ${users.join(', ')} is needed.`);
        break;
      case '--memory': {
        const text = value();
        const [, number, unit] = /^(\d+)([MmGg])i?[Bb]?$/.exec(text) ?? [];
        request.memory = Number(number) * (unit?.toLowerCase() === 'g' ? 1024 : 1);
        if (!(request.memory >= 192 && request.memory <= 65536)) {
          throw usage(`--memory ${text}: a size from 192M to 64G is needed, such as 512M.`);
        }
        break;
      }
      case '--timeout': {
        const text = value();
        timeout = Number(text);
        if (!/^\d+(\.\d+)?$/.test(text) || !(timeout > 0) || timeout > 86_400) {
          throw usage(`--timeout ${text}: seconds are needed, at most 86400.`);
        }
        break;
      }
      case '--arch':
        request.arch = value();
        if (!architectures.includes(request.arch)) throw usage(`--arch ${request.arch}: one of ${architectures.join(', ')} is needed.`);
        break;
      case '--accel': {
        const text = value();
        if (!accelerators.includes(text)) throw usage(`--accel ${text}: one of ${accelerators.join(', ')} is needed.`);
        accelerator = text as Accelerator;
        break;
      }
      case '--clock': {
        clock = value();
        if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(clock) || Number.isNaN(Date.parse(`${clock}Z`))) {
          throw usage(`--clock ${clock}: a time such as 2026-06-01T09:00:00 is needed.`);
        }
        break;
      }
      default:
        throw usage(
          word.startsWith('-')
            ? `Unknown option ${word}.`
            : `"${word}" is not an option; the command comes after "--": npm run vm -- -- ${word}`,
        );
    }
  }
  const {action, arch, ...rest} = request;
  if (action === 'doctor' || action === 'build') return {action, arch};
  if (action === 'run' && request.argv.length === 0) throw usage('No command. It comes after "--": npm run vm -- -- uname -a');
  if (accelerator && accelerator !== 'tcg' && arch !== hostArchitecture()) {
    throw usage(`--accel ${accelerator}: the processor of this machine cannot carry out ${arch}; leave --accel out.`);
  }
  user ??= action === 'shell' ? learner.name : 'root';
  return {
    action,
    arch,
    ...rest,
    user: user === 'root' ? undefined : user,
    share,
    timeout: timeout ?? (action === 'shell' ? undefined : 120),
    accelerator,
    clock,
  };
}

function splitOption(word: string): [string, string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
