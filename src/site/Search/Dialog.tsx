import Link from '@docusaurus/Link';
import useDocusaurusContext from '@docusaurus/useDocusaurusContext';
import clsx from 'clsx';
import {useEffect, useId, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode} from 'react';
import type {Answer, Hit, SearchEngine} from './engine';
import type {Piece} from './excerpt';
import {focusOnArrival} from './focus-on-arrival';
import {loadSearch} from './load';
import styles from './styles.module.css';

/** Sections shown; a search that finds more is better narrowed than scrolled. */
const maximum = 12;

type State = {status: 'idle' | 'searching'} | {status: 'failed'; message: string} | {status: 'done'; query: string; answer: Answer};

const indexMissing =
  process.env.NODE_ENV === 'development'
    ? 'There is no search index here: it is made when the site is built. Run “npm run build”, then “npm run serve”.'
    : 'The search could not be loaded. Check the connection, then close this and try again.';

function summary(state: State): string {
  switch (state.status) {
    case 'idle':
      return '';
    case 'searching':
      return 'Searching…';
    case 'failed':
      return state.message;
    case 'done': {
      const {total, corrected} = state.answer;
      if (total === 0) return `Nothing found for “${state.query}”. Try another word, or a shorter one.`;
      const instead = corrected.map(({typed, found}) => `No “${typed}” here, so this is for “${found}”. `).join('');
      if (total > maximum) return `${instead}The best ${maximum} sections. Add a word to find fewer.`;
      return `${instead}Found in ${total} section${total === 1 ? '' : 's'}.`;
    }
  }
}

/** A text with the words that were found marked. */
function Marked({pieces}: {pieces: readonly Piece[]}): ReactNode {
  return pieces.map(({text, marked}, place) => (marked ? <mark key={place}>{text}</mark> : text));
}

/** The part of a page's title that is enough to know it by in a list: `Linux Namespaces`, without what follows the colon. */
function shortTitle(title: string): string {
  return title.split(': ')[0] ?? title;
}

type OptionProps = {hit: Hit; id: string; active: boolean; onChoose: (event: MouseEvent<HTMLAnchorElement>) => void};

function Option({hit: {section, title, excerpt}, id, active, onChoose}: OptionProps): ReactNode {
  return (
    <Link
      to={`/${section.url}`}
      id={id}
      role="option"
      aria-selected={active}
      tabIndex={-1}
      className={clsx(styles.option, active && styles.active)}
      onClick={onChoose}
      data-noBrokenLinkCheck
    >
      <span className={styles.place}>
        {section.url.includes('#') && <span className={styles.page}>{shortTitle(section.page)} › </span>}
        <span className={styles.title}>
          <Marked pieces={title} />
        </span>
      </span>
      <span className={styles.excerpt}>
        <Marked pieces={excerpt} />
      </span>
    </Link>
  );
}

/**
 * The search dialog: a combobox whose listbox has the sections found, best first (WAI-ARIA Authoring Practices,
 * "Combobox"). The native modal dialog keeps the focus inside and gives it back when nothing was opened.
 */
export default function SearchDialog({onClose}: {onClose: () => void}): ReactNode {
  const {siteConfig} = useDocusaurusContext();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const engine = useRef<Promise<SearchEngine> | undefined>(undefined);
  const latest = useRef('');
  const [query, setQuery] = useState('');
  const [state, setState] = useState<State>({status: 'idle'});
  const [active, setActive] = useState(-1);
  const id = useId();

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);

  // While the reader types. What goes wrong is said when there is something to search for, and then tried again.
  useEffect(() => {
    engine.current = loadSearch(siteConfig.baseUrl);
    engine.current.catch(() => undefined);
  }, [siteConfig.baseUrl]);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({block: 'nearest'});
  }, [active]);

  async function search(text: string): Promise<void> {
    setQuery(text);
    setActive(-1);
    const wanted = text.trim();
    latest.current = wanted;
    if (!wanted) {
      setState({status: 'idle'});
      return;
    }
    setState((current) => (current.status === 'done' ? current : {status: 'searching'}));
    try {
      engine.current ??= loadSearch(siteConfig.baseUrl);
      const answer = (await engine.current).search(wanted, maximum);
      if (latest.current !== wanted) return;
      setState({status: 'done', query: wanted, answer});
      setActive(answer.hits.length > 0 ? 0 : -1);
    } catch (error) {
      console.error(error);
      engine.current = undefined;
      if (latest.current === wanted) setState({status: 'failed', message: indexMissing});
    }
  }

  const hits = state.status === 'done' ? state.answer.hits : [];
  const count = hits.length;

  function onKeyDown(event: KeyboardEvent<HTMLInputElement>): void {
    const moves: Partial<Record<string, number>> = {ArrowDown: (active + 1) % count, ArrowUp: (Math.max(active, 0) - 1 + count) % count};
    const next = moves[event.key];
    if (next !== undefined && count > 0) {
      event.preventDefault();
      setActive(next);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing && active >= 0) {
      event.preventDefault();
      document.getElementById(`${id}-${active}`)?.click();
    }
  }

  const text = summary(state);
  const choose = (event: MouseEvent<HTMLAnchorElement>): void => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    focusOnArrival(event.currentTarget);
    dialog.current?.close();
  };

  return (
    // The backdrop is part of the dialog element; Esc does the same for the keyboard.
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-label="Search"
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) dialog.current.close();
      }}
    >
      <div className={styles.panel}>
        <div className={styles.field}>
          <input
            type="text"
            inputMode="search"
            enterKeyHint="search"
            className={styles.input}
            role="combobox"
            aria-label="Search chapters and posts"
            aria-autocomplete="list"
            aria-haspopup="listbox"
            aria-expanded={count > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
            placeholder="Search chapters and posts"
            autoComplete="off"
            spellCheck={false}
            // A search dialog is opened to type into it.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            autoFocus
            value={query}
            onChange={(event) => void search(event.target.value)}
            onKeyDown={onKeyDown}
          />
          <button type="button" className={styles.close} onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
        <p className={clsx(styles.status, state.status === 'failed' && styles.failed)} role="status">
          {text}
        </p>
        <div ref={list} className={styles.list} role="listbox" id={`${id}-list`} aria-label="Search results">
          {hits.map((hit, place) => (
            <Option key={hit.section.url} hit={hit} id={`${id}-${place}`} active={place === active} onChoose={choose} />
          ))}
        </div>
        <p className={styles.keys}>
          <kbd>↑</kbd> <kbd>↓</kbd> to choose, <kbd>Enter</kbd> to open, <kbd>Esc</kbd> to close
        </p>
      </div>
    </dialog>
  );
}
