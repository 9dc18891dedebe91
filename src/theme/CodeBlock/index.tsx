import clsx from 'clsx';
import {useId, type ReactNode} from 'react';
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
  /** The earlier stage, when only what is new since then is shown. */
  since?: string;
  /** Markup of the whole file, when a comparison shows less. */
  whole?: string;
  /** How many lines the whole file has. */
  length?: string;
  /** There, with any value, when the commands are to be typed one at a time: they cannot be copied together. */
  typed?: string;
};

/** The text of a code block, with its button. */
function Code({
  html,
  sketch,
  label,
  labelledBy,
  copies,
}: {
  html: string;
  sketch: boolean;
  label?: string;
  labelledBy?: string;
  copies: string | null;
}): ReactNode {
  return (
    <>
      <pre
        className={clsx('ss-code__text', sketch && 'ss-scroller')}
        role="group"
        aria-label={label}
        aria-labelledby={labelledBy}
        // A wide sketch scrolls here, not the page; all else wraps.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable region must be reachable (WCAG 2.1.1)
        tabIndex={sketch ? 0 : undefined}
      >
        <code suppressHydrationWarning dangerouslySetInnerHTML={{__html: html}} />
      </pre>
      {copies !== null && <CopyButton label={copies} />}
    </>
  );
}

/**
 * A code block: markup from the build that the page neither tokenises nor compares. The theme's own would bring Prism
 * along. Documents do not write this element; their fences become it.
 */
export default function CodeBlock({html, language, title, file, lines, href, since, whole, length, typed}: Props): ReactNode {
  const caption = useId();
  const hasCaption = title !== undefined || file !== undefined;
  const numbered = lines !== undefined;
  const sketch = language === 'text' && !numbered;
  const copies = typed !== undefined ? null : language === 'console' ? 'Copy commands' : 'Copy code';
  return (
    <figure className={clsx('ss-code', numbered && 'ss-code--numbered', sketch && 'ss-code--sketch')}>
      {hasCaption && (
        <figcaption className="ss-code__caption" id={caption}>
          {title !== undefined && <span className="ss-code__title">{title}</span>}{' '}
          {file !== undefined && (
            <span className="ss-code__source">
              <a href={href} className="ss-code__file">
                {file}
              </a>{' '}
              <span className="ss-code__lines">{lines?.includes('–') ? `lines ${lines}` : `line ${lines}`}</span>
              {since !== undefined && `, what is new since ${since}`}
            </span>
          )}
        </figcaption>
      )}
      <Code html={html} sketch={sketch} copies={copies} {...(hasCaption ? {labelledBy: caption} : {label: `Code, ${language}`})} />
      {whole !== undefined && (
        <details className="ss-code__whole">
          <summary>The whole file, {length} lines</summary>
          <div className="ss-code__file-text">
            <Code html={whole} sketch={false} label={`All of ${file ?? 'the file'}`} copies="Copy the whole file" />
          </div>
        </details>
      )}
    </figure>
  );
}
