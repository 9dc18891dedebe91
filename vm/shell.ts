import {VmError} from './failure.ts';
import type {Machine} from './machine.ts';

/** Ctrl-]: as in telnet(1), the way out that no program inside can take away. */
const ESCAPE = 0x1d;

/** Whether there is a terminal for {@link openShell} here. */
export const hasTerminal = (): boolean => process.stdin.isTTY && process.stdout.isTTY;

/**
 * Joins a program in the machine with our own terminal, for as long as it runs.
 *
 * @param user who runs it; absent: root
 * @returns its exit status
 */
export async function openShell(machine: Machine, argv: readonly string[], user?: string): Promise<number> {
  const size = () => ({rows: process.stdout.rows, cols: process.stdout.columns});
  const terminal = machine.openTerminal({argv, env: {TERM: process.env.TERM ?? 'linux'}, user}, size(), (bytes) =>
    process.stdout.write(bytes),
  );
  const resize = () => terminal.resize(size().rows, size().cols);
  const type = (bytes: Buffer) => {
    if (bytes.includes(ESCAPE)) machine.kill(new VmError('lost', 'ended with Ctrl-]'));
    else terminal.write(bytes);
  };
  process.stdin.setRawMode(true);
  process.stdin.on('data', type);
  process.stdout.on('resize', resize);
  try {
    return await terminal.exit;
  } finally {
    process.stdin.off('data', type);
    process.stdin.setRawMode(false);
    process.stdout.off('resize', resize);
  }
}
