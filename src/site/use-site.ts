import useDocusaurusContext from '@docusaurus/useDocusaurusContext';

/** The site's name, and its address with base path. */
export function useSite(): {title: string; url: string} {
  const {siteConfig} = useDocusaurusContext();
  return {title: siteConfig.title, url: `${siteConfig.url}${siteConfig.baseUrl}`};
}
