import {describe, expect, it} from 'vitest';

import {checkExercise, checkExperiment, checkRecording, type Recording, type Step} from './script.ts';

const step: Step = {type: 'true', expect: /true/, caption: 'Nothing happens.'};
const recording: Recording = {title: 'A session', cols: 80, rows: 24, steps: [step]};
const file = 'sessions/recordings/x.ts';

describe('checkRecording', () => {
  it('gives back a script that is right', () => {
    expect(checkRecording(file, recording)).toEqual(recording);
  });

  it.each<[string, object, string]>([
    ['an empty title', {title: ' '}, 'title: the title is empty'],
    ['a title that is not text', {title: 3}, 'title: Invalid type: Expected string but received 3'],
    ['a field that it does not know', {colours: 8}, 'colours: Invalid key'],
    ['a terminal too wide', {cols: 121}, 'cols: is 121; a whole number from 20 to 120 is needed'],
    ['half a row', {rows: 20.5}, 'rows: is 20.5; a whole number from 5 to 50 is needed'],
    ['no steps', {steps: []}, 'steps: there are no steps'],
    ['a first step that nothing is said of', {steps: [{type: 'true', expect: /true/}]}, 'steps: the first step has no caption'],
    ['a pattern that is text', {steps: [{...step, expect: 'true'}]}, 'steps.0.expect: Invalid type: Expected RegExp'],
    ['a pattern that cannot fail', {steps: [{...step, expect: /x*/}]}, 'steps.0.expect: the pattern /x*/ matches nothing at all'],
    ['a pattern with a memory', {steps: [{...step, expect: /x/g}]}, 'steps.0.expect: the pattern has the flag g or y'],
    ['an empty caption', {steps: [step, {...step, caption: ''}]}, 'steps.1.caption: the caption is empty'],
    ['a caption of two lines', {steps: [{...step, caption: 'a\nb'}]}, 'steps.0.caption: the caption has a line break'],
    ['two lines in one step', {steps: [{...step, type: 'a\nb'}]}, 'steps.0.type: what is typed has a line break'],
  ])('refuses %s', (_, change, problem) => {
    expect(() => checkRecording(file, {...recording, ...change})).toThrow(`${file}: ${problem}`);
  });

  it('names every mistake, one a line', () => {
    expect(() => checkRecording(file, {...recording, cols: 1, rows: 1})).toThrow(
      `${file}: cols: is 1; a whole number from 20 to 120 is needed\n${file}: rows: is 1; a whole number from 5 to 50 is needed`,
    );
  });
});

describe('checkExperiment', () => {
  const experiment = {title: 'A claim', commands: [{run: 'true'}]};
  const source = 'sessions/experiments/x.ts';

  it('gives back a script that is right', () => {
    expect(checkExperiment(source, experiment)).toEqual(experiment);
  });

  it.each<[string, object, string]>([
    ['no commands', {commands: []}, 'commands: there are no commands'],
    ['an empty command', {commands: [{run: ' '}]}, 'commands.0.run: the command is empty'],
    ['two lines in one command', {commands: [{run: 'a\nb'}]}, 'commands.0.run: the command has a line break'],
    ['a status that cannot be', {commands: [{run: 'a', status: 256}]}, 'commands.0.status: the status is not a whole number'],
    ['a pattern that cannot fail', {commands: [{run: 'a', expect: /x*/}]}, 'commands.0.expect: the pattern /x*/ matches nothing at all'],
    ['an unknown host', {host: 'mars'}, 'host: Invalid type'],
    ['a place that lacks something without a reason', {lab: false}, 'lab: false and why, its reason, go together'],
    ['a reason for nothing', {why: 'It needs KVM.'}, 'lab: false and why, its reason, go together'],
    ['an unknown architecture', {architecture: 'vax'}, 'architecture: Invalid type'],
  ])('refuses %s', (_, change, problem) => {
    expect(() => checkExperiment(source, {...experiment, ...change})).toThrow(`${source}: ${problem}`);
  });
});

describe('checkExercise', () => {
  const source = 'sessions/exercises/x.ts';
  const common = {title: 'A task', task: 'Do it.', check: 'missing it', undone: /it/, hints: ['Think.']};
  const observe = {kind: 'observe', ...common, solution: 'true'};
  const extend = {kind: 'extend', ...common, begin: './steps/a', solution: './steps/a/solutions/1-b', others: ['exec "$@"']};

  it.each([
    ['commands', {...observe, setUp: 'true', user: 'root', attempts: [{run: 'false', missing: /x/}]}],
    ['a program', {...extend, lab: false, why: 'No compiler.', attempts: [{program: './steps/b', missing: /x/}]}],
  ])('gives back an exercise of %s that is right', (_, exercise) => {
    expect(checkExercise(source, exercise)).toEqual(exercise);
  });

  it.each<[string, object, string]>([
    ['an unknown kind', {...observe, kind: 'guess'}, 'kind: Invalid type'],
    ['no hints', {...observe, hints: []}, 'hints: there are no hints'],
    ['an empty hint', {...observe, hints: [' ']}, 'hints.0: the hint is empty'],
    ['no check', {...observe, check: ''}, 'check: the script is empty'],
    ['an undone that cannot fail', {...observe, undone: /x*/}, 'undone: the pattern /x*/ matches nothing at all'],
    ['an unknown user', {...observe, user: 'wolf'}, 'user: Invalid type'],
    ['a program where commands are wanted', {...observe, begin: './steps/a'}, 'begin: Invalid key'],
    ['a program that is not a package', {...extend, begin: 'steps/a'}, 'begin: is not a package of code/'],
    ['Go alone', {...extend, others: []}, 'others: there is no program in another language'],
    ['a place that lacks something without a reason', {...extend, lab: false}, 'lab: false and why, its reason, go together'],
  ])('refuses %s', (_, exercise, problem) => {
    expect(() => checkExercise(source, exercise)).toThrow(`${source}: ${problem}`);
  });
});
