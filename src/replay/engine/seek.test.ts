import fc from 'fast-check';
import {expect, test} from 'vitest';
import {HeadlessTerminal} from '../../terminal/headless.ts';
import {buildIndex} from '../outline/index.ts';
import {randomCast} from '../testing/casts.ts';
import {FakeClock} from '../testing/clock.ts';
import {playedTo, shown} from '../testing/screen.ts';
import {createEngine, type Engine} from './index.ts';

/** Waits until all seeks have reached the screen. */
function settled(engine: Engine): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (engine.state.seeking) return;
      leave();
      resolve();
    };
    const leave = engine.subscribe(check);
    check();
  });
}

const share = fc.double({min: 0, max: 1, noNaN: true});
const action = fc.oneof(
  {weight: 5, arbitrary: fc.record({kind: fc.constant('seek'), share, wait: fc.boolean()})},
  fc.record({kind: fc.constant('play'), share, wait: fc.boolean()}),
);

test('Seeking from any point to any point shows exactly the screen that playing to there shows', async () => {
  await fc.assert(
    fc.asyncProperty(randomCast, fc.array(action, {minLength: 1, maxLength: 8}), fc.boolean(), async (cast, actions, indexed) => {
      const index = indexed ? await buildIndex(cast, {spacing: 8}) : undefined;
      const terminal = new HeadlessTerminal(80, 24);
      const clock = new FakeClock();
      const engine = createEngine({
        cast,
        index,
        clock,
        screen: {
          write: (data, done) => terminal.write(data, done),
          reset: () => terminal.reset(),
          resize: (cols, rows) => terminal.resize(cols, rows),
        },
      });
      for (const {kind, share: part, wait} of actions) {
        if (kind === 'seek') {
          // To moments at which something happens as well as between them.
          const event = cast.events[Math.floor(part * cast.events.length)];
          engine.seek(event && wait ? event.time : part * cast.duration);
        } else {
          engine.play();
          clock.pass(part * cast.duration * 1000);
          engine.pause();
        }
        if (!wait) continue;
        // A seek that nothing is left to do for lets what was being written arrive.
        engine.seek(engine.state.time);
        await settled(engine);
        const expected = playedTo(cast, engine.state.time);
        expect(shown(terminal)).toEqual(shown(expected));
      }
      engine.seek(engine.state.time);
      await settled(engine);
      expect(shown(terminal)).toEqual(shown(playedTo(cast, engine.state.time)));
      engine.dispose();
    }),
    {numRuns: 500},
  );
}, 120_000);
