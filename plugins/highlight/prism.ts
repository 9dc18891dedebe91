import {createRequire} from 'node:module';
import path from 'node:path';
import {Prism} from 'prism-react-renderer';
import type {Grammar, TokenStream} from 'prismjs';
import components from 'prismjs/components.js';
import getLoader, {type Components} from 'prismjs/dependencies.js';
import {escapeHtml} from '../markdown/html.ts';

/** A piece of a line that has one colour; `kind` is empty for plain text. */
export type Piece = {kind: string; text: string};

/**
 * Prism's token types by the colour they get: a type that is not here is plain. Short, for each is in the HTML of
 * every page many times (`<span class="k">`); src/css/code.css has the colours.
 */
const kinds: Readonly<Record<string, string>> = {
  comment: 'c',
  prolog: 'c',
  doctype: 'c',
  cdata: 'c',
  shebang: 'c',
  keyword: 'k',
  atrule: 'k',
  tag: 'k',
  important: 'k',
  selector: 'k',
  instruction: 'k',
  boolean: 'k',
  rule: 'k',
  string: 's',
  char: 's',
  'attr-value': 's',
  regex: 's',
  url: 's',
  'triple-quoted-string': 's',
  'template-string': 's',
  'inserted-sign': 'i',
  inserted: 'i',
  number: 'n',
  constant: 'n',
  symbol: 'n',
  unit: 'n',
  environment: 'n',
  variable: 'n',
  interpolation: 'n',
  function: 'f',
  'function-name': 'f',
  'function-variable': 'f',
  macro: 'f',
  section: 'f',
  'section-name': 'f',
  target: 'f',
  title: 'f',
  'class-name': 't',
  builtin: 't',
  namespace: 't',
  'maybe-class-name': 't',
  property: 'p',
  'attr-name': 'p',
  key: 'p',
  parameter: 'p',
  'header-name': 'p',
  'assign-left': 'p',
  'deleted-sign': 'd',
  deleted: 'd',
  coord: 'h',
};

const known: ReadonlyMap<string, string> = new Map([
  ...['text', 'txt', 'plaintext', 'plain'].map((name) => [name, 'plain'] as const),
  ...Object.entries(components.languages as Components['languages']).flatMap(([id, language]) => {
    if (id === 'meta' || typeof language === 'string') return [];
    return [id, ...[language.alias ?? []].flat()].map((name) => [name, id] as const);
  }),
]);

/** Names that a fence may have after its backticks. */
export const languageNames: readonly string[] = [...known.keys()];

/** Prism's grammar of a language, loaded when first asked for; null for plain text. */
function grammarOf(id: string): Grammar | null {
  if (id === 'plain') return null;
  if (!Prism.languages[id]) {
    // prism-react-renderer has few languages. The others come from prismjs, whose files extend the global Prism.
    const load = createRequire(path.join(process.cwd(), 'package.json'));
    const scope = globalThis as {Prism?: typeof Prism};
    const before = scope.Prism;
    scope.Prism = Prism;
    try {
      getLoader(components as Components, [id], Object.keys(Prism.languages)).load((component) => {
        if (Prism.languages[component]) return;
        const file = load.resolve(`prismjs/components/prism-${component}.js`);
        Reflect.deleteProperty(load.cache, file);
        load(file);
      });
    } finally {
      scope.Prism = before;
    }
  }
  return (Prism.languages as Partial<Record<string, Grammar>>)[id] ?? null;
}

/** Splits Prism's nested tokens into pieces, each of the innermost kind that has a colour, and the pieces into lines. */
function toLines(stream: TokenStream, kind: string, lines: Piece[][]): void {
  if (typeof stream === 'string') {
    stream.split('\n').forEach((text, index) => {
      if (index > 0) lines.push([]);
      const line = lines.at(-1);
      const last = line?.at(-1);
      // Space has no colour: it joins what stands before it, so fewer elements are needed.
      if (last && (last.kind === kind || text.trim() === '')) last.text += text;
      else if (text !== '') line?.push({kind: text.trim() === '' ? '' : kind, text});
    });
  } else if (Array.isArray(stream)) {
    for (const part of stream) toLines(part, kind, lines);
  } else {
    const own = [stream.type, ...[stream.alias].flat()].map((type) => kinds[type]).find((found) => found !== undefined);
    toLines(stream.content, own ?? kind, lines);
  }
}

/**
 * Tokenises a program.
 *
 * @param code its text
 * @param language name as a fence gives it, such as `go`, `sh` or `text`
 * @returns its lines, each as pieces that together are the line's text; null when there is no such language
 */
export function tokenize(code: string, language: string): Piece[][] | null {
  const id = known.get(language);
  if (id === undefined) return null;
  const grammar = grammarOf(id);
  const lines: Piece[][] = [[]];
  if (!grammar) {
    toLines(code, '', lines);
    return lines;
  }
  // The hooks are what makes template languages (PHP, Handlebars) see their embedded markup.
  const environment: {code: string; grammar: Grammar; language: string; tokens: TokenStream} = {code, grammar, language: id, tokens: []};
  Prism.hooks.run('before-tokenize', environment);
  environment.tokens = Prism.tokenize(environment.code, environment.grammar);
  Prism.hooks.run('after-tokenize', environment);
  toLines(environment.tokens, '', lines);
  return lines;
}

/** HTML of one line, without its line break. */
export function lineToHtml(pieces: readonly Piece[]): string {
  return pieces.map(({kind, text}) => (kind === '' ? escapeHtml(text) : `<span class="${kind}">${escapeHtml(text)}</span>`)).join('');
}
