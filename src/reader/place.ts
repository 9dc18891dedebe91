/** Where a reader left off: the chapter and the section last read, kept in their own browser (`storage.ts`). */
export type Place = {
  /** Address on this site, base path included. */
  readonly path: string;
  readonly title: string;
  readonly section: {readonly id: string; readonly title: string} | null;
};

/** Key under which the place is remembered. */
export const PLACE = 'place';

export function isPlace(value: unknown): value is Place {
  if (typeof value !== 'object' || value === null) return false;
  const {path, title, section} = value as Partial<Record<keyof Place, unknown>>;
  if (typeof path !== 'string' || !/^\/(?!\/)/.test(path) || typeof title !== 'string') return false;
  if (section === null) return true;
  if (typeof section !== 'object') return false;
  const {id, title: name} = section as {id?: unknown; title?: unknown};
  return typeof id === 'string' && typeof name === 'string';
}

/** The last heading at or above `line`, given headings in page order with the distance of each from the window's top. */
export function headingAt<H extends {readonly top: number}>(headings: readonly H[], line: number): H | null {
  return headings.filter(({top}) => top <= line).at(-1) ?? null;
}
