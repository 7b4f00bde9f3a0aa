/** Counts of the curation and metrics of the training, one row per iteration. */

import type { CampaignDetail, IterationView } from '../db/views.ts';
import { formatMetric } from '../formats/for-people.ts';
import type { Counts } from '../protocol/counts.ts';
import type { StageName } from '../protocol/stages.ts';
import { LEARNING_METRICS } from '../scoring/learning-metrics.ts';
import { type Column, Table } from './table.tsx';

const countsOf = (iteration: IterationView, stage: StageName): Counts =>
  iteration.stages.find((item) => item.stage === stage)?.counts ?? {};

export function Learning({ campaign }: { readonly campaign: CampaignDetail }) {
  const rows = campaign.iterations.filter((iteration) => Object.keys(countsOf(iteration, 'curate')).length > 0);
  const metrics = LEARNING_METRICS.filter(({ stage, key }) =>
    rows.some((row) => countsOf(row, stage)[key] !== undefined),
  );
  if (metrics.length === 0) return <p class="empty">Nothing has been trained yet.</p>;
  const columns: Column<IterationView>[] = [
    { head: 'Iteration', cell: ({ iteration }) => iteration },
    ...metrics.map(({ stage, key, label, note }): Column<IterationView> => {
      const cell = (row: IterationView): string => {
        const value = countsOf(row, stage)[key];
        return value === undefined ? '–' : formatMetric(value);
      };
      return { head: label, note, kind: 'number', cell };
    }),
  ];
  return <Table label="Curation and training" columns={columns} rows={rows} />;
}
