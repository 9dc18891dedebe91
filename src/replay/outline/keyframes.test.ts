import fc from 'fast-check';
import {expect, test} from 'vitest';
import {Sanitizer, parseResize, terminalBounds} from '../format/index.ts';
import {shown} from '../testing/screen.ts';
import {randomCast} from '../testing/casts.ts';
import {HeadlessTerminal} from '../../terminal/headless.ts';
import {buildIndex} from './index.ts';

test('From every keyframe of any recording on, each event leads to the screen that playing leads to', async () => {
  let kept = 0;
  let possible = 0;
  await fc.assert(
    fc.asyncProperty(randomCast, async (cast) => {
      const index = await buildIndex(cast, {spacing: 1});
      kept += index.keyframes.length;
      possible += cast.events.length;
      const played = new HeadlessTerminal(cast.header.cols, cast.header.rows);
      const playedSanitizer = new Sanitizer(terminalBounds(cast));
      const restored: {terminal: HeadlessTerminal; sanitizer: Sanitizer}[] = [];
      for (const [i, event] of cast.events.entries()) {
        for (const keyframe of index.keyframes.filter((k) => k.event === i)) {
          const terminal = new HeadlessTerminal(7, 3);
          terminal.take('left over\x1b[31;4;7mfrom before\x1b[?25l\x1b(0');
          terminal.restart(keyframe.cols, keyframe.rows);
          terminal.take(keyframe.screen);
          if (i > 0) expect(shown(terminal)).toEqual(shown(played));
          restored.push({terminal, sanitizer: new Sanitizer(terminalBounds(cast))});
        }
        const size = event.code === 'r' ? parseResize(event.data) : undefined;
        if (size) played.resize(size.cols, size.rows);
        if (event.code === 'o') played.take(playedSanitizer.push(event.data));
        for (const {terminal, sanitizer} of restored) {
          if (size) terminal.resize(size.cols, size.rows);
          if (event.code === 'o') terminal.take(sanitizer.push(event.data));
          expect(shown(terminal)).toEqual(shown(played));
        }
      }
    }),
    {numRuns: 300},
  );
  // Not a handful of easy ones: about every third event of these recordings follows a keyframe.
  expect(kept / possible).toBeGreaterThan(0.2);
}, 120_000);
