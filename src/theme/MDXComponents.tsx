import MDXComponents from '@theme-original/MDXComponents';
import CodeBlock from '@theme/CodeBlock';
import ChapterMap from '@site/src/site/ChapterMap';
import Continue from '@site/src/site/Continue';
import Deeper from '@site/src/components/Deeper';
import Diagram from '@site/src/components/Diagram';
import Exercise, {Hint, Solution} from '@site/src/components/Exercise';
import Goals from '@site/src/components/Goals';
import {Choice, Question, Quiz, Why} from '@site/src/components/Quiz';
import Replay from '@site/src/components/Replay';
import StaticHtml from '@site/src/components/StaticHtml';
import Surprise, {Expect, Get} from '@site/src/components/Surprise';

/** Everything MDX may use without an import, one line each. */
export default {
  ...MDXComponents,
  ChapterMap,
  Choice,
  CodeBlock,
  Continue,
  Deeper,
  Diagram,
  Exercise,
  Expect,
  Get,
  Goals,
  Hint,
  Question,
  Quiz,
  Replay,
  Solution,
  StaticHtml,
  Surprise,
  Why,
};
