import useBaseUrl from '@docusaurus/useBaseUrl';
import {useEffect, useRef, type ReactNode} from 'react';
import {fragment} from '#static-html';

type Props = {
  /** Path below the static folders, starting with `/`: an HTML or SVG fragment of our own making. */
  src: string;
  className?: string;
};

/**
 * A fragment of markup that is in the page's HTML and nowhere in its script. Hydration leaves the markup as the
 * server sent it; after client-side navigation the fragment is fetched. Reserve its space in the parent, or the
 * page shifts when it arrives.
 */
export default function StaticHtml({src, className}: Props): ReactNode {
  const container = useRef<HTMLDivElement>(null);
  const url = useBaseUrl(src);
  useEffect(() => {
    const element = container.current;
    if (!element || element.firstChild) return;
    const abort = new AbortController();
    fetch(url, {signal: abort.signal})
      .then((response) => {
        if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
        return response.text();
      })
      .then((markup) => {
        element.innerHTML = markup;
      })
      .catch((error: unknown) => {
        if (!abort.signal.aborted) element.textContent = `This part could not be loaded (${String(error)}). Reload the page to try again.`;
      });
    return () => abort.abort();
  }, [url]);
  return <div ref={container} className={className} suppressHydrationWarning dangerouslySetInnerHTML={{__html: fragment(src)}} />;
}
