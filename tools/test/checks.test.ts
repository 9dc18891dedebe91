import {expect, it} from 'vitest';
import {fromRoot} from './checks/go.ts';

it('names files of the Go module by their path from the root', () => {
  expect(fromRoot('# sheep/steps\nsteps/a/main.go:3:2: x\n./main.go:7:1: y\nvet: ./b/c.go:1:1: z\n\tat https://go.dev/x\n')).toBe(
    '# sheep/steps\ncode/steps/a/main.go:3:2: x\ncode/main.go:7:1: y\nvet: code/b/c.go:1:1: z\n\tat https://go.dev/x\n',
  );
});
