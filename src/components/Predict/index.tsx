import useBrokenLinks from '@docusaurus/useBrokenLinks';
import clsx from 'clsx';
import type {ReactNode} from 'react';
import {Choice, only, without} from '../Choice/index.tsx';
import styles from './styles.module.css';

type PredictProps = {
  /** Anchor of the question. */
  id: string;
  /** The question, two to four `<Choice>`s, and an `<Answer>`. */
  children: ReactNode;
};

type AnswerProps = {
  /** What happens, and why: paragraphs, fences, replays. */
  children: ReactNode;
};

/** What happens; `<Predict>` reads it. */
export function Answer({children}: AnswerProps): ReactNode {
  return children;
}

/**
 * Asks what will happen before the page shows it. There is no score, and nothing is kept. The choices are radio buttons and
 * the answer is folded; the style sheet marks and unfolds once one is chosen, and src/reader/predict.ts does what a style
 * sheet cannot. Without script, and on paper, the answer stands open below the choices and the right ones are marked.
 */
export default function Predict({id, children}: PredictProps): ReactNode {
  useBrokenLinks().collectAnchor(id);
  const choices = only(children, Choice);
  const answers = only(children, Answer);
  if (choices.length < 2 || choices.length > 4) throw new Error(`Predict "${id}" has ${choices.length} choices; give it two to four`);
  if (!choices.some(({props}) => props.correct === true)) throw new Error(`Predict "${id}" has no Choice marked correct`);
  if (answers.length !== 1) throw new Error(`Predict "${id}" has ${answers.length} answers; write one Answer after the choices`);
  const question = `${id}-question`;
  return (
    <div className={styles.predict} id={id} data-predict>
      <p className={styles.eyebrow} data-search-ignore data-feed-ignore>
        Predict before you see
      </p>
      <div className={styles.question} id={question}>
        {without(children, Choice, Answer)}
      </div>
      <fieldset className={styles.choices} aria-labelledby={question}>
        {choices.map((choice) => (
          <label
            className={clsx(styles.choice, choice.props.correct === true ? styles.right : styles.wrong)}
            key={choice.key}
            data-right={choice.props.correct === true ? '' : undefined}
          >
            {/* A choice that the browser remembers from the last visit would unfold the answer as the page loads. */}
            <input type="radio" name={id} autoComplete="off" />
            <span className={styles.text}>{choice}</span>
          </label>
        ))}
      </fieldset>
      <p className={styles.told} role="status" data-feed-ignore />
      <details className={styles.answer}>
        <summary data-search-ignore>Show me</summary>
        <div className={styles.body} data-search-last>
          {answers}
        </div>
      </details>
    </div>
  );
}
