/** The package's ES module, 8 KB (brotli) lighter than the CommonJS file that its manifest names. */
declare module '@xterm/headless/lib-headless/xterm-headless.mjs' {
  export {Terminal} from '@xterm/headless';
}
