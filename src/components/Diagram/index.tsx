import StaticHtml from '@site/src/components/StaticHtml';
import type {CSSProperties, ReactNode} from 'react';

type Props = {
  /** Address of the drawing below the static folders. */
  src?: string;
  /** Size of the drawing in CSS pixels, as the build writes it: the room it will take. */
  width?: string;
  height?: string;
  /** What the diagram shows. */
  title?: string;
  /** In `npm start` alone: why there is no drawing. */
  missing?: string;
};

/**
 * A diagram. Its drawing is in the page's HTML; it is never shown smaller than its text can be read, so on a narrow
 * screen it scrolls within its frame. Documents do not write this element; their mermaid fences become it.
 */
export default function Diagram({src, width, height, title, missing}: Props): ReactNode {
  if (src === undefined) {
    return (
      <figure className="ss-diagram">
        <p role="alert" className="ss-diagram__missing">
          {missing}
        </p>
      </figure>
    );
  }
  return (
    <figure className="ss-diagram">
      <div
        className="ss-diagram__frame ss-scroller"
        role="group"
        aria-label={`Diagram: ${title}`}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrollable region must be reachable (WCAG 2.1.1)
        tabIndex={0}
      >
        <div className="ss-diagram__room" style={{'--width': width, '--height': height} as CSSProperties}>
          <StaticHtml src={src} />
        </div>
      </div>
      {/* The drawing tells its title to those who cannot see it. */}
      <figcaption className="ss-diagram__caption" aria-hidden="true">
        {title}
      </figcaption>
    </figure>
  );
}
