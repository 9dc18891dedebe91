import type {IBufferCell} from '@xterm/headless';
import {Sanitizer, terminalBounds, parseResize, type Cast} from '../format/index.ts';
import {HeadlessTerminal} from '../../terminal/headless.ts';

/** What a terminal shows, cell by cell with all attributes, read through its public interface. */
export function shown(terminal: HeadlessTerminal): string[] {
  const {buffer, cols, rows, modes} = terminal;
  const {active} = buffer;
  const lines = [
    `${cols}x${rows} ${active.type} ${active.length} cursor ${active.cursorX},${active.cursorY} ${JSON.stringify(modes)} ${terminal.newLine}`,
  ];
  for (let y = 0; y < rows; y++) {
    const line = active.getLine(active.baseY + y);
    const cells: string[] = [];
    for (let x = 0; x < cols; x++) {
      const cell = line?.getCell(x);
      cells.push(cell ? describeCell(cell) : 'none');
    }
    lines.push(`${line?.isWrapped ? '+' : '|'}${cells.join('|')}`);
  }
  return lines;
}

function describeCell(cell: IBufferCell): string {
  const flags = [
    cell.isBold() && 'b',
    cell.isItalic() && 'i',
    cell.isDim() && 'd',
    cell.isUnderline() && 'u',
    cell.isBlink() && 'l',
    cell.isInverse() && 'v',
    cell.isInvisible() && 'h',
    cell.isStrikethrough() && 's',
    cell.isOverline() && 'o',
  ];
  return `${cell.getChars()},${cell.getWidth()},${cell.getFgColorMode()}:${cell.getFgColor()},${cell.getBgColorMode()}:${cell.getBgColor()},${flags.filter(Boolean).join('')}`;
}

/** A terminal that has played a recording from its start, event by event, up to and including `time`. */
export function playedTo(cast: Cast, time: number): HeadlessTerminal {
  const terminal = new HeadlessTerminal(cast.header.cols, cast.header.rows);
  const sanitizer = new Sanitizer(terminalBounds(cast));
  for (const event of cast.events) {
    if (event.time > time) break;
    const size = event.code === 'r' ? parseResize(event.data) : undefined;
    if (size) terminal.resize(size.cols, size.rows);
    if (event.code === 'o') terminal.take(sanitizer.push(event.data));
  }
  return terminal;
}
