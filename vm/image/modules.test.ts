import {describe, expect, it} from 'vitest';
import {moduleIndex, moduleName, readModule} from './modules.ts';

/** The least file that elf(5) allows to have a section of this name and text, next to the one with the names. */
function withSection(name: string, text: string): Buffer {
  const names = Buffer.from(`\0.shstrtab\0${name}\0`);
  const body = Buffer.from(text);
  const at = 64 + 2 * 64;
  const file = Buffer.concat([Buffer.alloc(at), names, body]);
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  file.writeBigUInt64LE(64n, 40);
  file.writeUInt16LE(64, 58);
  file.writeUInt16LE(2, 60);
  file.writeUInt16LE(1, 62);
  const head = (index: number, nameAt: number, offset: number, size: number) => {
    file.writeUInt32LE(nameAt, 64 + index * 64);
    file.writeBigUInt64LE(BigInt(offset), 64 + index * 64 + 24);
    file.writeBigUInt64LE(BigInt(size), 64 + index * 64 + 32);
  };
  head(0, names.indexOf(name), at + names.length, body.length);
  head(1, 1, at, names.length);
  return file;
}

const bytes = (...fields: string[]) => withSection('.modinfo', fields.map((field) => `${field}\0`).join(''));

describe('readModule', () => {
  it('reads what a module needs and its other names', () => {
    const fields = ['alias=ipt_DNAT', 'license=GPL', 'alias=ip6t_DNAT', '', 'depends=x_tables,nf_nat', 'description=alias=no alias'];
    expect(readModule('kernel/xt_nat.ko', bytes(...fields))).toEqual({
      file: 'kernel/xt_nat.ko',
      depends: ['x_tables', 'nf_nat'],
      aliases: ['ipt_DNAT', 'ip6t_DNAT'],
    });
  });

  it('reads a module that needs none', () => {
    expect(readModule('kernel/a.ko', bytes('depends='))).toEqual({file: 'kernel/a.ko', depends: [], aliases: []});
    expect(readModule('kernel/a.ko', withSection('.rodata', 'depends=b\0'))).toEqual({file: 'kernel/a.ko', depends: [], aliases: []});
  });
});

describe('moduleName', () => {
  it('is spelled as the kernel spells it', () => {
    expect(moduleName('kernel/fs/nls/nls-utf8.ko.xz')).toBe('nls_utf8');
  });
});

describe('moduleIndex', () => {
  const module = (name: string, depends: string[] = [], aliases: string[] = []) => ({file: `kernel/${name}.ko`, depends, aliases});

  it('names all that a module needs, each once and to the right of what needs it', () => {
    const modules = [
      module('top', ['left', 'right-hand']),
      module('right-hand', ['base', 'left']),
      module('left', ['base']),
      module('base'),
    ];
    expect(moduleIndex(modules).dep.split('\n')).toEqual([
      'kernel/top.ko: kernel/right-hand.ko kernel/left.ko kernel/base.ko',
      'kernel/right-hand.ko: kernel/left.ko kernel/base.ko',
      'kernel/left.ko: kernel/base.ko',
      'kernel/base.ko:',
      '',
    ]);
  });

  it('gives every other name of a module', () => {
    expect(moduleIndex([module('xt-nat', [], ['ipt_SNAT', 'ipt_DNAT']), module('overlay', [], ['fs-overlay'])]).alias).toBe(
      'alias ipt_SNAT xt_nat\nalias ipt_DNAT xt_nat\nalias fs-overlay overlay\n',
    );
  });
});
