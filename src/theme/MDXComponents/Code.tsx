import CodeInline from '@theme/CodeInline';
import type {ComponentProps, ReactNode} from 'react';

/** Code within a sentence. Code blocks never come here: the highlight plugin has made them `<CodeBlock>`. */
export default function MDXCode(props: ComponentProps<typeof CodeInline>): ReactNode {
  return <CodeInline {...props} />;
}
