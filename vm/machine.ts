import {randomBytes} from 'node:crypto';
import type {ChildProcess} from 'node:child_process';
import fs from 'node:fs';
import type {Socket} from 'node:net';
import type {Readable} from 'node:stream';
import {unnamedFile} from './cache.ts';
import {writeCpio, type CpioEntry} from './cpio.ts';
import {VmError} from './failure.ts';
import {killGuarded, spawnGuarded} from './guard.ts';
import {learner} from './image/manifest.ts';
import {MarkFilter, shellScript, type Command} from './protocol.ts';
import {ports, qemuArguments, type Port, type QemuOptions} from './qemu.ts';

/** Takes output. While a promise it returned is pending, the program has to wait. */
export type Sink = (bytes: Buffer) => void | Promise<void>;

/** A program's streams, as {@link Machine.run} takes them. */
export type Streams = {
  readonly stdin?: Readable;
  readonly stdout: Sink;
  readonly stderr: Sink;
};

/** A program on the machine's terminal. */
export type Terminal = {
  write(data: string | Uint8Array): void;
  resize(rows: number, cols: number): void;
  /** Kills the program. */
  hangUp(): void;
  /** Settles with the exit status once everything the program printed has been passed on. */
  readonly exit: Promise<number>;
};

export type MachineOptions = Omit<QemuOptions, 'disks'> & {
  readonly qemu: string;
  /** What the machine finds below /repo, read-only. */
  readonly repository?: Iterable<CpioEntry>;
  /** What the machine finds below /share, to read and write; it belongs to the ordinary user there. */
  readonly share?: Iterable<CpioEntry>;
  /** Milliseconds until the machine must have started. */
  readonly bootLimit?: number;
  /** Ends the machine, at any time; its reason, a {@link VmError}, is what waiters get. */
  readonly signal?: AbortSignal;
};

/** How much of the kernel's console is kept to explain an end that nobody asked for. */
const CONSOLE_KEPT = 64 * 1024;

/** A running machine. Every method rejects with a {@link VmError} when the machine is gone. */
export class Machine {
  private readonly child: ChildProcess;
  private readonly sockets: Record<Port, Socket>;
  private console = '';
  private complaint = '';
  private pending = '';
  private readonly answers: string[] = [];
  private wake: () => void = () => undefined;
  private ending: VmError | 'off' | undefined;
  /** Settles when QEMU has ended. */
  private readonly ended: Promise<void>;

  private constructor(child: ChildProcess) {
    this.child = child;
    const streams = child.stdio as unknown as Socket[];
    this.sockets = Object.fromEntries(ports.map((port, index) => [port, streams[4 + index]])) as Record<Port, Socket>;
    for (const socket of Object.values(this.sockets)) socket.on('error', () => undefined);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.console = (this.console + text).slice(-CONSOLE_KEPT);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint = (this.complaint + text).slice(-CONSOLE_KEPT);
    });
    this.sockets.control.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.pending + text).split('\n');
      this.pending = lines.pop() ?? '';
      this.answers.push(...lines);
      this.wake();
    });
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.ending ??= new VmError('missing', `QEMU did not start: ${error.message}`);
        resolve();
      });
      // 'close' comes after the last of the console has been read.
      child.once('close', (code, signal) => {
        this.ending ??= explainEnd(code, signal, this.console, this.complaint);
        resolve();
      });
    });
    void this.ended.then(() => this.wake());
  }

  /** Starts a machine and waits until it takes commands. */
  static async start(options: MachineOptions): Promise<Machine> {
    options.signal?.throwIfAborted();
    const archives = [archive(options.repository ?? []), archive(options.share ?? [], learner.id)];
    const args = qemuArguments({...options, disks: archives.length});
    const child = spawnGuarded({
      command: options.qemu,
      args,
      output: ['pipe', 'pipe'],
      more: [...ports.map(() => 'pipe' as const), ...archives],
    });
    for (const descriptor of archives) fs.closeSync(descriptor);
    const machine = new Machine(child);
    const {signal} = options;
    const abort = () => machine.kill(signal?.reason instanceof VmError ? signal.reason : new VmError('lost', 'The machine was ended.'));
    signal?.addEventListener('abort', abort);
    void machine.ended.then(() => signal?.removeEventListener('abort', abort));
    const limit = options.bootLimit ?? 60_000;
    const timer = setTimeout(() => {
      machine.kill(
        new VmError('timeout', `The machine has not started within ${limit / 1000} s.${tail('Its console says', machine.console)}`),
      );
    }, limit);
    machine.send('hello');
    try {
      await machine.answer('ready');
    } finally {
      clearTimeout(timer);
    }
    return machine;
  }

  /**
   * Runs a command to its end and returns its exit status, 128 + n when signal n killed it.
   * Standard input can be given to one command only: its end is the end of the port.
   */
  async run(command: Command, streams: Streams): Promise<number> {
    const {out, err, in: input} = this.sockets;
    const mark = newMark();
    const drained = [drain(out, mark, streams.stdout), drain(err, mark, streams.stderr)];
    this.send(`run ${mark} ${streams.stdin ? '/dev/virtio-ports/in' : '/dev/null'} ${encode(command)}`);
    streams.stdin?.pipe(input);
    const status = Number((await this.answer('exit')).split(' ')[1]);
    streams.stdin?.unpipe(input);
    await Promise.race([Promise.all(drained), this.ended]);
    return status;
  }

  /** Runs a command on the machine's terminal, a tty in its usual cooked state. One at a time. */
  openTerminal(command: Command, size: {rows: number; cols: number}, onData: (bytes: Buffer) => void): Terminal {
    const {terminal} = this.sockets;
    const mark = newMark();
    const drained = drain(terminal, mark, onData);
    this.send(`tty ${mark} ${size.rows} ${size.cols} ${encode(command)}`);
    const exit = this.answer('exit').then(async (line) => {
      await Promise.race([drained, this.ended]);
      return Number(line.split(' ')[1]);
    });
    exit.catch(() => undefined); // Reported to whoever awaits it.
    return {
      write: (data) => void terminal.write(data),
      resize: (rows, cols) => this.send(`size ${rows} ${cols}`),
      hangUp: () => this.send('hangup'),
      exit,
    };
  }

  /** Unpacks files into a folder of the machine while it runs. */
  async put(entries: Iterable<CpioEntry>, folder: string): Promise<void> {
    const bytes = Buffer.concat([...writeCpio(entries)]);
    this.send(`put ${bytes.length} ${folder}`);
    this.sockets.in.write(bytes);
    await this.answer('unpacked');
  }

  /** Fetches what changed below /share since the start, as a cpio archive not yet checked. */
  async collect(limit = 1 << 30): Promise<Buffer> {
    const {files} = this.sockets;
    const chunks: Buffer[] = [];
    let size = 0;
    const mark = newMark();
    const drained = drain(files, mark, (bytes) => {
      size += bytes.length;
      if (size > limit) this.kill(new VmError('lost', `The files below /share are more than ${limit >> 20} MiB.`));
      else chunks.push(bytes);
    });
    this.send(`collect ${mark}`);
    await this.answer('collected');
    await Promise.race([drained, this.ended]);
    return Buffer.concat(chunks);
  }

  /** Powers off and waits for the end; kills after five seconds. */
  async off(): Promise<void> {
    if (this.ending === undefined) {
      this.send('off');
      this.ending = 'off';
    }
    const timer = setTimeout(() => killGuarded(this.child), 5000);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends the machine at once; whoever waits for it gets the given reason. */
  kill(reason: VmError): void {
    this.ending ??= reason;
    killGuarded(this.child);
    this.wake();
  }

  private send(line: string): void {
    this.sockets.control.write(`${line}\n`);
  }

  /** Waits for the next answer, which must begin with this word. */
  private async answer(word: string): Promise<string> {
    for (;;) {
      const line = this.answers.shift();
      if (line !== undefined) {
        if (line.split(' ')[0] === word) return line;
        if (line.startsWith('failed ')) throw new VmError('lost', `The machine ${line}.`);
        throw new VmError('lost', `The machine answered "${line}" where "${word}" was due.`);
      }
      if (this.ending instanceof VmError) {
        await this.ended;
        throw this.ending;
      }
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

function newMark(): string {
  return randomBytes(12).toString('hex');
}

function encode(command: Command): string {
  return Buffer.from(shellScript(command)).toString('base64');
}

/** Passes a port's bytes on until the mark appears, which is left out. */
function drain(socket: Socket, mark: string, onData: Sink): Promise<void> {
  return new Promise((resolve) => {
    const filter = new MarkFilter(mark, (bytes) => {
      const busy = onData(bytes);
      if (!(busy instanceof Promise)) return;
      socket.pause();
      void busy.then(() => socket.resume());
    });
    const read = (bytes: Buffer) => {
      if (filter.push(bytes)) done();
    };
    const done = () => {
      socket.off('data', read);
      socket.off('close', done);
      filter.flush();
      resolve();
    };
    socket.on('data', read);
    socket.on('close', done);
  });
}

/** Writes an archive into a file without a name and returns a descriptor that reads it. */
function archive(entries: Iterable<CpioEntry>, owner?: number): number {
  const {write, read} = unnamedFile();
  let size = 0;
  for (const chunk of writeCpio(entries, {owner})) size += fs.writeSync(write, chunk);
  fs.ftruncateSync(write, Math.ceil(size / 512) * 512); // A disk has whole sectors.
  fs.closeSync(write);
  return read;
}

/** Names the reason for which QEMU ended without being asked to. */
export function explainEnd(code: number | null, signal: string | null, console: string, complaint: string): VmError {
  if (console.includes('Kernel panic')) {
    return new VmError(
      'panic',
      `The machine's kernel panicked.${quote('Its console says', lines(console.slice(console.indexOf('Kernel panic'))).slice(0, 12))}`,
    );
  }
  if (/annot allocate memory|out of memory|cannot set up guest memory/i.test(complaint)) {
    return new VmError('memory', `The host has no memory for the machine; ask for less with --memory.${tail('QEMU says', complaint)}`);
  }
  // 128 + 9: the guarding shell tells of a child killed by SIGKILL.
  if (code === 137 || signal === 'SIGKILL') {
    return new VmError('memory', 'QEMU was killed, most likely by the host, out of memory; ask for less with --memory.');
  }
  return new VmError(
    'lost',
    `The machine ended by itself (QEMU's exit status ${code ?? signal}).${tail('QEMU says', complaint)}${tail('Its console says', console)}`,
  );
}

function tail(heading: string, text: string): string {
  return quote(heading, lines(text).slice(-12));
}

function lines(text: string): string[] {
  return text
    .replaceAll('\r', '')
    .split('\n')
    .filter((line) => line.trim() !== '');
}

function quote(heading: string, quoted: readonly string[]): string {
  return quoted.length === 0 ? '' : `\n${heading}:\n${quoted.map((line) => `  ${line}`).join('\n')}`;
}
