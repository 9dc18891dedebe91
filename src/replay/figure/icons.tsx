import type {ReactNode} from 'react';

/** Drawn on a grid of 20 by 20, filled with the text colour. */
const paths = {
  play: 'M6 3.5v13l11-6.5z',
  pause: 'M5 4h3.5v12H5zM11.5 4H15v12h-3.5z',
  replay: 'M10 4V1L5 5l5 4V6a5 5 0 1 1-5 5H3a7 7 0 1 0 7-7z',
  previous: 'M4 4h2v12H4zM16 4v12l-8.5-6z',
  next: 'M14 4h2v12h-2zM4 4v12l8.5-6z',
  step: 'M3 4v12l7-6zM11 4h2v12h-2zM15 4h2v12h-2z',
  captions: 'M3 4h14a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm1 6v2h5v-2zm7 0v2h5v-2zm-7 3v1.5h8V13z',
  search: 'M8.5 2a6.5 6.5 0 1 0 3.9 11.7l4.2 4.2 1.4-1.4-4.2-4.2A6.5 6.5 0 0 0 8.5 2zm0 2a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z',
  fullScreen: 'M3 3h6v2H5v4H3zM11 3h6v6h-2V5h-4zM3 11h2v4h4v2H3zM15 11h2v6h-6v-2h4z',
  window: 'M7 3h2v6H3V7h4zM11 3h2v4h4v2h-6zM3 11h6v6H7v-4H3zM11 11h6v2h-4v4h-2z',
  more: 'M3 8.2h3.6v3.6H3zM8.2 8.2h3.6v3.6H8.2zM13.4 8.2H17v3.6h-3.6z',
  close: 'M4.7 3.3 10 8.6l5.3-5.3 1.4 1.4-5.3 5.3 5.3 5.3-1.4 1.4-5.3-5.3-5.3 5.3-1.4-1.4L8.6 10 3.3 4.7z',
  up: 'M10 5.5l6.5 6.5-1.4 1.4L10 8.3l-5.1 5.1L3.5 12z',
  down: 'M10 14.5L3.5 8l1.4-1.4 5.1 5.1 5.1-5.1L16.5 8z',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside or instead of a label; the label is the control's own. */
export function Icon({name}: {name: IconName}): ReactNode {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path d={paths[name]} fill="currentColor" fillRule="evenodd" />
    </svg>
  );
}
