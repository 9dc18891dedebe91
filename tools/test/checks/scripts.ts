import {format} from '../../../plugins/markdown/problems.ts';
import {staleRecordings} from '../../lint/recordings.ts';
import type {Check} from '../check.ts';

/** Recordings are of their scripts as they are now. */
export const recordings: Check = {
  name: 'recordings',
  code: [import.meta.filename],
  reads: (file) => /^(?:sessions|static\/recordings)\//.test(file),
  problems: async ({root}) => {
    const problems = await staleRecordings(root);
    return problems.length === 0 ? null : format(problems);
  },
};
