import {describe, expect, it} from 'vitest';
import {explainEnd} from './machine.ts';

describe('explainEnd', () => {
  it('quotes the panic from the console', () => {
    const console = '[ 1.0] fine\r\n[ 2.0] Kernel panic - not syncing: sysrq triggered crash\r\n[ 2.1] Call Trace:\r\n';
    const error = explainEnd(0, null, console, '');
    expect(error.status).toBe(70);
    expect(error.message).toContain('Kernel panic - not syncing: sysrq triggered crash');
    expect(error.message).not.toContain('fine');
  });

  it.each([
    [1, null, "qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory"],
    [137, null, ''],
    [null, 'SIGKILL', ''],
  ])('tells of a host without memory (status %s, signal %s)', (code, signal, complaint) => {
    const error = explainEnd(code, signal, '', complaint);
    expect(error.status).toBe(71);
    expect(error.message).toContain('--memory');
  });

  it('quotes QEMU and the console when it knows no more', () => {
    const error = explainEnd(1, null, 'last words\n', 'qemu: something new\n');
    expect(error.status).toBe(76);
    expect(error.message).toContain('something new');
    expect(error.message).toContain('last words');
  });
});
