/** What curation kept and how training went, an iteration a row. */

import type { CampaignDetail, IterationView } from '../db/views.ts';
import { formatMetric } from '../formats/for-people.ts';
import type { Counts } from '../protocol/counts.ts';
import type { StageName } from '../protocol/stages.ts';
import { LEARNING_METRICS } from '../scoring/learning-metrics.ts';

const countsOf = (iteration: IterationView, stage: StageName): Counts =>
  iteration.stages.find((item) => item.stage === stage)?.counts ?? {};

export function Learning({ campaign }: { readonly campaign: CampaignDetail }) {
  const rows = campaign.iterations.filter((iteration) => Object.keys(countsOf(iteration, 'curate')).length > 0);
  const columns = LEARNING_METRICS.filter(({ stage, key }) =>
    rows.some((row) => countsOf(row, stage)[key] !== undefined),
  );
  if (columns.length === 0) return <p class="empty">Nothing has been trained yet.</p>;
  return (
    <section class="scroll" tabindex={0} aria-label="Curation and training">
      <table>
        <thead>
          <tr>
            <th scope="col">Iteration</th>
            {columns.map((column) => (
              <th scope="col" class="number" title={column.note}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              <th scope="row">{row.iteration}</th>
              {columns.map(({ stage, key }) => {
                const value = countsOf(row, stage)[key];
                return <td class="number">{value === undefined ? '–' : formatMetric(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
