import {describe, expect, it} from 'vitest';
import {candidateAccelerator} from './accelerator.ts';
import {architectures, hostArchitecture, qemuArguments, type Accelerator} from './qemu.ts';

const image = {kernel: '/image/vmlinuz', initrd: '/image/initrd', release: '6.1.0', key: 'key'};
const valuesOf = (args: readonly string[], option: string) => args.filter((_, index) => args[index - 1] === option);

describe('qemuArguments', () => {
  it.each([
    ['amd64', 'pc,', 'max,-la57', 'console=ttyS0'],
    ['arm64', 'virt', 'max,pauth-impdef=on', 'console=ttyAMA0'],
  ])('has a board, a processor and a console for %s', (arch, board, processor, console) => {
    const args = qemuArguments({arch, accelerator: 'tcg', image, memory: 512, disks: 2});
    expect(valuesOf(args, '-M')).toEqual([expect.stringContaining(board)]);
    expect(valuesOf(args, '-cpu')).toEqual([processor]);
    expect(valuesOf(args, '-append')[0]?.split(' ')).toContain(console);
    expect(qemuArguments({arch, accelerator: 'kvm', image, memory: 512, disks: 2})).toContain('host');
  });

  it('places programs at the same addresses where they are translated, and there alone', () => {
    const words = (accelerator: Accelerator) =>
      valuesOf(qemuArguments({arch: 'amd64', accelerator, image, memory: 512, disks: 2}), '-append')[0]?.split(' ');
    expect(words('tcg')).toContain('norandmaps');
    expect(words('kvm')).not.toContain('norandmaps');
  });
});

describe('candidateAccelerator', () => {
  it('is none for the instructions of another processor', () => {
    for (const arch of architectures.filter((name) => name !== hostArchitecture())) expect(candidateAccelerator(arch)).toBeUndefined();
  });
});
