/** What curation kept and how training went, an iteration a row. */

import type { CampaignDetail, IterationView } from '../db/views.ts';
import { formatMetric } from '../formats/for-people.ts';
import type { Counts } from '../protocol/counts.ts';
import type { StageName } from '../protocol/stages.ts';

interface Column {
  readonly name: string;
  readonly title: string;
  readonly stage: StageName;
  readonly count: string;
}

const COLUMNS: readonly Column[] = [
  { name: 'problems', title: 'problems sampled', stage: 'curate', count: 'problems' },
  { name: 'targets', title: 'problems with a decision target', stage: 'curate', count: 'targets' },
  { name: 'ties', title: 'both arms equal within the standard error: no target', stage: 'curate', count: 'ties' },
  { name: 'no signal', title: 'problems that teach nothing', stage: 'curate', count: 'noSignal' },
  { name: 'withheld', title: 'too few valid rollouts in an arm', stage: 'curate', count: 'withheld' },
  { name: 'kept rollouts', title: 'rollouts that are trained on', stage: 'curate', count: 'keptRollouts' },
  {
    name: 'p(code)',
    title: 'mean probability of the code decision, last update',
    stage: 'train',
    count: 'probabilityCode',
  },
  { name: 'decision loss', title: 'cross-entropy of the decision, last update', stage: 'train', count: 'decisionLoss' },
  { name: 'mean ρ', title: 'importance ratio, last update', stage: 'train', count: 'meanRatio' },
  { name: 'clipped', title: 'share of tokens whose ratio was clipped', stage: 'train', count: 'clipFraction' },
  {
    name: 'KL',
    title: 'approximate divergence from the sampling policy, nats',
    stage: 'train',
    count: 'approximateKl',
  },
  { name: 'gradient', title: 'norm before clipping', stage: 'train', count: 'gradientNorm' },
];

const countsOf = (iteration: IterationView, stage: StageName): Counts =>
  iteration.stages.find((item) => item.stage === stage)?.counts ?? {};

export function Learning({ campaign }: { readonly campaign: CampaignDetail }) {
  const rows = campaign.iterations.filter((iteration) => Object.keys(countsOf(iteration, 'curate')).length > 0);
  const columns = COLUMNS.filter(({ stage, count }) => rows.some((row) => countsOf(row, stage)[count] !== undefined));
  if (columns.length === 0) return <p class="empty">Nothing has been trained yet.</p>;
  return (
    <section class="scroll" tabindex={0} aria-label="Curation and training">
      <table>
        <thead>
          <tr>
            <th scope="col">Iteration</th>
            {columns.map((column) => (
              <th scope="col" class="number" title={column.title}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              <th scope="row">{row.iteration}</th>
              {columns.map(({ stage, count }) => {
                const value = countsOf(row, stage)[count];
                return <td class="number">{value === undefined ? '–' : formatMetric(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
