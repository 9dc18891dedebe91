import StaticHtml from '@site/src/components/StaticHtml';
import type {CSSProperties, ReactNode} from 'react';

type Props = {
  /** Address of its markup below the static folders. */
  src: string;
  kind: string;
  /** Rows of a table, as a number: the room it will take at least. */
  rows?: string;
  /** Width of a drawing in CSS pixels, where there is room for it. */
  width?: string;
  /** Width and height of a drawing, as in `720 / 300`, in wide columns and in narrow ones. */
  wide?: string;
  narrow?: string;
  /** What a drawing shows; a table says so itself. */
  caption?: string;
};

/**
 * A picture made at build time: its markup is in the page's HTML and in no script, and its room is kept until it is there.
 * Documents do not write this element; their `<Matrix>`, `<Rulers>` and `<Figure>` become it (plugins/pictures).
 */
export default function Picture({src, kind, rows, width, wide, narrow, caption}: Props): ReactNode {
  const room = {'--rows': rows, '--width': width, '--wide': wide, '--narrow': narrow} as CSSProperties;
  return (
    <figure className={`ss-diagram ss-picture ss-picture--${kind}`} style={room}>
      <StaticHtml src={src} className="ss-picture__room" />
      {caption !== undefined && (
        // The drawing tells its title to those who cannot see it.
        <figcaption className="ss-diagram__caption" aria-hidden="true">
          {caption}
        </figcaption>
      )}
    </figure>
  );
}
