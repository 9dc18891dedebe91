import {createRoot} from 'react-dom/client';
import {useState, type ReactNode} from 'react';

import {Player, type Wish} from '../../../src/replay/player/index.ts';
import styles from '../../../src/replay/figure/figure.module.css';
import rows from '../../../src/terminal/rows.module.css';
import {serveBench} from './page.ts';

/** Our player, mounted as a page of the site mounts it, and used as a reader does: its slider is moved. */

function Page({cast, index, start}: {cast: string; index: string | undefined; start: Wish}): ReactNode {
  const [root, setRoot] = useState<HTMLElement | null>(null);
  const [viewport, setViewport] = useState<HTMLElement | null>(null);
  const [host, setHost] = useState<HTMLElement | null>(null);
  return (
    <figure ref={setRoot} className={styles.replay}>
      <div ref={setViewport} className={styles.viewport}>
        <div ref={setHost} className={rows.term} />
      </div>
      <div className={styles.panel}>
        {root && viewport && host && (
          <Player
            name="bench"
            title="Bench"
            source={{cast, index}}
            steps={[]}
            {...{root, viewport, host}}
            wish={start}
            onWait={() => undefined}
            onLive={() => undefined}
          />
        )}
      </div>
    </figure>
  );
}

serveBench({
  start: (container, cast, index) => createRoot(container).render(<Page cast={cast} index={index} start={{play: true}} />),
  pause: (container) => container.querySelector<HTMLElement>('[aria-label="Pause"]')?.click(),
  seek: (container, time) => {
    const slider = container.querySelector<HTMLInputElement>('input[type=range]');
    // The prototype's setter, as a reader's hand: React takes what goes through the instance's for its own doing.
    Reflect.set(HTMLInputElement.prototype, 'value', String(time), slider);
    slider?.dispatchEvent(new Event('input', {bubbles: true}));
  },
  text: (container) => container.querySelector('[data-replay-screen]')?.textContent ?? '',
});
