import {remember} from './storage.ts';
import {headingAt, PLACE, type Place} from './place.ts';

/**
 * Docusaurus client module: remembers the chapter and section being read, for `<Continue/>`. Writes once the reader
 * has scrolled and paused, so that opening a page by accident does not move the bookmark.
 */

/** Documents that one looks things up in; nobody leaves off there. */
const NOT_CHAPTERS = /\/docs\/(?:start|setup|glossary|reference)?\/?$/;
/** Milliseconds without scrolling before the place counts as read. */
const PAUSE = 800;

let timer: number | undefined;
let watching = '';

function placeNow(): Place | null {
  const article = document.querySelector('article');
  const title = article?.querySelector('h1')?.textContent;
  if (!article || !title) return null;
  const headings = [...article.querySelectorAll('h2[id]')].map((heading) => ({
    id: heading.id,
    // The heading holds its text and a link to itself (a zero-width sign).
    title: heading.firstChild?.textContent ?? '',
    top: heading.getBoundingClientRect().top,
  }));
  const heading = headingAt(headings, window.innerHeight / 2);
  return {path: watching, title, section: heading && {id: heading.id, title: heading.title}};
}

function onScroll(): void {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    const place = watching === window.location.pathname ? placeNow() : null;
    if (place) remember(PLACE, place);
  }, PAUSE);
}

/** Called by Docusaurus after each navigation. */
export function onRouteDidUpdate({location}: {location: {pathname: string}}): void {
  const {pathname} = location;
  window.clearTimeout(timer);
  const chapter = pathname.includes('/docs/') && !NOT_CHAPTERS.test(pathname);
  if (chapter && watching === '') window.addEventListener('scroll', onScroll, {passive: true});
  if (!chapter && watching !== '') window.removeEventListener('scroll', onScroll);
  watching = chapter ? pathname : '';
}
