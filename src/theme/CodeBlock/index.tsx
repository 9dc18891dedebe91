import clsx from 'clsx';
import {useId, useRef, type ReactNode} from 'react';
import CopyButton from './CopyButton';

type Props = {
  /** The code, tokenised, as the highlight plugin made it: trusted markup of the build. */
  html: string;
  /** Name of the language as the fence gave it. */
  language: string;
  /** What the code is, above it. */
  title?: string;
  /** Source file of a listing, from the root of the repository. */
  file?: string;
  /** Line numbers of a listing, such as `12–30`. */
  lines?: string;
  /** Address of those lines in the repository. */
  href?: string;
};

/**
 * A code block: markup from the build that the page neither tokenises nor compares. The theme's own would bring Prism
 * along. Documents do not write this element; their fences become it.
 */
export default function CodeBlock({html, language, title, file, lines, href}: Props): ReactNode {
  const code = useRef<HTMLElement>(null);
  const caption = useId();
  const hasCaption = title !== undefined || file !== undefined;
  return (
    <figure className={clsx('ss-code', lines !== undefined && 'ss-code--numbered')}>
      {hasCaption && (
        <figcaption className="ss-code__caption" id={caption}>
          {title !== undefined && <span className="ss-code__title">{title}</span>}{' '}
          {file !== undefined && (
            <span className="ss-code__source">
              <a href={href} className="ss-code__file">
                {file}
              </a>{' '}
              <span className="ss-code__lines">{lines?.includes('–') ? `lines ${lines}` : `line ${lines}`}</span>
            </span>
          )}
        </figcaption>
      )}
      {/* Wide code scrolls here, not the page; whoever uses a keyboard scrolls it with the arrow keys once it has focus. */}
      <pre
        className="ss-code__text"
        role="group"
        aria-label={hasCaption ? undefined : `Code, ${language}`}
        aria-labelledby={hasCaption ? caption : undefined}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable region must be reachable (WCAG 2.1.1)
        tabIndex={0}
      >
        <code ref={code} suppressHydrationWarning dangerouslySetInnerHTML={{__html: html}} />
      </pre>
      <CopyButton text={code} />
    </figure>
  );
}
