/**
 * Executions of an iteration: how the code ended in the sandbox, cache hits, cost, and KV-cache hits of the rollouts that
 * continued after an execution.
 */

import type { CampaignDetail } from '../db/views.ts';
import { formatCount, formatSeconds } from '../formats/for-people.ts';
import { type Counts, type ExecutionCount, executionCount } from '../protocol/counts.ts';
import { EXECUTION_ENDS } from '../rollout/types.ts';
import { type Column, countColumn, Table } from './table.tsx';

const figure = (counts: Counts, of: ExecutionCount): number => counts[executionCount(of)] ?? 0;

type Row = CampaignDetail['iterations'][number];

const COLUMNS: readonly Column<Row>[] = [
  { head: 'Iteration', cell: ({ iteration }) => iteration },
  { head: 'executions', kind: 'number', cell: ({ counts }) => formatCount(counts.executions ?? 0) },
  ...EXECUTION_ENDS.map((end) =>
    countColumn<Row>(end, ({ counts }) => figure(counts, end), { isFault: end === 'infrastructure' }),
  ),
  {
    head: 'cache hits',
    note: 'answered from memory: the same code ran before',
    kind: 'number',
    cell: ({ counts }) => formatCount(figure(counts, 'cached')),
  },
  {
    head: 'queue',
    note: 'waited for a free container, mean',
    kind: 'number',
    cell: ({ counts }) => `${Math.round(figure(counts, 'queueMs') / (counts.executions ?? 1))} ms`,
  },
  {
    head: 'CPU',
    note: 'processor time of the code, in all',
    kind: 'number',
    cell: ({ counts }) => formatSeconds(figure(counts, 'cpuMs') / 1000),
  },
  {
    head: 'KV-cache hits',
    note: 'rollouts that went on, their KV still there',
    kind: 'number',
    cell: ({ counts }) => formatCount(counts['sample.kept'] ?? 0),
  },
  {
    head: 'KV-cache misses',
    note: 'rollouts that went on, their KV gone and computed again',
    kind: 'number',
    cell: ({ counts }) => formatCount(counts['sample.recomputed'] ?? 0),
  },
];

export function Executions({ campaign }: { readonly campaign: CampaignDetail }) {
  const rows = campaign.iterations.filter(({ counts }) => (counts.executions ?? 0) > 0).reverse();
  if (rows.length === 0) return <p class="empty">No code has been run yet.</p>;
  return <Table label="Code executions" columns={COLUMNS} rows={rows} />;
}
