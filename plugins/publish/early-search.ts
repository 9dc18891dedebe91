import {notice, opensSearch} from '../../src/site/Search/early.ts';

/**
 * A script for the head of each page, made of the functions' own sources. A slow device needs seconds until the scripts of a
 * page answer, and what is pressed in the meantime would be lost.
 */
export const earlySearchScript = `(${notice.toString()})(${opensSearch.toString()})`;
