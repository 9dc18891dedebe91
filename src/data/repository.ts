/** Where the source is kept, as files say it that are read outside of the site. `REPOSITORY_URL` overrides it on pages. */
export const homeRepository = 'https://github.com/sheep-and-shepherd/sheep-and-shepherd';
