/** A named part of a source file, between `// region: name` and `// endregion`. */
export type Region = {
  name: string;
  /** Line of the opening marker, from 1. */
  start: number;
  /** Line of the closing marker. */
  end: number;
};

/** Lines of a file, both ends included. */
export type Range = {first: number; last: number};

/** One line of a listing. */
export type ListingLine = {
  text: string;
  /** Its number in the file; null for a fold or a gap that stands for hidden lines, and for a removed line. */
  number: number | null;
  /** In a comparison with an earlier stage: whether the line is new, or was there and is gone. */
  change?: 'added' | 'removed';
};

/** What is wrong at a line of a source file. */
export type SourceProblem = {line: number; message: string};

/** A source file that listings may cite. */
export type Source = {
  /** Its text, without carriage returns. */
  text: string;
  lines: readonly string[];
  regions: ReadonlyMap<string, Region>;
  problems: readonly SourceProblem[];
};

/** Comment that folds: a pair of these hides the lines between, and the listing shows one of them. */
const foldMarker = /^(\s*)(?:\/\/|#) ?(?:…|\.\.\.)\s*$/;
const regionMarker = /^\s*(?:\/\/|#)\s*region:(.*)$/;
const endMarker = /^\s*(?:\/\/|#)\s*endregion\b[: ]*(.*)$/;
/** `// region name`, forgotten colon: no sentence of a comment is one word after “region”. */
const almostMarker = /^\s*(?:\/\/|#)\s*(?:region\s+[\w-]+|regions?\s*:\s*[\w-]+|end ?regions?)\s*$/i;

const isMarker = (line: string): boolean => regionMarker.test(line) || endMarker.test(line);

/** Reads the regions of a source file. Regions may nest; their names are unique in the file. */
export function parseSource(text: string): Source {
  const plain = text.replace(/\r\n?/g, '\n');
  const lines = plain.replace(/\n$/, '').split('\n');
  const regions = new Map<string, Region>();
  const problems: SourceProblem[] = [];
  const open: {name: string; start: number}[] = [];
  const known = new Map<string, number>();
  lines.forEach((content, index) => {
    const line = index + 1;
    const opening = regionMarker.exec(content);
    const closing = endMarker.exec(content);
    if (opening) {
      const name = (opening[1] ?? '').trim();
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)) {
        problems.push({line, message: `“${name}” is not a name for a region; use lower-case words joined by hyphens, like clone-flags`});
      }
      const before = known.get(name);
      if (before !== undefined)
        problems.push({line, message: `region “${name}” is already on line ${before}; give each region of a file its own name`});
      else known.set(name, line);
      open.push({name, start: line});
    } else if (closing) {
      const region = open.pop();
      const name = (closing[1] ?? '').trim();
      if (!region) {
        problems.push({line, message: 'endregion without a region; remove it, or open the region above with “region: name”'});
        return;
      }
      if (name !== '' && name !== region.name) {
        problems.push({
          line,
          message: `endregion “${name}” closes region “${region.name}” of line ${region.start}; close the inner region first`,
        });
      }
      const body = lines.slice(region.start, index);
      if (body.every((bodyLine) => bodyLine.trim() === '' || isMarker(bodyLine) || foldMarker.test(bodyLine))) {
        problems.push({
          line: region.start,
          message: `region “${region.name}” is empty; remove it, or move its markers around the lines to show`,
        });
      }
      if (known.get(region.name) === region.start) regions.set(region.name, {name: region.name, start: region.start, end: line});
    } else if (almostMarker.test(content)) {
      problems.push({line, message: `“${content.trim()}” is not a marker; write “region: name” or “endregion”`});
    }
  });
  for (const region of open) {
    problems.push({
      line: region.start,
      message: `region “${region.name}” is never closed; write “endregion” in a comment after its last line`,
    });
  }
  return {text: plain, lines, regions, problems: problems.sort((a, b) => a.line - b.line)};
}

/** Removes the indentation that all lines share, so that a region from inside a function starts at the margin. */
function dedent(lines: readonly ListingLine[]): ListingLine[] {
  let shared: string | undefined;
  for (const {text} of lines) {
    if (text.trim() === '') continue;
    const indent = /^[ \t]*/.exec(text)?.[0] ?? '';
    shared ??= indent;
    while (!indent.startsWith(shared)) shared = shared.slice(0, -1);
  }
  const width = shared?.length ?? 0;
  return lines.map((line) => ({...line, text: line.text.slice(Math.min(width, line.text.length)).trimEnd()}));
}

/** The lines between the markers of a region. */
export const within = ({start, end}: Region): Range => ({first: start + 1, last: end - 1});

/**
 * Lines of a listing, without markers, folded and moved to the margin.
 *
 * @param range lines to take; all of the file without it
 * @returns the lines, and what is wrong with the folds among them
 */
export function slice(
  source: Source,
  {first, last}: Range = {first: 1, last: source.lines.length},
): {lines: ListingLine[]; problems: SourceProblem[]} {
  const lines: ListingLine[] = [];
  const problems: SourceProblem[] = [];
  let fold: {line: number; hidden: number} | undefined;
  for (let number = first; number <= last; number++) {
    const text = source.lines[number - 1] ?? '';
    const marker = foldMarker.exec(text);
    if (marker && !fold) {
      fold = {line: number, hidden: 0};
      lines.push({text, number: null});
    } else if (marker && fold) {
      if (fold.hidden === 0) problems.push({line: fold.line, message: 'this fold hides nothing; remove both of its markers'});
      fold = undefined;
    } else if (fold) {
      if (!isMarker(text)) fold.hidden++;
    } else if (!isMarker(text)) {
      lines.push({text, number});
    }
  }
  if (fold) problems.push({line: fold.line, message: 'this fold is never closed; repeat its “…” comment after the last line to hide'});
  while (lines.length > 0 && lines[0]?.text.trim() === '') lines.shift();
  while (lines.length > 0 && lines.at(-1)?.text.trim() === '') lines.pop();
  return {lines: dedent(lines), problems};
}

/** The comment that stands for lines left out of a listing: the same that folds lines of the file. */
function gap(file: string, indentation: string): ListingLine {
  const sign = /\.(go|[ch]|proto|[cm]?[jt]sx?)$/.test(file) ? '//' : '#';
  return {text: `${indentation}${sign} …`, number: null};
}

/**
 * Joins pieces of one file. Where lines between two of them are left out, a gap says so, set off by the blank lines
 * that are beside it in the file; where nothing but blank lines is between them, those are shown.
 *
 * @param file path of the file, whose ending says how it writes comments
 * @param pieces runs of lines, each with a numbered line at both ends
 */
export function join(file: string, source: Source, pieces: readonly (readonly ListingLine[])[]): ListingLine[] {
  const isBlank = (number: number): boolean => source.lines[number - 1]?.trim() === '';
  const blank = (number: number): ListingLine => ({text: '', number});
  const joined: ListingLine[] = [];
  let previous: number | undefined;
  for (const piece of pieces) {
    const numbers = piece.map(({number}) => number).filter((number) => number !== null);
    const first = numbers[0];
    const last = numbers.at(-1);
    if (first === undefined || last === undefined) continue;
    if (previous !== undefined) {
      const between = Array.from({length: Math.max(0, first - previous - 1)}, (_, index) => (previous ?? 0) + 1 + index);
      const hidden = between.filter((number) => !isBlank(number) && !isMarker(source.lines[number - 1] ?? ''));
      if (first > previous && hidden.length === 0) joined.push(...between.filter(isBlank).map(blank));
      else {
        if (isBlank(previous + 1)) joined.push(blank(previous + 1));
        joined.push(gap(file, /^\s*/.exec(piece[0]?.text ?? '')?.[0] ?? ''));
        if (isBlank(first - 1)) joined.push(blank(first - 1));
      }
    }
    joined.push(...piece);
    previous = last;
  }
  return joined;
}
