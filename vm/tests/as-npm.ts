import {spawn} from 'node:child_process';
import path from 'node:path';

/** Starts the tool as npm does, so that a test can kill the one without the other. */
spawn(
  process.execPath,
  ['--import', 'tsx', path.join(import.meta.dirname, '../main.ts'), '--memory', process.env.MEMORY ?? '', '--', 'sleep', '600'],
  {
    env: {...process.env, npm_lifecycle_event: 'vm'},
    stdio: ['ignore', 'ignore', 'ignore'],
  },
);
