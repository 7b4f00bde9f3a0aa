import { expect, test } from 'vitest';
import { writeJsonLines } from '../../../src/formats/json-lines.ts';
import { computeWhatIf } from '../../../src/replay/what-if-compute.ts';
import { emCuration, scored } from '../methods/scored.ts';

/** CoT is right twice; code complies once and is right, and breaks its rule twice, of which one answer is right. */
const rollouts = [
  [scored('p', 'cot', 0, 'correct'), '\\boxed{8}'],
  [scored('p', 'cot', 1, 'correct'), '\\boxed{8}'],
  [scored('p', 'code', 0, 'correct'), '\\boxed{8}'],
  [scored('p', 'code', 1, 'violation'), 'It is \\boxed{8}'],
  [scored('p', 'code', 2, 'violation'), 'It is \\boxed{9}'],
] as const;

const job = {
  bytes: {
    grades: writeJsonLines(
      rollouts.flatMap(([{ id, grade }]) => (grade === undefined ? [] : [{ id, verdict: grade, reason: 'stored' }])),
    ),
    shards: [
      {
        summary: writeJsonLines(rollouts.map(([{ grade: _, ...summary }]) => summary)),
        prior: writeJsonLines([{ problemId: 'p', logProbs: [-1, -1] }]),
        texts: writeJsonLines(
          rollouts.map(([{ id }, text]) => ({ id, segments: [{ by: 'model', text }], blocks: [] })),
        ),
      },
    ],
    problems: writeJsonLines([{ id: 'p', problem: '4+4', answer: '8' }]),
  },
  before: emCuration,
  filters: { samplesByArm: { cot: 8, code: 8 } },
  grader: {},
  regrades: false,
  limit: 10,
};

test('a what-if grades the violations of an iteration whose violations nobody graded', () => {
  const report = computeWhatIf({ ...job, after: { ...emCuration, violations: 'graded' } });
  expect(report.changed.grades).toBe(2);
  expect(report.problems).toEqual([
    { problemId: 'p', before: undefined, after: expect.objectContaining({ estimates: [1, 2 / 3] }) },
  ]);
});

test('as wrong, or left out as stored, they need no grade', () => {
  const wrong = computeWhatIf({ ...job, after: { ...emCuration, violations: 'wrong' } });
  expect(wrong.problems[0]?.after).toMatchObject({ estimates: [1, 1 / 3] });
  const stored = computeWhatIf({ ...job, after: emCuration });
  expect(stored.problems).toEqual([]);
  expect([wrong, stored].map(({ changed }) => changed.grades)).toEqual([0, 0]);
});
