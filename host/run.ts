import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {stripVTControlCharacters} from 'node:util';

/** What a program left. */
export type Result = {
  /** Exit status; null when a signal ended it or it could not be started. */
  status: number | null;
  /** Standard output alone. */
  stdout: string;
  /** Standard output and error, in the order in which they came, without terminal escapes. */
  output: string;
};

export type CommandOptions = {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Called with each full line as it comes, without terminal escapes. */
  onLine?: (line: string) => void;
  /** Milliseconds after which the program is ended and counts as failed. */
  timeout?: number;
};

/** Runs a program to its end, without a shell. Never throws: what could not be started is a result like any other. */
export function run(program: string, args: readonly string[], {cwd, env = process.env, onLine, timeout}: CommandOptions): Promise<Result> {
  return new Promise((resolve) => {
    let stdout = '';
    let output = '';
    let rest = '';
    const child = spawn(program, args, {cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout, windowsHide: true});
    const take = (text: string): void => {
      const plain = stripVTControlCharacters(text);
      output += plain;
      const lines = (rest + plain).split('\n');
      rest = lines.pop() ?? '';
      lines.forEach((line) => onLine?.(line));
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      take(text);
    });
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', (error) => resolve({status: null, stdout, output: `${output}${program}: ${error.message}\n`}));
    child.on('close', (status, signal) => {
      if (rest) onLine?.(rest);
      resolve({
        status,
        stdout,
        output: signal ? `${output}\n${program} was ended by ${signal}${timeout ? ` (time limit: ${timeout / 1000} s)` : ''}\n` : output,
      });
    });
  });
}

/**
 * The script behind a command that a package brings, to be run with Node: unlike `npx` and the files of
 * `node_modules/.bin` this is the same on every platform and needs no shell.
 *
 * @throws Error when the package has no such command
 */
export function packageCommand(root: string, packageName: string, command = packageName): string {
  const folder = path.join(root, 'node_modules', packageName);
  const {bin} = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {bin?: string | Record<string, string>};
  const script = typeof bin === 'string' ? bin : bin?.[command];
  if (!script) throw new Error(`package ${packageName} has no command ${command}`);
  return path.join(folder, script);
}

/** Runs a command of an installed package; see {@link packageCommand}. */
export function runPackage(packageName: string, args: readonly string[], options: CommandOptions & {command?: string}): Promise<Result> {
  return run(process.execPath, [packageCommand(options.cwd, packageName, options.command), ...args], options);
}
