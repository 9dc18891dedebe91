import {useDeferredValue, useEffect, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode} from 'react';

import {Icon} from '../figure/index.ts';
import type {Cast} from '../format/index.ts';
import {formatTime} from '../outline/time.ts';
import button from './button.module.css';
import type {Recording} from './load.ts';
import styles from './search.module.css';
import {findMatches, highlight, type Match} from './search.ts';
import {SeenReader} from './seen.ts';

export type SearchProps = {
  recording: Recording;
  viewport: HTMLElement;
  /** Goes to a moment, in seconds. */
  seek: (time: number) => void;
  onClose: () => void;
};

/** Searches what the recording printed; choosing a match goes to the moment at which it was on the screen. */
export function Search({recording, viewport, seek, onClose}: SearchProps): ReactNode {
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<number>();
  const wanted = useDeferredValue(query);
  const {reader, read} = useSeen(recording.cast);
  // The reader is the same object when it has read on.
  const {matches, total} = useMemo(() => findMatches(wanted, reader.lines.slice(0, read)), [wanted, reader, read]);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLOListElement>(null);

  // Before the next key comes: what is typed right after the key that opens the search belongs into it.
  useLayoutEffect(() => input.current?.focus(), []);
  useEffect(() => {
    const host = viewport.querySelector('[data-replay-screen]');
    if (!host) return;
    const mark = () => highlight(host, wanted);
    mark();
    const observer = new MutationObserver(mark);
    observer.observe(host, {childList: true, subtree: true, characterData: true});
    return () => {
      observer.disconnect();
      highlight(null, '');
    };
  }, [viewport, wanted]);

  const choose = (i: number) => {
    const match = matches[i];
    if (!match) return;
    setChosen(i);
    seek(match.time);
    list.current?.children[i]?.scrollIntoView({block: 'nearest'});
  };
  const move = (by: 1 | -1) => {
    if (matches.length > 0)
      choose(chosen === undefined ? (by > 0 ? 0 : matches.length - 1) : (chosen + by + matches.length) % matches.length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = event.key === 'Enter' ? (event.shiftKey ? -1 : 1) : ({ArrowDown: 1, ArrowUp: -1} as const)[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(by);
  };
  return (
    <div className={styles.search} role="search" aria-label="Search the output">
      <div className={styles.searchBar}>
        <input
          ref={input}
          type="search"
          className={styles.searchInput}
          aria-label="Text in the output"
          placeholder="Text in the output"
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setChosen(undefined);
          }}
          onKeyDown={onKeyDown}
        />
        <span role="status" className={styles.count}>
          {countText(wanted, matches, total, chosen, reader)}
        </span>
        <button
          type="button"
          className={`${button.button} ${styles.moveSearch}`}
          aria-label="Previous match"
          disabled={total === 0}
          onClick={() => move(-1)}
        >
          <Icon name="up" />
        </button>
        <button
          type="button"
          className={`${button.button} ${styles.moveSearch}`}
          aria-label="Next match"
          disabled={total === 0}
          onClick={() => move(1)}
        >
          <Icon name="down" />
        </button>
        <button type="button" className={`${button.button} ${styles.closeSearch}`} aria-label="Close search" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {matches.length > 0 && (
        <ol ref={list} className={styles.matches}>
          {matches.map((match, i) => (
            <li key={i}>
              <button type="button" aria-current={i === chosen || undefined} onClick={() => choose(i)}>
                <span className={styles.matchTime}>{formatTime(match.time)}</span>
                <Line match={match} length={wanted.length} />
              </button>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** Milliseconds that reading may take before the page has its turn, and between two drawings of what was found. */
const slice = 8;
const redraw = 200;

const readers = new WeakMap<Cast, SeenReader>();

/** What could be seen of a recording, and how many lines of it are read by now: it is played through once. */
function useSeen(cast: Cast): {reader: SeenReader; read: number} {
  const [reader] = useState(() => {
    const known = readers.get(cast) ?? new SeenReader(cast);
    readers.set(cast, known);
    return known;
  });
  const [read, setRead] = useState(reader.done ? reader.lines.length : -1);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let drawn = performance.now();
    const work = () => {
      const start = performance.now();
      reader.read(() => performance.now() - start < slice);
      if (reader.done) return setRead(reader.lines.length);
      if (performance.now() - drawn > redraw) {
        drawn = performance.now();
        setRead(reader.lines.length);
      }
      timer = setTimeout(work);
    };
    if (!reader.done) timer = setTimeout(work);
    return () => clearTimeout(timer);
  }, [reader]);
  return {reader, read: Math.max(read, 0)};
}

function countText(query: string, matches: Match[], total: number, chosen: number | undefined, {done, time}: SeenReader): string {
  if (query.trim() === '') return '';
  const until = done ? '' : `, up to ${formatTime(time)} so far`;
  if (total === 0) return done ? 'No match' : `No match${until}`;
  if (chosen !== undefined) return `${chosen + 1} of ${total}`;
  if (total > matches.length) return `${total} matches, the first ${matches.length} listed`;
  return (total === 1 ? '1 match' : `${total} matches`) + until;
}

/** The line around a match; a long one starts shortly before it. */
function Line({match: {line, at}, length}: {match: Match; length: number}): ReactNode {
  const start = at > 40 ? at - 20 : 0;
  return (
    <code className={styles.matchLine}>
      {start > 0 && '…'}
      {line.slice(start, at).trimStart()}
      <mark>{line.slice(at, at + length)}</mark>
      {line.slice(at + length, at + length + 200)}
    </code>
  );
}
