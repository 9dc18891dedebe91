/** What a key asks of the player. */
export type Action =
  | {
      type:
        | 'toggle'
        | 'frameBack'
        | 'frameForward'
        | 'previousStep'
        | 'nextStep'
        | 'fullScreen'
        | 'search'
        | 'help'
        | 'captions'
        | 'stepMode'
        | 'slower'
        | 'faster';
    }
  | {type: 'seekBy'; seconds: number}
  | {type: 'seekByShare'; share: number}
  | {type: 'seekToShare'; share: number}
  | {type: 'pan'; columns: number};

/** Keys and what they do, as the help lists them. */
export type KeyHelp = {keys: string[]; does: string};

/** The keys of asciinema-player, and ours after them. */
export const keyHelp: readonly KeyHelp[] = [
  {keys: ['Space'], does: 'Play or pause'},
  {keys: ['←', '→'], does: 'Back or forward 5 seconds'},
  {keys: ['Shift ←', 'Shift →'], does: 'Back or forward a tenth'},
  {keys: ['[', ']'], does: 'Previous or next step'},
  {keys: ['0', '…', '9'], does: 'Go to the start, a tenth, … nine tenths'},
  {keys: [',', '.'], does: 'Back or forward one frame, when paused'},
  {keys: ['<', '>'], does: 'Slower or faster'},
  {keys: ['s'], does: 'Stop after each step, or play on'},
  {keys: ['c'], does: 'Show or hide captions'},
  {keys: ['h', 'l'], does: 'Pan the terminal left or right'},
  {keys: ['/'], does: 'Search the output'},
  {keys: ['f'], does: 'Full screen'},
  {keys: ['?'], does: 'This help'},
];

type Key = Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>;

/** Keys with one meaning, whatever Shift. */
const plain: Readonly<Record<string, Action>> = {
  ' ': {type: 'toggle'},
  '[': {type: 'previousStep'},
  ']': {type: 'nextStep'},
  ',': {type: 'frameBack'},
  '.': {type: 'frameForward'},
  '<': {type: 'slower'},
  '>': {type: 'faster'},
  s: {type: 'stepMode'},
  c: {type: 'captions'},
  h: {type: 'pan', columns: -8},
  l: {type: 'pan', columns: 8},
  '/': {type: 'search'},
  f: {type: 'fullScreen'},
  '?': {type: 'help'},
};

/** The action of a key, or undefined when the player has no use for it. Keys with Ctrl, Alt or Cmd belong to others. */
export function actionOf({key, shiftKey, ctrlKey, altKey, metaKey}: Key): Action | undefined {
  if (ctrlKey || altKey || metaKey) return undefined;
  if (key === 'ArrowLeft') return shiftKey ? {type: 'seekByShare', share: -0.1} : {type: 'seekBy', seconds: -5};
  if (key === 'ArrowRight') return shiftKey ? {type: 'seekByShare', share: 0.1} : {type: 'seekBy', seconds: 5};
  if (/^\d$/.test(key)) return {type: 'seekToShare', share: Number(key) / 10};
  return plain[key];
}
