import {remember, useRemembered} from './storage.ts';

/** Which choice (by position, from 0) a reader last checked, for each question id of a quiz. */
export type Answers = Readonly<Record<string, number>>;

const keyOf = (quiz: string): string => `quiz:${quiz}`;
const none: Answers = {};

function isAnswers(value: unknown): value is Answers {
  return typeof value === 'object' && value !== null && Object.values(value).every((choice) => Number.isInteger(choice));
}

/** The answers that the reader gave to a quiz, kept current; none on the server and while the page hydrates. */
export function useAnswers(quiz: string): Answers {
  return useRemembered(keyOf(quiz), isAnswers) ?? none;
}

/** Remembers the answers to a quiz in place of those before; null forgets them. */
export function rememberAnswers(quiz: string, answers: Answers | null): void {
  remember(keyOf(quiz), answers);
}
