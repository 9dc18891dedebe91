import Link from '@docusaurus/Link';
import useDocusaurusContext from '@docusaurus/useDocusaurusContext';
import type {Props} from '@theme/Logo';
import type {ReactNode} from 'react';
import Drawing from '@site/static/img/logo.svg';

/** The site's name and its drawing, inline so that it takes the colours of the theme in use. */
export default function Logo({imageClassName, titleClassName, ...link}: Props): ReactNode {
  const {siteConfig} = useDocusaurusContext();
  return (
    <Link to="/" {...link}>
      <Drawing className={imageClassName} aria-hidden="true" />
      <b className={titleClassName}>{siteConfig.title}</b>
    </Link>
  );
}
