/** In the page the markup is already in the HTML, or is fetched: the script holds none of it. */
export function fragment(_src: string): string {
  return '';
}
