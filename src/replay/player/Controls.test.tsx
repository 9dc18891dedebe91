// @vitest-environment jsdom
import {act, cleanup, fireEvent, render, screen, within} from '@testing-library/react';
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest';

import type {EngineState} from '../engine/index.ts';
import type {Step} from '../outline/index.ts';
import {Controls} from './Controls.tsx';
import {fakeEngine, twoCommands} from './fake.ts';

let root: HTMLElement;
let viewport: HTMLElement;
const writeText = vi.fn(() => Promise.resolve());

beforeEach(() => {
  root = document.createElement('figure');
  viewport = document.createElement('div');
  viewport.tabIndex = 0;
  const panel = document.createElement('div');
  root.append(viewport, panel);
  document.body.append(root);
  writeText.mockClear();
  Element.prototype.scrollIntoView = () => undefined; // jsdom has no layout
  Object.defineProperty(navigator, 'clipboard', {value: {writeText}, configurable: true});
  Object.defineProperty(document, 'fullscreenEnabled', {value: true, configurable: true});
});

afterEach(() => {
  cleanup();
  document.body.replaceChildren();
});

/** Draws the controls of a fake engine. */
function draw(state: Partial<EngineState> = {}, steps?: Step[]) {
  const engine = fakeEngine(state, steps);
  render(
    <Controls
      engine={engine}
      recording={twoCommands}
      name="two"
      title="Two commands"
      castUrl="/recordings/two.cast"
      root={root}
      viewport={viewport}
    />,
    {
      container: root.lastElementChild as HTMLElement,
    },
  );
  return engine;
}

const button = (name: string) => screen.getByRole('button', {name});
const press = (name: string) => fireEvent.click(button(name));
const key = (name: string, target: Element = viewport, more: object = {}) => fireEvent.keyDown(target, {key: name, ...more});

describe('the bar', () => {
  it('plays, pauses and plays again, and its button says which', () => {
    const engine = draw();
    press('Play');
    press('Pause');
    act(() => engine.set({ended: true}));
    press('Play again');
    expect(engine.calls).toEqual(['play', 'pause', 'play']);
  });

  it('never starts by itself', () => {
    expect(draw().calls).toEqual([]);
  });

  it('goes from step to step', () => {
    const engine = draw();
    press('Next step');
    press('Previous step');
    expect(engine.calls).toEqual(['nextStep', 'previousStep']);
  });

  it('has no use for steps where there are none', () => {
    draw({}, []);
    for (const name of ['Previous step', 'Next step', 'Stop after each step', 'Captions'])
      expect(button(name)).toHaveProperty('disabled', true);
  });

  it('sets the speed', () => {
    const engine = draw();
    const speed = screen.getAllByRole('combobox', {name: 'Speed'})[0] as HTMLSelectElement;
    expect([...speed.options].map((option) => option.text)).toEqual(['0.5×', '0.75×', '1×', '1.5×', '2×', '3×', '4×']);
    fireEvent.change(speed, {target: {value: '2'}});
    expect(engine.calls).toEqual(['rate 2']);
    expect(screen.getByText('Speed 2×').getAttribute('role')).toBe('status');
  });

  it('switches step mode, and shows that it is on', () => {
    const engine = draw();
    expect(button('Stop after each step').getAttribute('aria-pressed')).toBe('false');
    press('Stop after each step');
    expect(engine.calls).toEqual(['stepMode true']);
    expect(button('Stop after each step').getAttribute('aria-pressed')).toBe('true');
  });
});

describe('the slider', () => {
  const slider = () => screen.getByRole('slider', {name: 'Position in the recording'});

  it('says time, length and step', () => {
    const engine = draw({time: 12.7, step: 1});
    expect(slider().getAttribute('aria-valuetext')).toBe('0:12 of 0:48, step 2 of 3');
    act(() => engine.set({time: 0, step: -1}));
    expect(slider().getAttribute('aria-valuetext')).toBe('0:00 of 0:48, before step 1');
  });

  it('says no step where there are none', () => {
    draw({time: 3}, []);
    expect(slider().getAttribute('aria-valuetext')).toBe('0:03 of 0:48');
  });

  it('seeks when it is moved', () => {
    const engine = draw();
    fireEvent.change(slider(), {target: {value: '30.5'}});
    expect(engine.calls).toEqual(['seek 30.5']);
  });

  it.each([
    ['ArrowRight', 25],
    ['ArrowLeft', 15],
    ['ArrowUp', 25],
    ['ArrowDown', 15],
    ['PageUp', 24.8],
    ['PageDown', 15.2],
    ['Home', 0],
    ['End', 48],
  ])('%s goes to %s s', (name, to) => {
    const engine = draw({time: 20});
    key(name, slider());
    expect(engine.calls).toEqual([`seek ${to}`]);
  });

  it('stays within the recording', () => {
    const engine = draw({time: 46});
    key('ArrowUp', slider());
    key('Home', slider());
    key('ArrowDown', slider());
    expect(engine.calls).toEqual(['seek 48', 'seek 0', 'seek 0']);
  });
});

describe('captions', () => {
  it('show the step, in a region that is announced', () => {
    const engine = draw();
    act(() => engine.set({step: 1}));
    const caption = root.querySelector('[aria-live="polite"]');
    expect(caption?.textContent).toBe('Step 2/ of 3 Enter a new UTS namespace');
  });

  it('are announced even when they are hidden', () => {
    draw({step: 0});
    press('Captions');
    expect(button('Captions').getAttribute('aria-pressed')).toBe('false');
    expect(root.querySelector('[aria-live="polite"]')?.textContent).toContain('Print the host name');
  });
});

describe('keys', () => {
  it.each([
    [' ', {}, 'play'],
    ['ArrowLeft', {}, 'seek 15'],
    ['ArrowRight', {shiftKey: true}, 'seek 24.8'],
    ['5', {}, 'seek 24'],
    ['[', {}, 'previousStep'],
    [']', {}, 'nextStep'],
    ['.', {}, 'seek 48'],
    [',', {}, 'seek 13.5'],
    ['<', {}, 'rate 0.75'],
    ['>', {}, 'rate 1.5'],
    ['s', {}, 'stepMode true'],
  ])('%s %o: %s', (name, more, call) => {
    const engine = draw({time: 20});
    key(name, viewport, more);
    expect(engine.calls).toEqual([call]);
  });

  it('step by frame only when paused', () => {
    const engine = draw({time: 20, playing: true});
    key('.');
    expect(engine.calls).toEqual([]);
  });

  it('do nothing outside the player', () => {
    const engine = draw();
    key(' ', document.body);
    expect(engine.calls).toEqual([]);
  });

  it('leave Space on a button to the button', () => {
    const engine = draw();
    key(' ', button('Next step'));
    expect(engine.calls).toEqual([]);
  });

  it('leave a choice list its letters and arrows', () => {
    const engine = draw();
    const speed = screen.getAllByRole('combobox', {name: 'Speed'})[0]!;
    key('ArrowRight', speed);
    key('s', speed);
    expect(engine.calls).toEqual([]);
  });

  it('are prevented from scrolling the page', () => {
    draw();
    expect(key(' ')).toBe(false);
    expect(key('a')).toBe(true);
  });
});

describe('More', () => {
  it('copies the command and the output of the moment', async () => {
    draw({time: 13});
    press('More');
    press('Copy this command');
    await screen.findByText('Command copied');
    press('Copy this output');
    await screen.findByText('Output copied');
    expect(writeText.mock.calls).toEqual([['unshare --uts'], ['entered Meadow twice']]);
  });

  it('copies a link to the moment', async () => {
    draw({time: 12.5});
    press('More');
    press('Copy link to this moment');
    await screen.findByText('Link copied');
    expect(writeText.mock.calls).toEqual([[`${window.location.origin}/#two@12.5`]]);
  });

  it('says so when the browser does not allow copying, and shows what there was to copy', async () => {
    writeText.mockImplementationOnce(() => Promise.reject(new Error('denied')));
    draw({time: 13});
    press('More');
    press('Copy this command');
    await screen.findByText('The browser did not allow copying. Command: unshare --uts');
  });

  it('caps pauses', () => {
    const engine = draw();
    press('More');
    fireEvent.change(screen.getByRole('combobox', {name: 'Pauses'}), {target: {value: '2'}});
    expect(engine.calls).toEqual(['idle 2']);
  });

  it('downloads the recording under its name', () => {
    draw();
    press('More');
    const link = screen.getByRole('link', {name: 'Download the recording'});
    expect(link.getAttribute('download')).toBe('two.cast');
    expect(link.getAttribute('href')).toBe('/recordings/two.cast');
  });

  it('closes on Escape and gives the focus back to its button', () => {
    draw();
    press('More');
    key('Escape', button('Copy link to this moment'));
    expect(screen.queryByRole('button', {name: 'Copy link to this moment'})).toBeNull();
    expect(document.activeElement).toBe(button('More'));
  });

  it('closes on a press outside', () => {
    draw();
    press('More');
    fireEvent.pointerDown(viewport);
    expect(screen.queryByRole('button', {name: 'Copy link to this moment'})).toBeNull();
  });
});

describe('search', () => {
  it('opens by key, jumps to a match and goes round', async () => {
    const engine = draw();
    key('/');
    const input = await screen.findByRole('searchbox', {name: 'Text in the output'});
    expect(document.activeElement).toBe(input);
    fireEvent.change(input, {target: {value: 'meadow'}});
    const search = within(screen.getByRole('search'));
    await search.findByText('2 matches');
    key('Enter', input);
    key('Enter', input);
    key('Enter', input);
    key('Enter', input, {shiftKey: true});
    expect(engine.calls).toEqual(['seek 2.5', 'seek 13', 'seek 2.5', 'seek 13']);
    expect(search.getByRole('status').textContent).toBe('2 of 2');
  });

  it('lists the matches, each a button', async () => {
    const engine = draw();
    press('Search the output');
    fireEvent.change(await screen.findByRole('searchbox'), {target: {value: 'unshare'}});
    fireEvent.click(await screen.findByRole('button', {name: /0:12.*unshare --uts/}));
    expect(engine.calls).toEqual(['seek 12']);
  });

  it('says when there is no match', async () => {
    draw();
    key('/');
    fireEvent.change(await screen.findByRole('searchbox'), {target: {value: 'cgroup'}});
    await screen.findByText('No match');
  });

  it('types letters instead of acting on them, and closes on Escape', async () => {
    const engine = draw();
    key('/');
    const input = await screen.findByRole('searchbox');
    key(' ', input);
    key('s', input);
    expect(engine.calls).toEqual([]);
    key('Escape', input);
    expect(screen.queryByRole('search')).toBeNull();
    expect(document.activeElement).toBe(viewport);
  });
});

describe('several players', () => {
  it('do not play at the same time', () => {
    const first = draw({playing: true});
    const second = fakeEngine();
    render(<Controls engine={second} recording={twoCommands} name="b" title="B" castUrl="/b.cast" root={root} viewport={viewport} />);
    act(() => second.play());
    expect(first.calls).toEqual(['pause']);
    expect(second.calls).toEqual(['play']);
  });
});

describe('a hidden tab', () => {
  const hide = (hidden: boolean) => {
    Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
    fireEvent(document, new Event('visibilitychange'));
  };
  afterEach(() => hide(false));

  it('pauses, and plays on when it is seen again', () => {
    const engine = draw({playing: true});
    hide(true);
    hide(false);
    expect(engine.calls).toEqual(['pause', 'play']);
  });

  it('does not start what was paused', () => {
    const engine = draw();
    hide(true);
    hide(false);
    expect(engine.calls).toEqual([]);
  });
});
