import { expect, it } from 'vitest';
import { renderComparison } from '../../../src/cli/compare.ts';
import { REPORT } from '../reports/reports.ts';

it('shows the settings that differ, figures at equal rollouts, and the paired differences with their intervals', () => {
  const text = renderComparison(REPORT);
  expect(text).toMatch(/^method +"em" +"rl"$/m);
  expect(text).toMatch(/^train\.klWeight +8 +0$/m);
  expect(text).toContain('Suite held-out, by rollouts sampled for training');
  expect(text).toMatch(/^rl less em, 1,024 rollouts +seed 1/m);
  expect(text).toMatch(/^em +\.30 \/ \.32 +\.90 \/ \.88/m);
});

it('shows one suite alone if asked to', () => {
  expect(renderComparison(REPORT, 'other')).not.toContain('held-out');
});

it('says what to do where all campaigns are one group', () => {
  const [em] = REPORT.groups;
  if (em === undefined) throw new Error('the report has groups');
  const text = renderComparison({ ...REPORT, groups: [em], comparisons: [] });
  expect(text).toContain('whencode eval compare em-1 em-2');
  const [one] = em.campaigns;
  if (one === undefined) throw new Error('the group has campaigns');
  const alone = renderComparison({ ...REPORT, groups: [{ ...em, campaigns: [one] }], comparisons: [] });
  expect(alone).toContain('name another one');
});
