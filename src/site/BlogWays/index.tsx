import Link from '@docusaurus/Link';
import type {ReactNode} from 'react';
import styles from './styles.module.css';

const pages = [
  {to: '/blog/', label: 'All posts'},
  {to: '/blog/archive/', label: 'Archive'},
  {to: '/blog/tags/', label: 'Tags'},
  {to: '/blog/authors/', label: 'Authors'},
  {to: '/more/', label: 'More from the author'},
];

/** The ways through the blog, the one in use marked. */
export default function BlogWays(): ReactNode {
  return (
    <nav className={styles.ways} aria-label="Blog">
      <ul>
        {pages.map(({to, label}) => (
          <li key={to}>
            <Link to={to} isNavLink exact activeClassName={styles.here}>
              {label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
