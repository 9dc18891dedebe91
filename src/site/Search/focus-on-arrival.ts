import type {ClientModule} from '@docusaurus/types';

/** Path and fragment of the result that was opened last, until it is there. */
let awaited: string | undefined;

/** A link's result will get the focus when its page is there: the heading of the section, or the page's title. */
export function focusOnArrival({pathname, hash}: Pick<HTMLAnchorElement, 'pathname' | 'hash'>): void {
  awaited = pathname + hash;
}

/** Gives a heading the focus as a link to it would, without adding it to the tab sequence. */
function focus(heading: HTMLElement): void {
  heading.setAttribute('tabindex', '-1');
  heading.addEventListener('blur', () => heading.removeAttribute('tabindex'), {once: true});
  // The page has been scrolled to it already, below the navigation.
  heading.focus({preventScroll: true});
}

/** Docusaurus calls this when a page is there, and when another of its sections was asked for. */
export const onRouteDidUpdate: ClientModule['onRouteDidUpdate'] = ({location: {pathname, hash}}) => {
  const wanted = awaited;
  awaited = undefined;
  if (wanted !== pathname + hash) return;
  // After the theme, which gives the focus to the beginning of a new page.
  requestAnimationFrame(() => {
    const heading = hash ? document.getElementById(decodeURIComponent(hash.slice(1))) : document.querySelector<HTMLElement>('main h1');
    if (heading) focus(heading);
  });
};
