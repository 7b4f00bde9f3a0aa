import { expect, it } from 'vitest';
import type { CampaignDetail } from '../../../src/db/views.ts';
import type { Counts } from '../../../src/protocol/counts.ts';
import { Executions } from '../../../src/web/section-executions.tsx';

function textOf(byIteration: readonly Counts[]): string[] {
  const iterations = byIteration.map((counts, index) => ({
    iteration: index + 1,
    status: 'running',
    stages: [],
    shardsDone: 1,
    shardsPlanned: 1,
    shardManifests: [],
    counts,
  }));
  const html = String(<Executions campaign={{ iterations } as unknown as CampaignDetail} />);
  return (
    html
      .split('</thead>')
      .slice(-1)[0]
      ?.replace(/<[^>]*>/g, '  ')
      .trim()
      .split(/\s{2,}/)
      .filter(Boolean) ?? []
  );
}

it('shows executions, ends by cause, cache hits, mean wait, CPU time and fates of KV, newest iteration first', () => {
  const counts = {
    executions: 40,
    'execution.ok': 30,
    'execution.error': 6,
    'execution.cpu-timeout': 3,
    'execution.infrastructure': 1,
    'execution.cached': 8,
    'execution.queueMs': 1000,
    'execution.cpuMs': 6500,
    'sample.kept': 37,
    'sample.recomputed': 3,
  };
  expect(textOf([counts, { executions: 1, 'execution.ok': 1, 'execution.queueMs': 0, 'execution.cpuMs': 20 }])).toEqual(
    [
      ...'2 1 1 0 0 0 0 0 0 0'.split(' '),
      '0 ms',
      '20 ms',
      '0',
      '0',
      ...'1 40 30 6 3 0 0 0 1 8'.split(' '),
      '25 ms',
      '6.5 s',
      '37',
      '3',
    ],
  );
});

it('says so where no code was run', () => {
  expect(textOf([{ rollouts: 8 }])).toEqual(['No code has been run yet.']);
});
