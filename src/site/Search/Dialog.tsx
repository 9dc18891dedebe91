import Link from '@docusaurus/Link';
import useDocusaurusContext from '@docusaurus/useDocusaurusContext';
import clsx from 'clsx';
import {useEffect, useId, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode} from 'react';
import {found, loadPagefind, type Found, type Pagefind, type Hit} from './pagefind';
import styles from './styles.module.css';

/** Pages shown; a search that finds more is better narrowed than scrolled. */
const maximumPages = 8;

type State =
  {status: 'idle' | 'searching'} | {status: 'failed'; message: string} | {status: 'done'; query: string; total: number; pages: Found[]};

const indexMissing =
  process.env.NODE_ENV === 'development'
    ? 'There is no search index here: it is made when the site is built. Run “npm run build”, then “npm run serve”.'
    : 'The search could not be loaded. Check the connection, then close this and try again.';

function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function summary(state: State): string {
  switch (state.status) {
    case 'idle':
      return '';
    case 'searching':
      return 'Searching…';
    case 'failed':
      return state.message;
    case 'done':
      if (state.total === 0) return `Nothing found for “${state.query}”. Try another word, or a shorter one.`;
      return state.total > maximumPages
        ? `The best ${maximumPages} of ${state.total} pages. Add a word to find fewer.`
        : `Found on ${plural(state.total, 'page')}.`;
  }
}

type OptionProps = {hit: Hit; id: string; active: boolean; section: boolean; onChoose: (event: MouseEvent) => void};

function Option({hit, id, active, section, onChoose}: OptionProps): ReactNode {
  return (
    <Link
      to={hit.url}
      id={id}
      role="option"
      aria-selected={active}
      tabIndex={-1}
      className={clsx(styles.option, section && styles.section, active && styles.active)}
      onClick={onChoose}
      data-noBrokenLinkCheck
    >
      <span className={styles.title}>{hit.title}</span>
      {/* Pagefind escapes the page's text; the only elements in it are its own <mark>. */}
      <span className={styles.excerpt} dangerouslySetInnerHTML={{__html: hit.excerpt}} />
    </Link>
  );
}

/**
 * The search dialog: a combobox whose listbox has the pages found, each with its sections (WAI-ARIA Authoring Practices,
 * "Combobox"). The native modal dialog keeps the focus inside and gives it back.
 */
export default function SearchDialog({onClose}: {onClose: () => void}): ReactNode {
  const {siteConfig} = useDocusaurusContext();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const pagefind = useRef<Promise<Pagefind> | undefined>(undefined);
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
      pagefind.current ??= loadPagefind(siteConfig.baseUrl);
      const answer = await (await pagefind.current).debouncedSearch(wanted, {}, 150);
      if (!answer || latest.current !== wanted) return;
      const pages = await Promise.all(answer.results.slice(0, maximumPages).map(async (result) => found(await result.data())));
      if (latest.current !== wanted) return;
      setState({status: 'done', query: wanted, total: answer.results.length, pages});
      setActive(pages.length > 0 ? 0 : -1);
    } catch (error) {
      console.error(error);
      pagefind.current = undefined;
      if (latest.current === wanted) setState({status: 'failed', message: indexMissing});
    }
  }

  const pages = state.status === 'done' ? state.pages : [];
  const count = pages.reduce((sum, {sections}) => sum + 1 + sections.length, 0);

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
  let place = 0;
  const option = (target: Hit, section: boolean): ReactNode => {
    const own = place++;
    return (
      <Option
        key={target.url}
        hit={target}
        id={`${id}-${own}`}
        active={own === active}
        section={section}
        onChoose={(event) => {
          if (!event.metaKey && !event.ctrlKey && !event.shiftKey) dialog.current?.close();
        }}
      />
    );
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
          {pages.map(({page, sections}) => (
            <div key={page.url} role="group" aria-label={page.title} className={styles.page}>
              {option(page, false)}
              {sections.map((section) => option(section, true))}
            </div>
          ))}
        </div>
        <p className={styles.keys}>
          <kbd>↑</kbd> <kbd>↓</kbd> to choose, <kbd>Enter</kbd> to open, <kbd>Esc</kbd> to close
        </p>
      </div>
    </dialog>
  );
}
