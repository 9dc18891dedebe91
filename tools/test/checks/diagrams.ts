import {format} from '../../../plugins/markdown/problems.ts';
import {diagrams} from '../../diagrams/diagrams.ts';
import type {Check} from '../check.ts';
import {isProse} from './content.ts';

/** The build misses a drawing that is not there; one that no page shows, only this finds. */
export const drawings: Check = {
  name: 'diagrams',
  code: [import.meta.filename],
  reads: (file) => isProse(file) || file.startsWith('static/diagrams/'),
  problems: async ({root}) => {
    const {problems} = await diagrams({
      siteDir: root,
      check: true,
      render: () => Promise.reject(new Error('a check draws nothing')),
      log: () => undefined,
    });
    return problems.length === 0 ? null : format(problems);
  },
};
