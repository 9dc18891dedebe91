/** What is shown over the controls, at most one at a time. */
export type Open = 'more' | 'search' | 'help';
