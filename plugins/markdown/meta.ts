import {suggest} from './problems.ts';

/** Attributes that a fence may carry after its language. */
export const attributeNames = ['file', 'show', 'region', 'diff-against', 'removed', 'of', 'commands', 'title'] as const;
export type AttributeName = (typeof attributeNames)[number];

/** Attributes that are given by their name alone. */
const flags: ReadonlySet<AttributeName> = new Set(['removed']);

/** What stands after the language of a fence, such as `file=a.go region=x {3-5}`. */
export type Meta = {
  /** Values by name; that of an attribute that takes none is empty. */
  attributes: Partial<Record<AttributeName, string>>;
  /** Line numbers of `{3,5-7}`, sorted. */
  emphasised: readonly number[];
  /** What could not be understood. */
  problems: readonly string[];
};

const isAttributeName = (name: string): name is AttributeName => (attributeNames as readonly string[]).includes(name);

/** Lines of `3,5-7`, or null when it is no such list. */
function parseLines(list: string): number[] | null {
  const lines = new Set<number>();
  for (const part of list.split(',')) {
    const match = /^\s*(\d{1,6})(?:-(\d{1,6}))?\s*$/.exec(part);
    if (!match) return null;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (first < 1 || last < first) return null;
    for (let line = first; line <= last; line++) lines.add(line);
  }
  return [...lines].sort((a, b) => a - b);
}

/**
 * Reads what stands after the language of a fence: `name=value`, `name="value with spaces"` and one `{lines}`.
 *
 * @param meta text after the language, as mdast gives it
 */
export function parseMeta(meta: string | null | undefined): Meta {
  const attributes: Partial<Record<AttributeName, string>> = {};
  const problems: string[] = [];
  let emphasised: number[] = [];
  let braces = 0;
  for (const [word] of (meta ?? '').matchAll(/\{[^}]*\}?|[^\s={]+="[^"]*"|\S+/g)) {
    if (word.startsWith('{')) {
      const lines = word.endsWith('}') ? parseLines(word.slice(1, -1)) : null;
      if (!lines) problems.push(`${word} is not a list of lines; write them like {3,5-7}`);
      else emphasised = lines;
      if (++braces === 2) problems.push('two lists of lines; write one, like {3,5-7}');
      continue;
    }
    const [, name = word, value] = /^([^=]+)=(.*)$/s.exec(word) ?? [];
    if (!isAttributeName(name)) {
      problems.push(`unknown attribute “${name}”${suggest(name, attributeNames)}; a fence takes ${attributeNames.join(', ')} and {lines}`);
    } else if (attributes[name] !== undefined) {
      problems.push(`attribute “${name}” is given twice`);
    } else if (flags.has(name)) {
      if (value !== undefined) problems.push(`attribute “${name}” takes no value; write ${name} alone`);
      attributes[name] = '';
    } else {
      const bare = (value ?? '').replace(/^"(.*)"$/s, '$1').trim();
      if (bare === '') problems.push(`attribute “${name}” has no value; write ${name}=… (in double quotes when it has spaces)`);
      attributes[name] = bare;
    }
  }
  return {attributes, emphasised, problems};
}
