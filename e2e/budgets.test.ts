import {afterAll, beforeAll, expect, inject, it} from 'vitest';
import type {Browser} from 'playwright-core';
import {budgets} from '../budgets.ts';
import {launchBrowser} from '../host/browser.ts';
import {measureBytes} from '../tools/site/measure.ts';
import {onePageOfEachKind} from '../tools/site/pages.ts';
import {describeInBrowser} from './site.ts';

describeInBrowser('budgets', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it.each(budgets)('of the $kind page hold', async ({kind, budget}) => {
    const page = onePageOfEachKind().find((candidate) => candidate.kind === kind);
    if (!page) throw new Error(`budgets.ts: the site has no ${kind} page`);
    const cost = await measureBytes(browser, new URL(page.path, inject('site')).href);
    const over = Object.entries(budget)
      .map(([what, limit]) => ({what, limit, is: cost[what as keyof typeof budget]}))
      .filter(({limit, is}) => is > limit)
      .map(({what, limit, is}) => `${what}: ${is}, and the budget is ${limit}`);
    expect(over).toEqual([]);
  });
});
