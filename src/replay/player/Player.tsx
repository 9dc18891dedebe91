import {useEffect, useRef, useState, type ReactNode} from 'react';

import {createEngine, type Engine} from '../engine/index.ts';
import {Captions, Failure, Reserve} from '../figure/index.ts';
import type {Step} from '../outline/index.ts';
import {Controls} from './Controls.tsx';
import {loadRecording, type Progress, type Recording, type Source} from './load.ts';
import {createDomScreen, type DomScreen} from './screen.ts';

export type PlayerProps = {
  /** Name of the recording; also the fragment that leads to it. */
  name: string;
  title: string;
  source: Source;
  /** Known before the recording is loaded, so that the space of the captions is. */
  steps: readonly Step[];
  /** The whole player: keys act while the focus is in it, and it is what goes full screen. */
  root: HTMLElement;
  /** What shows the terminal, and scrolls when the terminal is wider. */
  viewport: HTMLElement;
  /** Empty element in `viewport` that takes the terminal's rows. */
  host: HTMLElement;
  /** What the reader asked for, maybe before the player was there. A new object asks again. */
  wish: Wish | undefined;
  /** Called with what the reader waits for, and with null when the player shows something of its own. */
  onWait: (text: string | null) => void;
  /** Called when the first frame is drawn: the poster may go. */
  onLive: () => void;
};

export type Wish = {
  /** Go to this moment, in seconds. */
  time?: number;
  play: boolean;
};

type Loaded = {recording: Recording; engine: Engine; screen: DomScreen};
type Phase = {type: 'loading'} | {type: 'failed'; message: string} | ({type: 'ready'} & Loaded);

/** The browser's time. */
const clock = {
  now: () => performance.now(),
  setTimeout: (callback: () => void, ms: number) => window.setTimeout(callback, ms),
  clearTimeout: (handle: unknown) => window.clearTimeout(handle as number),
};

/** Loads a recording and plays it in `host`, with the controls below it. It moves only when the reader asks. */
export function Player({name, title, source, steps, root, viewport, host, wish, onWait, onLive}: PlayerProps): ReactNode {
  const [phase, setPhase] = useState<Phase>({type: 'loading'});
  const [attempt, setAttempt] = useState(0);
  const {cast: castUrl, index: indexUrl} = source;
  const live = useRef(onLive);
  const wait = useRef(onWait);
  useEffect(() => {
    live.current = onLive;
    wait.current = onWait;
  }, [onLive, onWait]);

  useEffect(() => {
    const abort = new AbortController();
    let loaded: Loaded | undefined;
    wait.current(progressText({doing: 'loading'}));
    loadRecording({cast: castUrl, index: indexUrl}, abort.signal, (progress) => {
      if (!abort.signal.aborted) wait.current(progressText(progress));
    })
      .then((recording) => {
        if (abort.signal.aborted) return;
        const {cast, index} = recording;
        const screen = createDomScreen(host, cast.header.cols, cast.header.rows, index.room);
        const engine = createEngine({cast, index, screen, clock});
        const painted = screen.onPaint(() => {
          painted();
          live.current();
        });
        loaded = {recording, engine, screen};
        setPhase({type: 'ready', ...loaded});
        wait.current(null);
      })
      .catch((error: unknown) => {
        if (abort.signal.aborted) return;
        setPhase({type: 'failed', message: error instanceof Error ? error.message : String(error)});
        wait.current(null);
      });
    return () => {
      abort.abort();
      loaded?.engine.dispose();
      loaded?.screen.dispose();
    };
  }, [castUrl, indexUrl, host, attempt]);

  const engine = phase.type === 'ready' ? phase.engine : undefined;
  useEffect(() => {
    if (!engine || !wish) return;
    if (wish.time !== undefined) engine.seek(wish.time);
    if (wish.play) engine.play();
  }, [engine, wish]);

  if (phase.type === 'ready') return <Controls {...phase} {...{name, title, castUrl, root, viewport}} />;
  if (phase.type === 'loading') return null;
  return (
    <>
      <Captions steps={steps}>{null}</Captions>
      <Reserve>
        <Failure
          onRetry={() => {
            setPhase({type: 'loading'});
            setAttempt(attempt + 1);
          }}
        >
          The recording could not be loaded. {phase.message}. Its poster and its transcript are still here.
        </Failure>
      </Reserve>
    </>
  );
}

function progressText({doing, share}: Progress): string {
  const what = doing === 'loading' ? 'Loading the recording' : 'Preparing the recording';
  return share === undefined ? `${what} …` : `${what}: ${Math.floor(share * 100)} %`;
}
