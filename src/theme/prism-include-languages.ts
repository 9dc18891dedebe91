/** The theme calls this to add languages to the Prism of the page. There is none: code is highlighted at build. */
export default function prismIncludeLanguages(): void {
  // Nothing to add to.
}
