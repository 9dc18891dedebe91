import {useHistory} from '@docusaurus/router';
import siteConfig from '@generated/docusaurus.config';
import type {MouseEvent, ReactNode} from 'react';

/** The segments of documents that were asked for, by the key of the document. */
const fetched = new Map<string, Promise<readonly string[]>>();
/** Those that have come. */
const arrived = new Map<string, readonly string[]>();
/** What segments held when their page was left, by their ids: the elements, with all that the reader opened in them. */
const left = new Map<string, readonly ChildNode[]>();

/** Fetches the segments of a document; one that failed is asked for again the next time. */
function fetchSegments(key: string): Promise<readonly string[]> {
  const url = `${siteConfig.baseUrl}segments/${key}.json`;
  let segments = fetched.get(key);
  if (!segments) {
    segments = fetch(url).then(async (response) => {
      if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
      const markup = (await response.json()) as readonly string[];
      arrived.set(key, markup);
      return markup;
    });
    segments.catch(() => fetched.delete(key));
    fetched.set(key, segments);
  }
  return segments;
}

/**
 * Waits until the segments of a document are there: at once for those of the page that was sent; others are fetched. A
 * document's module waits for it, so a page that script leads to comes whole, with the targets of its links.
 */
export async function arrive(key: string): Promise<void> {
  if (document.querySelector(`[data-static^="${key}."]`)) return;
  // What could not be fetched now is asked for again when it is to be shown, and then says so.
  await fetchSegments(key).catch(() => undefined);
}

/** Fills a segment that script made; one that was sent has its content. Keeps the content when the segment goes. */
function fill(element: HTMLElement): () => void {
  const id = element.dataset.static ?? '';
  const [key = '', place = ''] = id.split('.');
  let gone = false;
  const show = (segments: readonly string[]): void => {
    if (!gone) element.innerHTML = segments[Number(place)] ?? '';
  };
  if (!element.firstChild) {
    const nodes = left.get(id);
    const segments = arrived.get(key);
    if (nodes) element.replaceChildren(...nodes);
    else if (segments) show(segments);
    else {
      fetchSegments(key).then(show, (error: unknown) => {
        element.textContent = `This part could not be loaded (${String(error)}). Reload the page to try again.`;
      });
    }
  }
  return () => {
    gone = true;
    if (arrived.has(key) || element.firstElementChild) left.set(id, [...element.childNodes]);
  };
}

/** The link to another page of the site that an event is about. The address of a file has no slash at its end. */
function linkOf({target}: MouseEvent): HTMLAnchorElement | null {
  const link = target instanceof Element ? target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || link.getAttribute('href')?.startsWith('#')) return null;
  const page = link.origin === window.location.origin && link.pathname.startsWith(siteConfig.baseUrl) && link.pathname.endsWith('/');
  return page ? link : null;
}

/** Starts to load the page that a link leads to, as the theme's links do. */
function onMouseOver(event: MouseEvent): void {
  const link = linkOf(event);
  if (link) void window.docusaurus.preload(link.pathname);
}

const nothing = {__html: ''};

type Props = {
  /** Key of the document and place of the segment in it. */
  id: string;
};

/** A segment in the page: hydration leaves it as it was sent, and its links lead on without loading the site again. */
export function StaticSegment({id}: Props): ReactNode {
  const history = useHistory();
  const onClick = (event: MouseEvent): void => {
    const link = linkOf(event);
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    history.push(link.pathname + link.search + link.hash);
  };
  return (
    // The links in it are what is clicked, by keyboard too.
    <div
      className="ss-static"
      data-static={id}
      ref={(element) => (element ? fill(element) : undefined)}
      onClick={onClick}
      onMouseOver={onMouseOver}
      suppressHydrationWarning
      dangerouslySetInnerHTML={nothing}
    />
  );
}
