/**
 * Stands in for prism-react-renderer in the site's bundles. Code is highlighted before it gets there, but the theme
 * asks for Prism as soon as a page loads, to add languages to it.
 */
export const Prism = {languages: {}};
