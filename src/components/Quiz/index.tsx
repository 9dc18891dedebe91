import useBrokenLinks from '@docusaurus/useBrokenLinks';
import {createContext, useContext, useId, useRef, useState, type ReactNode} from 'react';
import {Choice, only, without} from '../Choice/index.tsx';
import {rememberAnswers, useAnswers, type Answers} from '@site/src/reader/answers.ts';
import {useHydrated} from '@site/src/reader/hydrated.ts';
import styles from './styles.module.css';

/** What a question knows of the quiz that it is in. */
type QuestionState = {
  quiz: string;
  number: number;
  total: number;
  checked: number | undefined;
  check: (choice: number) => void;
};

const QuestionContext = createContext<QuestionState | null>(null);

type QuizProps = {
  /** Names the quiz in the reader's storage and in anchors: the chapter's name. */
  id: string;
  /** `<Question>`s. */
  children: ReactNode;
};

/**
 * Questions with choices and an explanation of every choice. The HTML that is sent lists the choices and holds the
 * explanations folded; script adds the choosing, tells the result and remembers it.
 */
export function Quiz({id, children}: QuizProps): ReactNode {
  const remembered = useAnswers(id);
  const hydrated = useHydrated();
  const [round, setRound] = useState(0);
  const questions = only(children, Question);
  const ids = questions.map((question) => question.props.id);
  const repeated = ids.find((one, position) => ids.indexOf(one) !== position);
  if (repeated !== undefined) throw new Error(`Quiz "${id}": two questions have the id "${repeated}"; give each its own`);

  // An answer from before the quiz was rewritten may point at no choice.
  const answers: Answers = Object.fromEntries(
    questions.flatMap(({props}) => {
      const choice = remembered[props.id];
      return choice !== undefined && choice in only(props.children, Choice) ? [[props.id, choice]] : [];
    }),
  );
  const answered = questions.filter(({props}) => answers[props.id] !== undefined);
  const right = answered.filter(({props}) => answers[props.id] === rightChoice(props));

  function startAgain(): void {
    rememberAnswers(id, null);
    setRound(round + 1);
  }

  return (
    <div className={styles.quiz}>
      <ol className={styles.questions} key={round}>
        {questions.map((question, position) => (
          <QuestionContext
            key={question.props.id}
            value={{
              quiz: id,
              number: position + 1,
              total: questions.length,
              checked: answers[question.props.id],
              check: (choice) => rememberAnswers(id, {...answers, [question.props.id]: choice}),
            }}
          >
            {question}
          </QuestionContext>
        ))}
      </ol>
      <div className={styles.summary}>
        {answered.length === 0 && <p className={styles.none}>Nothing answered yet. Your answers stay in this browser.</p>}
        {hydrated && answered.length > 0 && (
          <>
            <p>
              {answered.length} of {questions.length} answered, {right.length} right.
            </p>
            <button type="button" className={styles.again} onClick={startAgain}>
              Start again
            </button>
          </>
        )}
      </div>
    </div>
  );
}

type QuestionProps = {
  /** Anchor of the question, and its name in the reader's storage. */
  id: string;
  /** The question, then `<Choice>` and `<Why>` in turn. */
  children: ReactNode;
};

type WhyProps = {
  /** Why the choice before it is right or wrong. */
  children: ReactNode;
};

/** What there is to know about the choice before it; `<Question>` reads it. */
export function Why({children}: WhyProps): ReactNode {
  return children;
}

function rightChoice({children}: QuestionProps): number {
  return only(children, Choice).findIndex((choice) => choice.props.correct === true);
}

const letter = (position: number): string => String.fromCharCode(65 + position);

/** One question of a `<Quiz>`. */
export function Question(props: QuestionProps): ReactNode {
  const {id, children} = props;
  const state = useContext(QuestionContext);
  const hydrated = useHydrated();
  const promptId = useId();
  const [chosen, setChosen] = useState<number | null>(null);
  const [open, setOpen] = useState(false);
  /** Said by assistive technology: set by what the reader does now, not by what was remembered. */
  const [told, setTold] = useState<string | null>(null);
  const group = useRef<HTMLDivElement>(null);
  useBrokenLinks().collectAnchor(id);

  const choices = only(children, Choice);
  const whys = only(children, Why);
  const right = rightChoice(props);
  if (state === null) throw new Error(`Question "${id}" stands outside a Quiz`);
  if (choices.length < 2) throw new Error(`Question "${id}" has ${choices.length} choices; give it at least two`);
  if (choices.filter((choice) => choice.props.correct === true).length !== 1) {
    throw new Error(`Question "${id}" must have exactly one Choice marked correct`);
  }
  if (whys.length !== choices.length) {
    throw new Error(`Question "${id}" has ${choices.length} choices and ${whys.length} explanations; write a Why after each Choice`);
  }
  const prompt = without(children, Choice, Why);

  const {quiz, number, total, checked, check} = state;
  const selected = chosen ?? checked ?? null;

  function verdict(choice: number): string {
    return choice === right ? `${letter(choice)} is right.` : `${letter(choice)} is not it: the answer is ${letter(right)}.`;
  }

  function checkAnswer(): void {
    if (selected === null) {
      setTold('Choose an answer first.');
      group.current?.querySelector('input')?.focus();
      return;
    }
    check(selected);
    setTold(verdict(selected));
    setOpen(true);
  }

  return (
    <li className={styles.question} id={id}>
      <div className={styles.asked}>
        <p className={styles.number}>
          Question {number} of {total}
        </p>
        <div className={styles.prompt} id={promptId}>
          {prompt}
        </div>
        <div className={styles.choices} ref={group} {...(hydrated && {role: 'radiogroup', 'aria-labelledby': promptId})}>
          {choices.map((choice, position) => (
            <label className={styles.choice} key={letter(position)}>
              {hydrated && (
                <input type="radio" name={`${quiz}-${id}`} checked={selected === position} onChange={() => setChosen(position)} />
              )}
              <span className={styles.letter}>{letter(position)}</span>
              <span className={styles.text}>{choice}</span>
            </label>
          ))}
        </div>
        <div className={styles.result}>
          {hydrated && (
            <>
              <button type="button" className={styles.check} onClick={checkAnswer}>
                Check
              </button>
              <p role="status">{told}</p>
              {told === null && checked !== undefined && <p>{verdict(checked)}</p>}
            </>
          )}
        </div>
      </div>
      <details className={styles.answers} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary data-question={number}>Every answer explained</summary>
        <ol className={styles.whys}>
          {whys.map((why, position) => (
            <li key={letter(position)} className={position === right ? styles.right : styles.wrong}>
              <p className={styles.mark}>
                {letter(position)}: {position === right ? 'right' : 'wrong'}
              </p>
              {why}
            </li>
          ))}
        </ol>
      </details>
    </li>
  );
}
