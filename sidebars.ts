import type {SidebarsConfig} from '@docusaurus/plugin-content-docs';

import {chapters, parts, type Chapter, type Part} from './src/data/series.ts';
import {escapeHtml} from './src/terminal/html.ts';

type Item = Extract<SidebarsConfig[string], readonly unknown[]>[number];

/** A chapter's name without its subtitle, as far as the first colon. */
function shortTitle({title}: Chapter): string {
  return title.split(':')[0] ?? title;
}

/** The chapters of a part: a link where the chapter is written, plain text where it is to come. */
function items(part: Part): Item[] {
  return chapters
    .filter((chapter) => chapter.part === part)
    .map((chapter) => {
      const label = `${chapter.number}. ${shortTitle(chapter)}`;
      return chapter.doc
        ? {type: 'doc', id: chapter.doc, label}
        : {type: 'html', value: `${escapeHtml(label)} <small>coming</small>`, defaultStyle: true, className: 'sidebar-coming'};
    });
}

const sidebars: SidebarsConfig = {
  series: [
    'start',
    'setup',
    ...parts.map(({part, name, title}): Item => ({
      type: 'category',
      label: `${name}: ${title}`,
      collapsible: false,
      className: `sidebar-${part}`,
      items: items(part),
    })),
    'glossary',
    'articles',
  ],
};

export default sidebars;
