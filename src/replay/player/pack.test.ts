import fc from 'fast-check';
import {describe, expect, it} from 'vitest';

import type {Cast} from '../format/index.ts';
import {packCast, unpackCast} from './pack.ts';

const event = fc.record({
  time: fc.double({min: 0, max: 1e6, noNaN: true}),
  code: fc.constantFrom('o', 'i', 'm', 'r', 'x'),
  data: fc.string({unit: 'binary', maxLength: 200}),
});

describe('packCast', () => {
  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.array(event, {maxLength: 50}), (events) => {
        const cast: Cast = {header: {version: 2, cols: 80, rows: 24}, duration: 1e6, events};
        const packed = packCast(cast);
        expect(packed).toBeDefined();
        const {header, duration, events: back} = unpackCast(packed!);
        expect({header, duration}).toEqual({header: cast.header, duration: 1e6});
        expect(back.map(({time, code, data}) => ({time, code, data}))).toEqual(events);
      }),
    );
  });

  it('grows for text that takes three bytes a letter', () => {
    const data = '漢'.repeat(10_000);
    const packed = packCast({header: {version: 2, cols: 80, rows: 24}, duration: 1, events: [{time: 0, code: 'o', data}]});
    expect(packed && unpackCast(packed).events[0]?.data).toBe(data);
  });

  it('refuses half a surrogate pair, which UTF-8 cannot hold', () => {
    expect(
      packCast({header: {version: 2, cols: 80, rows: 24}, duration: 1, events: [{time: 0, code: 'o', data: 'a\ud83d'}]}),
    ).toBeUndefined();
  });

  it('keeps a byte order mark that is data', () => {
    const packed = packCast({header: {version: 2, cols: 80, rows: 24}, duration: 1, events: [{time: 0, code: 'o', data: '\ufeffa'}]});
    expect(packed && unpackCast(packed).events[0]?.data).toBe('\ufeffa');
  });
});
