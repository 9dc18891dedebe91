import StaticHtml from '@site/src/components/StaticHtml';
import type {ReactNode} from 'react';

/**
 * The drawing that opens a chapter, 720 units wide and 270 high: one idea, to be remembered. Its markup is in the page's HTML
 * and in no script, and its room is kept.
 *
 * @param chapter name of the chapter's page, as in its address: `static/plates/NAME.svg` is drawn
 */
export default function Plate({chapter}: {chapter: string}): ReactNode {
  return <StaticHtml src={`/plates/${chapter}.svg`} className="ss-plate" />;
}
