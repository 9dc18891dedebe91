// @vitest-environment jsdom
import {act, cleanup, fireEvent, render, screen} from '@testing-library/react';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import {createEngine} from '../engine/index.ts';
import {fakeEngine, twoCommands} from './fake.ts';
import {loadRecording, type Recording} from './load.ts';
import {Player, type PlayerProps} from './Player.tsx';

vi.mock('../engine/index.ts', () => ({createEngine: vi.fn()}));
vi.mock('./load.ts', async (original) => ({...(await original<object>()), loadRecording: vi.fn()}));

const load = vi.mocked(loadRecording);
let engine: ReturnType<typeof fakeEngine>;
const elements = () => ({root: document.body, viewport: document.createElement('div'), host: document.createElement('div')});

/** A player whose recording comes, or fails to, when the test says. */
function draw(props: Partial<PlayerProps> = {}) {
  const onLive = vi.fn();
  const onWait = vi.fn();
  let settle = {resolve: (_: Recording) => {}, reject: (_: Error) => {}};
  load.mockImplementation(
    () =>
      new Promise((resolve, reject) => {
        settle = {resolve, reject};
      }),
  );
  const all: PlayerProps = {
    name: 'two',
    title: 'Two',
    source: {cast: '/two.cast', index: '/two.json'},
    steps: [],
    wish: undefined,
    onWait,
    onLive,
    ...elements(),
    ...props,
  };
  const view = render(<Player {...all} />);
  return {
    ...view,
    all,
    onLive,
    onWait,
    arrive: () => act(() => Promise.resolve(settle.resolve(twoCommands))),
    fail: (message: string) => act(() => Promise.resolve(settle.reject(new Error(message)))),
  };
}

beforeEach(() => {
  load.mockReset();
  engine = fakeEngine();
  vi.mocked(createEngine)
    .mockReset()
    .mockImplementation(() => engine);
});
afterEach(cleanup);

describe('Player', () => {
  it('says that it loads, then shows its controls, and moves nothing', async () => {
    const {arrive, onWait} = draw();
    expect(onWait.mock.lastCall).toEqual(['Loading the recording …']);
    expect(screen.queryByRole('button')).toBeNull();
    await arrive();
    expect(onWait.mock.lastCall).toEqual([null]);
    expect(screen.getByRole('button', {name: 'Play'})).toBeDefined();
    expect(engine.calls).toEqual([]);
  });

  it('does what was asked of it before it was there', async () => {
    const {arrive} = draw({wish: {time: 12.5, play: true}});
    await arrive();
    expect(engine.calls).toEqual(['seek 12.5', 'play']);
  });

  it('does what is asked of it later', async () => {
    const {arrive, rerender, all} = draw();
    await arrive();
    rerender(<Player {...all} wish={{time: 3, play: false}} />);
    expect(engine.calls).toEqual(['seek 3']);
  });

  it('says what could not be loaded, and tries again', async () => {
    const {fail, arrive, onWait} = draw();
    await fail('two.cast: the server answered 404 Not Found');
    expect(screen.getByRole('alert').textContent).toContain('two.cast: the server answered 404 Not Found');
    fireEvent.click(screen.getByRole('button', {name: 'Try again'}));
    expect(screen.queryByRole('alert')).toBeNull();
    expect(onWait.mock.lastCall).toEqual(['Loading the recording …']);
    await arrive();
    expect(screen.getByRole('button', {name: 'Play'})).toBeDefined();
  });

  it('stops loading when it is taken away, and makes no engine then', async () => {
    const {unmount, arrive} = draw();
    const signal = load.mock.calls[0]?.[1];
    unmount();
    expect(signal?.aborted).toBe(true);
    await arrive();
    expect(createEngine).not.toHaveBeenCalled();
  });

  it('ends its engine and clears its rows when it is taken away', async () => {
    const {unmount, arrive, all} = draw();
    await arrive();
    expect(all.host.childElementCount).toBe(24);
    unmount();
    expect(engine.calls).toEqual(['dispose']);
    expect(all.host.childElementCount).toBe(0);
  });

  it('tells when the first frame is drawn', async () => {
    const {arrive, onLive} = draw();
    await arrive();
    expect(onLive).not.toHaveBeenCalled();
    const {screen: terminal} = vi.mocked(createEngine).mock.calls[0]![0];
    await act(async () => {
      terminal.write('x');
      await vi.waitFor(() => expect(onLive).toHaveBeenCalledTimes(1));
    });
  });
});
