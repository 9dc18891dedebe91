import type {Paragraph, PhrasingContent, RootContent} from 'mdast';
import {toString} from 'mdast-util-to-string';
import remarkParse from 'remark-parse';
import {unified} from 'unified';
import {escapeHtml} from '../../src/terminal/html.ts';
import type {Change, ChangeDay, Span} from '../../src/data/changes.ts';
import {ProblemsError, type Problem} from '../markdown/problems.ts';

const form = 'a day is "## 2026-11-28", a change below it "- **Chapter 1**: what is new for a reader"';

function spans(nodes: readonly PhrasingContent[]): Span[] | undefined {
  const found: Span[] = [];
  for (const node of nodes) {
    if (node.type === 'text') found.push({text: node.value.replaceAll('\n', ' ')});
    else if (node.type === 'inlineCode') found.push({code: node.value});
    else return undefined;
  }
  return found;
}

/** A change from a paragraph such as `**Chapter 1**: what is new`. Undefined when it has another form. */
function change(paragraph: Paragraph): Change | undefined {
  const [subject, first, ...others] = paragraph.children;
  if (subject?.type !== 'strong' || first?.type !== 'text' || !first.value.startsWith(':')) return undefined;
  const what = spans([{...first, value: first.value.slice(1).trimStart()}, ...others]);
  return what && {subject: toString(subject), what};
}

/**
 * What `CHANGELOG.md` has, newest day first: days as headings of the second level, and below each a list of changes.
 * What stands before the first day is for people who read the file.
 *
 * @param name path of the file, for errors
 * @throws ProblemsError with each line that has another form, and days that are not in order
 */
export function readChangelog(text: string, name: string): ChangeDay[] {
  const days: {date: string; changes: Change[]}[] = [];
  const problems: Problem[] = [];
  const complain = (node: RootContent | Paragraph, message: string): number =>
    problems.push({file: name, line: node.position?.start.line ?? 1, message});
  for (const node of unified().use(remarkParse).parse(text).children) {
    const current = days.at(-1);
    if (node.type === 'heading' && node.depth === 2) {
      const date = toString(node);
      if (!/^\d{4}-\d\d-\d\d$/.test(date) || Number.isNaN(Date.parse(date))) complain(node, `"${date}" is not a day; ${form}`);
      else if (current && date >= current.date) complain(node, `${date} stands below ${current.date}; the newest day comes first`);
      days.push({date, changes: []});
    } else if (node.type === 'list' && current) {
      for (const item of node.children) {
        const paragraph = item.children.length === 1 && item.children[0]?.type === 'paragraph' ? item.children[0] : undefined;
        const found = paragraph && change(paragraph);
        if (found) current.changes.push(found);
        else complain(paragraph ?? node, `not a change that can be shown; ${form}; code goes in backticks, nothing else is marked`);
      }
    } else if (current) {
      complain(node, `nothing but days and lists of changes can follow the first day; ${form}`);
    }
  }
  if (problems.length > 0) throw new ProblemsError(problems);
  return days;
}

/** The changes of a day as HTML. */
export function changesHtml({changes}: ChangeDay): string {
  const span = (part: Span): string => ('code' in part ? `<code>${escapeHtml(part.code)}</code>` : escapeHtml(part.text));
  return `<ul>${changes.map(({subject, what}) => `<li><strong>${escapeHtml(subject)}</strong>: ${what.map(span).join('')}</li>`).join('')}</ul>`;
}

/** The changes of a day as plain text. */
export function changesText({changes}: ChangeDay): string {
  return changes.map(({subject, what}) => `${subject}: ${what.map((part) => ('code' in part ? part.code : part.text)).join('')}`).join(' ');
}
