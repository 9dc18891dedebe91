import {describe, expect, it} from 'vitest';
import {checkAddress, checkAll} from './check.ts';

const quick = {pause: 1};

describe('a link to another site', () => {
  it.each([
    [200, 'there'],
    [404, 'gone'],
    [410, 'gone'],
    [403, 'unsure'],
    [429, 'unsure'],
  ] as const)('that is answered %i is %s, at the first try', async (status, state) => {
    let asked = 0;
    const answer = await checkAddress('https://a.example/', () => Promise.resolve({status: (asked++, status)}), quick);
    expect([answer.state, asked]).toEqual([state, 1]);
  });

  it('is asked again where the site fails or does not answer, and is there when it answers then', async () => {
    const answers = [() => Promise.reject(new Error('reset')), () => Promise.resolve({status: 503}), () => Promise.resolve({status: 200})];
    expect(
      await checkAddress('https://a.example/', () => answers.shift()?.() ?? Promise.reject(new Error('asked too often')), quick),
    ).toMatchObject({
      state: 'there',
    });
  });

  it('is gone when no answer comes, with the reason', async () => {
    const ask = () => Promise.reject(new TypeError('fetch failed', {cause: new Error('getaddrinfo ENOTFOUND a.example')}));
    expect(await checkAddress('https://a.example/', ask, quick)).toEqual({
      url: 'https://a.example/',
      state: 'gone',
      why: 'getaddrinfo ENOTFOUND a.example, 3 times',
    });
  });

  it('is asked with few others at once', async () => {
    let now = 0;
    let most = 0;
    const ask = async (): Promise<{status: number}> => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      return {status: 200};
    };
    const urls = Array.from({length: 20}, (_, index) => `https://a.example/${index}`);
    expect((await checkAll(urls, ask, {...quick, atOnce: 4})).map(({url}) => url).sort()).toEqual([...urls].sort());
    expect(most).toBe(4);
  });
});
