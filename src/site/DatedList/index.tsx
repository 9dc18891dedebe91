import Heading from '@theme/Heading';
import type {ReactNode} from 'react';
import styles from './styles.module.css';

export type Entry = {
  /** Day, as YYYY-MM-DD. */
  readonly date: string;
  readonly title: ReactNode;
  readonly about: string;
};

const day = new Intl.DateTimeFormat('en', {day: 'numeric', month: 'long', timeZone: 'UTC'});

/** Entries by year, in their own order. */
export function byYear(entries: readonly Entry[]): [year: string, entries: Entry[]][] {
  const years = new Map<string, Entry[]>();
  for (const entry of entries) {
    const year = entry.date.slice(0, 4);
    years.set(year, [...(years.get(year) ?? []), entry]);
  }
  return [...years];
}

type Props = {
  entries: readonly Entry[];
  /** Level of the years' headings. */
  heading: 'h2' | 'h3';
};

/** Posts under the year of their publication. */
export default function DatedList({entries, heading}: Props): ReactNode {
  return byYear(entries).map(([year, own]) => (
    <div key={year} className={styles.year}>
      <Heading as={heading}>{year}</Heading>
      <ul>
        {own.map(({date, title, about}) => (
          <li key={`${date} ${about}`}>
            <time dateTime={date}>{day.format(new Date(date))}</time>
            <div>
              <strong>{title}</strong>
              <p>{about}</p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  ));
}
