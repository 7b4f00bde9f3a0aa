/** Curves of a campaign's trainings, update by update. */
import type { IterationBehaviour, IterationUpdates } from '../campaigns/training-curves.ts';
import type { CampaignDetail } from '../db/views.ts';
import { formatCount, formatMetric, formatPercent } from '../formats/for-people.ts';
import { campaignAddress } from './addresses.ts';
import { Chart } from './chart.tsx';
import { Layout } from './layout.tsx';
import { capitalise } from './parts.tsx';
import { type RenderedSection, renderSection, Sections } from './section.tsx';
import { type Column, Table } from './table.tsx';
import { updateCharts } from './update-charts.ts';

export async function renderCurveSections(updates: readonly IterationUpdates[]): Promise<RenderedSection[]> {
  const charts = updateCharts(updates);
  const body =
    charts.length === 0 ? (
      <p class="empty">No training has ended yet. The curves of its updates appear here when it has.</p>
    ) : (
      <>
        <p class="note">
          Dashed lines: the first update of an iteration. Drag to zoom, double-click for the whole range.
        </p>
        <div class="charts">
          {charts.map(({ key, label, note, data }) => (
            <Chart id={`update-${key}`} title={capitalise(label)} note={`${capitalise(note)}.`} data={data} />
          ))}
        </div>
      </>
    );
  return [await renderSection({ id: 'updates', title: 'Every update of the trainings', body })];
}

const BEHAVIOUR: readonly Column<IterationBehaviour>[] = [
  { head: 'iteration', cell: ({ iteration }) => iteration },
  { head: 'rollouts', kind: 'number', cell: ({ rollouts }) => formatCount(rollouts) },
  { head: 'with code', kind: 'number', cell: ({ codeShare }) => formatPercent(codeShare) },
  { head: 'blocks', kind: 'number', cell: ({ blocks }) => orDash(blocks, formatMetric) },
  { head: 'lines a block', kind: 'number', cell: ({ linesPerBlock }) => orDash(linesPerBlock, formatMetric) },
  { head: 'first output at', kind: 'number', cell: ({ firstBlockAt }) => orDash(firstBlockAt, formatPercent) },
  { head: 'failed blocks', kind: 'number', cell: ({ failedBlocks }) => orDash(failedBlocks, formatPercent) },
  { head: 'self-correction', kind: 'number', cell: ({ selfCorrection }) => orDash(selfCorrection, formatPercent) },
  { head: 'tokens written', kind: 'number', cell: ({ modelTokens }) => formatMetric(modelTokens) },
  { head: 'tokens of tools', kind: 'number', cell: ({ toolTokens }) => formatMetric(toolTokens) },
];

const orDash = (value: number | undefined, format: (value: number) => string): string =>
  value === undefined ? '–' : format(value);

/** How the rollouts of the trainings use code, iteration by iteration. */
export async function renderBehaviourSections(behaviour: readonly IterationBehaviour[]): Promise<RenderedSection[]> {
  const body =
    behaviour.length === 0 ? (
      <p class="empty">No rollouts have been sampled yet, or their texts take long to read: reload the page then.</p>
    ) : (
      <>
        <p class="note">
          Blocks and first output: means over rollouts that ran code; the first output stands at this share of what the
          model wrote. Self-correction: failed blocks behind which the rollout ran one without an error.
        </p>
        <Table label="How the rollouts use code" columns={BEHAVIOUR} rows={behaviour} />
      </>
    );
  return [await renderSection({ id: 'behaviour', title: 'How the rollouts use code', body })];
}

export function CurvesPage({
  campaign,
  sections,
}: {
  readonly campaign: CampaignDetail;
  readonly sections: readonly RenderedSection[];
}) {
  return (
    <Layout title={`Curves of ${campaign.id}`}>
      <header class="title">
        <h1>
          <a href={campaignAddress(campaign.id)}>{campaign.id}</a>
          {' curves'}
        </h1>
      </header>
      <Sections sections={sections} />
    </Layout>
  );
}
