import {describe, expect, it} from 'vitest';

import {defineRecording, type Recording, type Step} from './script.ts';

const step: Step = {type: 'true', expect: /true/, caption: 'Nothing happens.'};
const recording: Recording = {title: 'A session', cols: 80, rows: 24, steps: [step]};

describe('defineRecording', () => {
  it('gives back a script that is right', () => {
    expect(defineRecording(recording)).toBe(recording);
  });

  it.each<[string, Partial<Recording>, string]>([
    ['an empty title', {title: ' '}, 'the title is empty'],
    ['a terminal too wide', {cols: 121}, 'cols is 121; a whole number from 20 to 120 is needed'],
    ['half a row', {rows: 20.5}, 'rows is 20.5; a whole number from 5 to 50 is needed'],
    ['no steps', {steps: []}, 'there are no steps'],
    ['a first step that nothing is said of', {steps: [{type: 'true', expect: /true/}]}, 'the first step has no caption'],
    ['a pattern that cannot fail', {steps: [{...step, expect: /x*/}]}, 'step 1 ("true"): the pattern /x*/ matches nothing at all'],
    ['a pattern with a memory', {steps: [{...step, expect: /x/g}]}, 'step 1 ("true"): the pattern has the flag g or y'],
    ['an empty caption', {steps: [step, {...step, caption: ''}]}, 'step 2 ("true"): the caption is empty'],
    ['a caption of two lines', {steps: [{...step, caption: 'a\nb'}]}, 'step 1 ("true"): the caption has a line break'],
    ['two lines in one step', {steps: [{...step, type: 'a\nb'}]}, 'step 1 ("a\\nb"): what is typed has a line break'],
  ])('refuses %s', (_, change, problem) => {
    expect(() => defineRecording({...recording, ...change})).toThrow(problem);
  });
});
