import path from 'node:path';
import {build} from 'esbuild';
import {expect, it} from 'vitest';
import {recipeFiles} from './find.ts';

const vm = path.join(import.meta.dirname, '..');

/** What the builder imports that decides nothing of an image: where it is kept, how programs are run, how errors look. */
const without = ['cache.ts', 'failure.ts', 'guard.ts', 'image/image.ts', 'qemu.ts', '../host/cache.ts'];

it('hashes all that makes an image, and the guest', async () => {
  const {metafile} = await build({
    entryPoints: [path.join(vm, 'image/build.ts')],
    absWorkingDir: vm,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
  });
  const recipe = recipeFiles().map((file) => path.relative(vm, file));
  expect([...recipe.filter((file) => !file.startsWith('guest/')), ...without].sort()).toEqual(Object.keys(metafile.inputs).sort());
  expect(recipe).toContain('guest/init');
});
