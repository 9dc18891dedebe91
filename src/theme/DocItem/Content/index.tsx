import Content from '@theme-original/DocItem/Content';
import type {Props} from '@theme/DocItem/Content';
import type {ReactNode} from 'react';
import ChapterEyebrow from '@site/src/site/ChapterEyebrow';

/** A doc's content below its eyebrow. */
export default function DocItemContent(props: Props): ReactNode {
  return (
    <>
      <ChapterEyebrow />
      <Content {...props} />
    </>
  );
}
