import type {ReactNode} from 'react';

type Props = {
  /** Questions of earlier chapters, as `namespaces/question-same, cgroups/question-limit`. */
  of: string;
  /** Filled in by the build (plugins/teaching/recall.ts): a `<Quiz>` of those questions, and links to their chapters. */
  children?: ReactNode;
};

/** Asks questions of earlier chapters again, before this one begins. */
export default function Recall({children}: Props): ReactNode {
  return <div>{children}</div>;
}
