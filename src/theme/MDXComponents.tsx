import MDXComponents from '@theme-original/MDXComponents';
import StaticHtml from '@site/src/components/StaticHtml';

/** Everything MDX may use without an import, one line each. */
export default {
  ...MDXComponents,
  StaticHtml,
};
