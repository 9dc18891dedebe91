/**
 * For the modules that are evaluated after this one and until `pooledAgain`: in Node a `Buffer` made from a string has
 * memory of its own, not a part of the pool. @xterm/addon-unicode-graphemes 0.4.0 reads its tables from where the memory
 * of such a buffer starts, so from the pool it would take somebody else's bytes for the width of every emoji.
 *
 * @see https://github.com/xtermjs/xterm.js/issues/6079
 */
const node = Reflect.get(globalThis, 'Buffer') as {poolSize: number} | undefined;
const size = node?.poolSize;
if (node) node.poolSize = 0;

/** Ends what this module did. */
export function pooledAgain(): void {
  if (node && size !== undefined) node.poolSize = size;
}
