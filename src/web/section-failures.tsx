/** Ends of rollouts by arm: those that are trained on, and those that are left out, with the reason. */

import type { TrainingAccuracy } from '../campaigns/training-curves.ts';
import type { CampaignDetail } from '../db/views.ts';
import { formatCount } from '../formats/for-people.ts';
import type { Counts } from '../protocol/counts.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import { endedRollouts, ROLLOUT_METRICS } from '../scoring/rollout-metrics.ts';
import { MeasureText } from './parts.tsx';
import { type Column, countColumn, Table } from './table.tsx';

interface Row {
  readonly iteration: number;
  readonly counts: Counts;
  readonly arm: Arm;
  /** Absent until rollouts are graded. */
  readonly right: Measure | undefined;
  /** Whether it is the first row of its iteration: only that row shows the iteration; screen readers say it in all. */
  readonly isFirst: boolean;
}

const COLUMNS: readonly Column<Row>[] = [
  {
    head: 'Iteration',
    cell: ({ iteration, isFirst }) => <span class={isFirst ? undefined : 'unseen'}>{`${iteration}`}</span>,
  },
  { head: 'Arm', cell: ({ arm }) => <span class={`arm arm-${arm}`}>{arm}</span> },
  {
    head: 'Right',
    note: 'share of right rollouts, mean over problems, with its 95 % interval',
    kind: 'number',
    cell: ({ right }) => <MeasureText measure={right} />,
  },
  ...ROLLOUT_METRICS.map(({ label, note, count, causes, isFault = false }) =>
    countColumn<Row>(label, (row) => count(row.counts, row.arm), {
      note,
      isFault,
      more: ({ counts, arm }) =>
        Object.entries(causes?.(counts, arm) ?? {}).map(([cause, lost]) => (
          <small class="cause">{`${cause} ${formatCount(lost)}`}</small>
        )),
    }),
  ),
];

export function Failures({
  campaign,
  accuracy,
}: {
  readonly campaign: CampaignDetail;
  readonly accuracy: readonly TrainingAccuracy[];
}) {
  const iterations = campaign.iterations.filter((iteration) => iteration.shardsDone > 0).reverse();
  if (iterations.length === 0) return <p class="empty">No shard has ended yet.</p>;
  const arms = ARMS.filter((arm) => iterations.some((row) => endedRollouts(row.counts, arm) > 0));
  const rows = iterations.flatMap(({ iteration, counts }) =>
    arms.map((arm, index): Row => {
      const right = accuracy.find((item) => item.iteration === iteration)?.arms[arm];
      return { iteration, counts, arm, right, isFirst: index === 0 };
    }),
  );
  return (
    <Table
      label="Failures and violations"
      columns={COLUMNS}
      rows={rows}
      rowClass={({ isFirst }) => (isFirst ? 'group' : undefined)}
    />
  );
}
