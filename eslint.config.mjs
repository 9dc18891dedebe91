import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import {defineConfig} from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Code from a string, which the content-security policy of the site forbids. */
const noCodeFromStrings = {
  selector: "CallExpression[callee.name='eval'], NewExpression[callee.name='Function']",
  message: 'The content-security policy forbids code from strings.',
};

/** Names of the page and of the browser's window that code without the DOM does not know. */
const dom = [
  'window',
  'document',
  'navigator',
  'location',
  'localStorage',
  'sessionStorage',
  'requestAnimationFrame',
  'HTMLElement',
  'Element',
];

/**
 * Which folder may import what: dependencies run one way. `never` is a regular expression for the path that an import
 * names, from the root or from `src/`, and holds for imports of types and for `import()` as well. Folders of one list are
 * disjoint, as the last entry that fits a file is the one that counts. tools/lint/laws.test.ts breaks each law once.
 */
const laws = [
  {folder: 'host', never: '.*', why: 'host is the ground floor and imports nothing of the project'},
  {folder: 'vm', never: '(plugins|tools|e2e|sessions|src)/', why: 'vm imports host alone'},
  {folder: 'sessions', never: '(host|vm|plugins|tools|e2e|src)/', why: 'sessions are content: tools read them, they import no tool'},
  {
    folder: 'plugins',
    never: '(vm|tools|e2e)/|sessions/(?!result\\.)|src/(?!data/|terminal/html\\.|replay/(format|outline)/|site/Search/early\\.)',
    why: 'plugins import host, of sessions the results, and of src the data, what derives a replay, what escapes HTML and what runs in a head',
  },
  {folder: 'tools', never: 'e2e/', why: 'tools are what others start, and import no test of the whole'},
  {folder: 'src/terminal', never: '(replay|lab|components|explorers|site|theme|pages|reader)/', why: 'replay and lab stand on terminal'},
  {folder: 'src/lab', never: '(replay|components|explorers|site|theme|pages)/', why: 'lab stands on terminal and knows no replay'},
  {
    folder: 'src/reader',
    never: '(replay|lab|terminal|components|explorers|site|theme|pages)/',
    why: 'reader keeps answers and places, and draws nothing',
  },
  {
    folder: 'src/replay/format',
    never: '(outline|engine|figure|player|terminal|components|site|theme|pages)/',
    why: 'format is the first floor of replay',
    pure: true,
  },
  {
    folder: 'src/replay/outline',
    never: '(engine|figure|player|components|site|theme|pages)/',
    why: 'outline stands on format and terminal',
    pure: true,
  },
  {
    folder: 'src/replay/engine',
    never: '(figure|player|components|site|theme|pages)/',
    why: 'engine stands on format and outline',
    pure: true,
  },
  {
    folder: 'src/replay/figure',
    never: '(engine|player|components|site|theme|pages)/',
    why: 'the static half of a replay works without the player',
  },
  {folder: 'src/replay/player', never: '(components|site|theme|pages)/', why: 'player is what components use'},
  {
    folder: 'src/explorers/*/model',
    files: 'src/explorers/*/model{.ts,/**}',
    never: '(components|site|theme|pages)/',
    why: 'a model is pure',
    pure: true,
  },
  {folder: 'src/components', never: '(site|theme|pages|lab|explorers|offline)/', why: 'components import replay, terminal and reader'},
].map(({folder, files = `${folder}/**`, never, why, pure = false}) => {
  // Below src an import climbs as far as src/ or names it; beside src/ it names the folder at the root.
  const pattern = `^(?:(?:\\.\\./)+|@site/)${folder.startsWith('src/') ? '(?:src/)?(?:replay/)?' : ''}(?:${never})`;
  const message = `${why} (eslint.config.mjs, laws).`;
  const react = '^(?:react(?:-dom)?|@docusaurus/|@mdx-js/)';
  return {
    files: [files],
    // A test may build its case with what the code itself does not know.
    ignores: pure || folder.startsWith('src/') || folder === 'plugins' ? ['**/*.test.{ts,tsx}'] : [],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {regex: pattern, message},
            ...(pure ? [{regex: react, message: `${folder} knows no React (eslint.config.mjs, laws).`}] : []),
          ],
        },
      ],
      'no-restricted-syntax': [
        'error',
        noCodeFromStrings,
        // esquery ends a regular expression at a slash.
        {selector: `ImportExpression[source.value=/${pattern.replaceAll('/', '\\u002F')}/]`, message},
      ],
      ...(pure
        ? {'no-restricted-globals': ['error', ...dom.map((name) => ({name, message: `${folder} knows no DOM (eslint.config.mjs, laws).`}))]}
        : {}),
    },
  };
});

/** Rules for all TypeScript of the project; type-aware, since the costliest mistakes (a promise nobody waits for) need types. */
export default defineConfig(
  {ignores: ['node_modules/', '**/build/', '.docusaurus/', '.derived/', 'coverage/', 'static/', '**/*.{js,cjs,mjs}']},
  {
    files: ['**/*.{ts,tsx,mts}'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: {parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname}},
    linterOptions: {reportUnusedDisableDirectives: 'error'},
    rules: {
      'no-console': ['error', {allow: ['warn', 'error']}],
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', noCodeFromStrings],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': ['error', {'ts-ignore': true, 'ts-nocheck': true, 'ts-expect-error': 'allow-with-description'}],
      '@typescript-eslint/consistent-type-imports': ['error', {fixStyle: 'inline-type-imports', disallowTypeAnnotations: false}],
      // Object types and aliases are written one way, as `type`.
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      // Numbers in a message are plain text; only what prints as [object Object] is a mistake.
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true, allowBoolean: true}],
      // `() => void call()` and `() => call()` say the same when nothing reads the result.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // An index signature reads best as what it is: `env.PATH`, `env['PROGRAMFILES(X86)']`.
      '@typescript-eslint/dot-notation': 'off',
      // An empty setting is no setting: `process.env.NAME || standard` is meant.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', {ignorePrimitives: {string: true}}],
      // It would have a `!` written, which another rule forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/no-invalid-void-type': ['error', {allowAsThisParameter: true}],
      // A leading underscore says that a parameter is there for the signature alone, as TypeScript's own check has it.
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', caughtErrors: 'all'}],
    },
  },
  {
    // Files whose exports Docusaurus, the page or another program reads.
    files: ['src/**/*.{ts,tsx}'],
    plugins: {'react-hooks': reactHooks},
    rules: reactHooks.configs['recommended-latest'].rules,
  },
  {
    files: ['src/**/*.tsx'],
    ...jsxA11y.flatConfigs.strict,
  },
  {
    // Programs for the terminal print; so do the tests of the whole.
    files: ['tools/**', 'vm/**', 'e2e/**', 'sessions/**'],
    rules: {'no-console': 'off'},
  },
  ...laws,
  {
    files: ['**/*.test.{ts,tsx}', 'e2e/**'],
    rules: {
      // A test may be sure of what it has just made.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
);
