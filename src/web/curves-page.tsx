/** Curves of a campaign's trainings, update by update. */
import type { IterationUpdates } from '../campaigns/training-curves.ts';
import type { CampaignDetail } from '../db/views.ts';
import { campaignAddress } from './addresses.ts';
import { Chart } from './chart.tsx';
import { Layout } from './layout.tsx';
import { capitalise } from './parts.tsx';
import { type RenderedSection, renderSection, Sections } from './section.tsx';
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
