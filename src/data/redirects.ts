/** A page that has a new address. Whoever follows the old one is led on. */
export type Redirect = {
  /** Path that the page had, below the base path: begins and ends with `/`. */
  readonly from: string;
  /** Path of the page that took its place, in the same form. */
  readonly to: string;
};

/**
 * Every address that a page of this site once had. Add one whenever a page is renamed or leaves: the build writes a page
 * there that leads on, and fails when the new address does not exist.
 */
export const redirects: readonly Redirect[] = [
  {from: '/blog/saw-everything-touched-nothing/', to: '/blog/the-process-that-did-not-exist/'},
];
