/** What is run in the machine: words as execve(2) takes them, not a shell's line. */
export type Command = {
  readonly argv: readonly string[];
  /** The folder it starts in. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The user who runs it, with an environment of their own, as at a login; absent: root. */
  readonly user?: string;
};

/** Quotes one word for a POSIX shell. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A script that becomes the command. */
export function shellScript({argv, cwd = '/repo', env = {}, user}: Command): string {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${shellQuote(value)}`);
  const words = argv.map(shellQuote).join(' ');
  const start = `cd ${shellQuote(cwd)} || exit 126\n`;
  if (user === undefined) return `${start}${variables.map((variable) => `export ${variable}\n`).join('')}exec ${words}\n`;
  const name = shellQuote(user);
  // The terminal becomes the user's, as login(1) has it.
  const own = `terminal=$(tty) && chown ${name} "$terminal"\n`;
  const login = `setpriv --reuid=${name} --regid=${name} --init-groups --reset-env`;
  return `${start}${own}exec ${login} env ${['PATH="$PATH"', 'LANG="$LANG"', ...variables].join(' ')} ${words}\n`;
}

/** Control character that precedes a mark: RS, which programs do not print. */
const LEAD = 0x1e;

/**
 * Finds the mark that ends a program's output in a stream of chunks cut anywhere, and passes
 * on all before it. Nothing is held back but what may be the beginning of the mark.
 */
export class MarkFilter {
  private readonly mark: Buffer;
  private held = Buffer.alloc(0);

  constructor(
    mark: string,
    private readonly onData: (bytes: Buffer) => void,
  ) {
    this.mark = Buffer.concat([Buffer.from([LEAD]), Buffer.from(mark)]);
  }

  /** Returns true when the mark has been seen. */
  push(chunk: Buffer): boolean {
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    this.held = Buffer.alloc(0);
    const found = bytes.indexOf(this.mark);
    if (found >= 0) {
      this.pass(bytes.subarray(0, found));
      return true;
    }
    let keep = Math.min(this.mark.length - 1, bytes.length);
    while (keep > 0 && !this.mark.subarray(0, keep).equals(bytes.subarray(bytes.length - keep))) keep--;
    this.held = Buffer.from(bytes.subarray(bytes.length - keep));
    this.pass(bytes.subarray(0, bytes.length - keep));
    return false;
  }

  /** Passes on what was held back, for a stream that ends without its mark. */
  flush(): void {
    this.pass(this.held);
    this.held = Buffer.alloc(0);
  }

  private pass(bytes: Buffer): void {
    if (bytes.length > 0) this.onData(bytes);
  }
}
