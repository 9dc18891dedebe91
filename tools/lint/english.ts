import type {Problem} from '../../plugins/markdown/problems.ts';

/** English that no reader expects, and what to write. Spelling is cspell's. */
const patterns: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/\banew\b/i, 'again'],
  [/\b(?:tells|says) whether\b/i, 'reports whether'],
  [/\bso to say\b/i, 'so to speak, or nothing'],
  [/\bElse the\b/, 'Otherwise the'],
  [/(?<!here )\b(?:is|are) no (?!such|longer|one|more|need|way|reason)[a-z]+\b/, 'is not a …'],
];

/** Reports whether a file, by its path from the root, is held to these rules. */
export const isHeldToEnglish = (file: string): boolean =>
  /\.(?:tsx?|mts|go|mdx?)$/.test(file) &&
  // The patterns, and the examples of what they find.
  !file.startsWith('tools/lint/english.');

/** Odd English in a text, line by line. */
export function checkEnglish(file: string, text: string): Problem[] {
  return text.split('\n').flatMap((content, index) =>
    patterns.flatMap(([pattern, instead]) => {
      const found = pattern.exec(content)?.[0];
      return found === undefined ? [] : [{file, line: index + 1, message: `“${found}”; write: ${instead}`}];
    }),
  );
}
