import useBaseUrl from '@docusaurus/useBaseUrl';
import useBrokenLinks from '@docusaurus/useBrokenLinks';
import useIsBrowser from '@docusaurus/useIsBrowser';
import StaticHtml from '@site/src/components/StaticHtml';
import {useEffect, useState, type ComponentType, type ReactNode} from 'react';

import {Captions, Failure, Figure, Hint, Idle, momentHash, parseMomentHash, Reserve} from '../../replay/figure/index.ts';
import type {Step} from '../../replay/outline/index.ts';
import type {PlayerProps, Wish} from '../../replay/player/index.ts';

/**
 * Filled in by the recordings plugin when the site is built; an author writes `src`, and `poster` to choose the frame
 * that is shown before anything plays.
 */
export type ReplayProps = {
  /** Name of the recording: `static/recordings/<src>.cast`. */
  src: string;
  title: string;
  /** Size of the terminal, in cells. */
  cols: number;
  rows: number;
  /** Whether that is a usual size, and the recording does not say its own. */
  sizeUnknown?: boolean;
  /** Seconds. */
  duration: number;
  steps?: readonly Step[];
  /** Load the player when the reader turns to it, not already when it comes near: for a page that is about more than its recording. */
  whenUsed?: boolean;
  /** Seconds; used by the build only. */
  poster?: number;
};

/**
 * A recorded terminal session. The page's HTML has its poster and its transcript; the player is loaded when it comes
 * near the viewport or is used, and moves only when the reader asks it to.
 */
export default function Replay({
  src,
  title,
  cols,
  rows,
  sizeUnknown = false,
  duration,
  steps = [],
  whenUsed = false,
}: ReplayProps): ReactNode {
  const [root, setRoot] = useState<HTMLElement | null>(null);
  const [viewport, setViewport] = useState<HTMLElement | null>(null);
  const [host, setHost] = useState<HTMLElement | null>(null);
  const [wish, setWish] = useState<Wish>();
  const [live, setLive] = useState(false);
  const isBrowser = useIsBrowser();
  const wanted = useWanted(root, whenUsed);
  const [Player, failed, retry] = usePlayer(wanted || wish !== undefined);
  const castUrl = useBaseUrl(`/recordings/${src}.cast`);
  const indexUrl = useBaseUrl(`/recordings/${src}.json`);
  /** What the reader waits for, or whether the player is there, or has failed and says so. */
  const [waiting, setWaiting] = useState<string | null>('');

  const brokenLinks = useBrokenLinks();
  brokenLinks.collectAnchor(src);
  for (const time of linkable(duration, steps)) brokenLinks.collectAnchor(momentHash(src, time).slice(1));

  useEffect(() => {
    const follow = () => {
      const time = parseMomentHash(window.location.hash, src);
      if (time === undefined || !root) return;
      setWish({time, play: false});
      root.scrollIntoView({block: 'center'});
      viewport?.focus({preventScroll: true});
    };
    follow();
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, [src, root, viewport]);

  const onPlay = () => {
    // The button will go; a reader who pressed it by keyboard stays in the player.
    viewport?.focus({preventScroll: true});
    setWish({play: true});
  };

  return (
    <Figure
      {...{name: src, title, cols, rows, sizeUnknown, duration, steps, live}}
      poster={(className) => <StaticHtml src={`/recordings/${src}.poster.html`} className={className} />}
      transcript={(className) => <StaticHtml src={`/recordings/${src}.transcript.html`} className={className} />}
      rootRef={setRoot}
      viewportRef={setViewport}
      hostRef={setHost}
    >
      {waiting !== null && (
        <>
          <Captions steps={steps}>
            {waiting || (isBrowser && <Hint />)}
            <noscript>
              Playing needs JavaScript. The transcript has all of it; <a href={castUrl}>the recording</a> plays in any asciicast player.
            </noscript>
          </Captions>
          {failed ? (
            <Reserve>
              <Failure onRetry={retry}>The player could not be loaded. The poster and the transcript are still here.</Failure>
            </Reserve>
          ) : (
            <Idle title={title} duration={duration} onPlay={isBrowser ? onPlay : undefined} />
          )}
        </>
      )}
      {Player && root && viewport && host && (
        <Player
          {...{name: src, title, steps, root, viewport, host, wish}}
          source={{cast: castUrl, index: indexUrl}}
          onWait={setWaiting}
          onLive={() => setLive(true)}
        />
      )}
    </Figure>
  );
}

/**
 * The moments that a page of the site may link to, in seconds: where steps start, and whole seconds of the first hour.
 * A link to any other is a broken one to the build, which cannot know it.
 */
function linkable(duration: number, steps: readonly Step[]): number[] {
  const seconds = Array.from({length: Math.min(3600, Math.floor(duration) + 1)}, (_, second) => second);
  return [...seconds, ...steps.map(({time}) => time)];
}

/**
 * True from the moment at which an element is less than half a screen away from being seen, or, with `whenUsed`, is
 * pointed at or holds the focus.
 */
function useWanted(element: HTMLElement | null, whenUsed: boolean): boolean {
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    if (!element || wanted) return;
    const want = () => setWanted(true);
    if (whenUsed) {
      element.addEventListener('pointerenter', want);
      element.addEventListener('focusin', want);
      return () => {
        element.removeEventListener('pointerenter', want);
        element.removeEventListener('focusin', want);
      };
    }
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) want();
      },
      {rootMargin: '50% 0px'},
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, whenUsed, wanted]);
  return wanted;
}

/** The player's code, loaded when it is wanted; whether that failed; and how to try again. */
function usePlayer(wanted: boolean): [ComponentType<PlayerProps> | undefined, boolean, () => void] {
  const [state, setState] = useState<{player?: ComponentType<PlayerProps>; failed: boolean}>({failed: false});
  useEffect(() => {
    if (!wanted || state.player || state.failed) return;
    let current = true;
    import('../../replay/player/index.ts').then(
      ({Player}) => current && setState({player: Player, failed: false}),
      () => current && setState({failed: true}),
    );
    return () => {
      current = false;
    };
  }, [wanted, state]);
  return [state.player, state.failed, () => setState({failed: false})];
}
