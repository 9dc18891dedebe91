import MDXComponents from '@theme-original/MDXComponents';
import CodeBlock from '@theme/CodeBlock';
import ChapterMap from '@site/src/site/ChapterMap';
import Continue from '@site/src/site/Continue';
import {Choice} from '@site/src/components/Choice';
import Deeper from '@site/src/components/Deeper';
import Diagram from '@site/src/components/Diagram';
import Exercise, {Hint, Solution} from '@site/src/components/Exercise';
import FirstVersion from '@site/src/components/FirstVersion';
import Goals from '@site/src/components/Goals';
import Keep from '@site/src/components/Keep';
import Predict, {Answer} from '@site/src/components/Predict';
import Proof from '@site/src/components/Proof';
import {Question, Quiz, Why} from '@site/src/components/Quiz';
import Recall from '@site/src/components/Recall';
import Picture from '@site/src/components/Picture';
import Plate from '@site/src/components/Plate';
import Replay from '@site/src/components/Replay';
import Stage, {IfNot, Seen} from '@site/src/components/Stage';
import StaticHtml from '@site/src/components/StaticHtml';
import Unclear from '@site/src/components/Unclear';

/** Everything MDX may use without an import, one line each. */
export default {
  ...MDXComponents,
  Answer,
  ChapterMap,
  Choice,
  CodeBlock,
  Continue,
  Deeper,
  Diagram,
  Exercise,
  FirstVersion,
  Goals,
  Hint,
  IfNot,
  Keep,
  Predict,
  Proof,
  Picture,
  Plate,
  Question,
  Quiz,
  Recall,
  Replay,
  Seen,
  Solution,
  Stage,
  StaticHtml,
  Unclear,
  Why,
};
