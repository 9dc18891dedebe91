import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {toEvents} from './go-tests.ts';

const go = spawnSync('go', ['version']).error ? undefined : 'go';

test.skipIf(!go)('a package whose tests were killed is reported as failed, with its last lines', () => {
  const output = '\x16=== RUN   TestA\npanic: test timed out after 10m0s\n';
  const events = toEvents('go', 'example.org/p', output, 2, 'FAIL\texample.org/p\t600s\n')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as {Action: string; Test?: string; Output?: string});
  expect(events.at(-1)).toEqual({Action: 'fail', Package: 'example.org/p'});
  expect(events.at(-2)?.Output).toContain('test timed out');
});

test.skipIf(!go)('a package that passed is not', () => {
  const output = '\x16=== RUN   TestA\n\x16--- PASS: TestA (0.00s)\n\x16PASS\n';
  expect(toEvents('go', 'example.org/p', output, 0, 'ok  \texample.org/p\t1s\n')).not.toContain('"fail"');
});
