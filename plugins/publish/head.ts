/**
 * The page for what is not there, without an address: it is shown at any, so it has no canonical one, and no other
 * languages. The theme gives it that of its file, which is not the address of a page.
 *
 * @throws Error when the page has no such tags, as after a change of the theme's: then this function is to be looked at
 */
export function withoutAddress(html: string): string {
  const tags = /<link\b(?=[^>]*\brel="?(?:canonical|alternate"?[^>]*\bhreflang)\b)[^>]*>|<meta\b(?=[^>]*\bproperty="?og:url\b)[^>]*>/gi;
  const without = html.replace(tags, '');
  if (without === html) throw new Error('404.html: no canonical address to take out of its head; see plugins/publish/head.ts');
  return without;
}
