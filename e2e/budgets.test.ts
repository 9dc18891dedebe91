import {afterAll, beforeAll, describe, expect, inject, it} from 'vitest';
import type {Browser} from 'playwright-core';
import {budgets, weights} from '../budgets.ts';
import {launchHeadless} from '../host/browser.ts';
import {measureBytes} from '../tools/site/measure.ts';
import {baseUrl, buildFolder, kindOfFile, pages} from '../tools/site/pages.ts';
import {htmlPages, overweight, weigh} from '../tools/site/weigh.ts';
import {describeInBrowser} from './site.ts';

describeInBrowser('budgets', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchHeadless();
  });
  afterAll(() => browser.close());

  const budgeted = pages().flatMap((page) => budgets.filter(({kind}) => kind === page.kind).map(({budget}) => ({...page, budget})));

  it('are those of kinds that the site has', () => {
    expect([...new Set(budgeted.map(({kind}) => kind))].sort()).toEqual(budgets.map(({kind}) => kind).sort());
  });

  it.each(budgeted)('of the $kind page /$path hold', async ({path: target, budget}) => {
    const cost = await measureBytes(browser, new URL(target, inject('site')).href);
    const over = Object.entries(budget)
      .map(([what, limit]) => ({what, limit, is: cost[what as keyof typeof budget]}))
      .filter(({limit, is}) => is > limit)
      .map(({what, limit, is}) => `${what}: ${is}, and the budget is ${limit}`);
    expect(over).toEqual([]);
  });
});

describe('the weight of every page', () => {
  it.each(htmlPages(buildFolder))('%s is within the budget of its kind', (file) => {
    const kind = kindOfFile(file);
    const budget = weights.find((candidate) => candidate.kind === kind)?.budget;
    if (!budget) throw new Error(`budgets.ts: there is no weight for a ${kind} page such as ${file}; add one to "weights"`);
    expect(overweight(file.replace(/index\.html$/, ''), kind, weigh(buildFolder, file, baseUrl), budget)).toEqual([]);
  });
});
