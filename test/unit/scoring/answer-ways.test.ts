import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CostedRollout, figuresOfWay, groupsOfArm } from '../../../src/scoring/answer-ways.ts';
import { scored } from '../methods/scored.ts';

const key = (answer: string): string => answer;
const rollout = (
  problem: string,
  sample: number,
  isRight: boolean,
  rest: Partial<CostedRollout> = {},
): CostedRollout => ({
  ...scored(problem, 'cot', sample, isRight ? 'correct' : 'incorrect'),
  answer: isRight ? 'right' : 'wrong',
  executions: 0,
  ...rest,
});

test('one rollout has the mean of the samples and costs as much as a sample does', () => {
  const rollouts = [true, false, false, true].map((isRight, at) =>
    rollout('a', at, isRight, { modelTokens: 10 * (at + 1), executions: at % 2, promptTokens: 7 }),
  );
  expect(figuresOfWay(groupsOfArm(rollouts, 'cot'), 1, key)).toEqual({
    accuracy: new Map([['a', { value: 0.5, weight: 1 }]]),
    passAt3: new Map([['a', { value: 1, weight: 1 }]]),
    promptTokens: 7,
    tokens: 25,
    executions: 0.5,
  });
});

test('a vote takes the first samples, whatever their order in the file, and costs all of them', () => {
  const rollouts = [
    rollout('a', 3, false, { modelTokens: 1000 }),
    rollout('a', 2, true, { modelTokens: 30 }),
    rollout('a', 0, true, { modelTokens: 10 }),
    rollout('a', 1, false, { modelTokens: 20 }),
  ];
  const figures = figuresOfWay(groupsOfArm(rollouts, 'cot'), 3, key);
  expect(figures).toMatchObject({ accuracy: new Map([['a', { value: 1, weight: 1 }]]), tokens: 60 });
});

test('an arm or a size that was not sampled has no figures', () => {
  const rollouts = [rollout('a', 0, true)];
  expect(figuresOfWay(groupsOfArm(rollouts, 'code'), 1, key)).toBeUndefined();
  expect(figuresOfWay(groupsOfArm(rollouts, 'cot'), 2, key)).toBeUndefined();
});

test('lost rollouts cost tokens and say nothing about the accuracy', () => {
  const lost: CostedRollout = { ...scored('a', 'cot', 0, 'infrastructure'), modelTokens: 5, executions: 1 };
  const figures = figuresOfWay(groupsOfArm([lost], 'cot'), 1, key);
  expect(figures).toMatchObject({ accuracy: new Map(), tokens: 5, executions: 1 });
});

test('a vote of all samples is right exactly where most answers are', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 9 }), (rights) => {
      const rollouts = rights.map((isRight, at) => rollout('a', at, isRight));
      const figures = figuresOfWay(groupsOfArm(rollouts, 'cot'), rights.length, key);
      const right = rights.filter(Boolean).length;
      const wrong = rights.length - right;
      expect(figures?.accuracy.get('a')?.value).toBe(right > wrong ? 1 : right === wrong ? 0.5 : 0);
    }),
  );
});
