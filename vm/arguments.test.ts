import {describe, expect, it} from 'vitest';
import {help, parseArguments} from './arguments.ts';
import {VmError} from './failure.ts';
import {architectures, hostArchitecture} from './qemu.ts';

/** An architecture that this machine has not. */
const other = architectures.find((arch) => arch !== hostArchitecture()) ?? '';

describe('parseArguments', () => {
  it('takes all after "--" as the command, options included', () => {
    expect(parseArguments(['--', 'ls', '--help', '--', 'x'])).toMatchObject({action: 'run', argv: ['ls', '--help', '--', 'x']});
  });

  it('has defaults for memory and time, and none for the time of a shell', () => {
    expect(parseArguments(['--', 'true'])).toMatchObject({memory: 512, timeout: 120});
    expect(parseArguments(['--shell'])).toMatchObject({action: 'shell', memory: 512, timeout: undefined});
  });

  it('runs commands as root and shells as the ordinary user, unless told otherwise', () => {
    expect(parseArguments(['--', 'true'])).toMatchObject({user: undefined});
    expect(parseArguments(['--shell'])).toMatchObject({user: 'learner'});
    expect(parseArguments(['--user', 'learner', '--', 'true'])).toMatchObject({user: 'learner'});
    expect(parseArguments(['--user=root', '--shell'])).toMatchObject({user: undefined});
    expect(() => parseArguments(['--user', 'wolf', '--shell'])).toThrow('--user wolf: one of learner, root is needed.');
  });

  it('reads sizes and values in both spellings', () => {
    expect(parseArguments(['--memory', '2G', '--timeout=1.5', '--share=a b', '--', 'x'])).toMatchObject({
      memory: 2048,
      timeout: 1.5,
      share: 'a b',
    });
  });

  it('has the architecture of this machine, or the one asked for, to run, build and examine', () => {
    expect(parseArguments(['--', 'x'])).toMatchObject({arch: hostArchitecture()});
    for (const arch of ['amd64', 'arm64']) {
      expect(parseArguments(['--arch', arch, '--', 'x'])).toMatchObject({action: 'run', arch});
      expect(parseArguments(['--build', `--arch=${arch}`])).toEqual({action: 'build', arch});
      expect(parseArguments(['--arch', arch, '--doctor'])).toEqual({action: 'doctor', arch});
    }
  });

  it.each([
    [[], 'No command'],
    [['--'], 'No command'],
    [['ls'], 'npm run vm -- -- ls'],
    [['--memroy', '1G', '--', 'x'], 'Unknown option --memroy'],
    [['--memory', 'lots', '--', 'x'], '--memory lots'],
    [['--memory', '16M', '--', 'x'], '192M'],
    [['--memory', '--', 'x'], '--memory needs a value'],
    [['--timeout', '0', '--', 'x'], '--timeout 0'],
    [['--timeout', '-3', '--', 'x'], '--timeout -3'],
    [['--clock', 'noon', '--', 'x'], '--clock noon'],
    [['--clock', '2026-13-01T00:00:00', '--', 'x'], '--clock 2026-13'],
    [['--accel', 'warp', '--', 'x'], 'tcg, kvm, hvf'],
    [['--arch', 'vax', '--', 'x'], 'amd64, arm64'],
    [['--arch', 'toString', '--', 'x'], 'amd64, arm64'],
    [['--arch', other, '--accel', 'kvm', '--', 'x'], `cannot carry out ${other}`],
    [['--shell=zsh'], '--shell takes no value'],
  ])('refuses %j and says why', (words, message) => {
    let caught: unknown;
    try {
      parseArguments(words);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(VmError);
    expect((caught as VmError).status).toBe(64);
    expect((caught as VmError).message).toContain(message);
  });

  it('tells of every option in the help', () => {
    for (const option of [
      '--share',
      '--memory',
      '--timeout',
      '--shell',
      '--clock',
      '--arch',
      '--accel',
      '--verbose',
      '--build',
      '--doctor',
      '--help',
    ]) {
      expect(help).toContain(`  ${option} `);
    }
  });
});
