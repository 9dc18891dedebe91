import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import {defineConfig} from 'eslint/config';
import tseslint from 'typescript-eslint';

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
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='eval'], NewExpression[callee.name='Function']",
          message: 'The content-security policy forbids code from strings.',
        },
      ],
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
  {
    files: ['**/*.test.{ts,tsx}', 'e2e/**'],
    rules: {
      // A test may be sure of what it has just made.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
);
