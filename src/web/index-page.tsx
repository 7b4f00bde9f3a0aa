/** All campaigns at a glance. */
import type { CampaignSummary } from '../db/views.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { Layout } from './layout.tsx';
import { DigestText, Instant, MetricCells, MetricHeads, Status } from './parts.tsx';
import { type RenderedSection, renderSection, Sections } from './section.tsx';

const COLUMNS = metricsIn('overview');

export async function renderIndexSections(campaigns: readonly CampaignSummary[]): Promise<RenderedSection[]> {
  return [await renderSection({ id: 'campaigns', body: <CampaignTable campaigns={campaigns} /> })];
}

export function IndexPage({ sections }: { readonly sections: readonly RenderedSection[] }) {
  return (
    <Layout title="Campaigns" events="/page-events">
      <header class="title">
        <h1>Campaigns</h1>
      </header>
      <Sections sections={sections} />
    </Layout>
  );
}

function CampaignTable({ campaigns }: { readonly campaigns: readonly CampaignSummary[] }) {
  if (campaigns.length === 0) {
    return (
      <p class="empty">
        No campaign yet. Start one with <code>whencode campaign start examples/testbed.yaml</code>.
      </p>
    );
  }
  return (
    <section class="scroll" tabindex={0} aria-label="Campaigns">
      <table>
        <thead>
          <tr>
            <th scope="col">Campaign</th>
            <th scope="col">Status</th>
            <th scope="col" class="optional">
              Method
            </th>
            <th scope="col" class="number">
              Iterations
            </th>
            <MetricHeads metrics={COLUMNS} />
            <th scope="col">Head</th>
            <th scope="col">Started (UTC)</th>
          </tr>
        </thead>
        <tbody>
          {campaigns.map((item) => (
            <tr>
              <th scope="row">
                <a href={`/campaigns/${item.id}`}>{item.id}</a>
              </th>
              <td>
                <Status status={item.status} />
                {item.lost === true ? <small class="reason">lost by Temporal</small> : null}
                {item.reason === undefined ? null : <small class="reason">{item.reason}</small>}
                {item.alarms.length === 0 ? null : (
                  <small class="alarm" title={item.alarms.map(({ message }) => message).join('\n')}>
                    {item.alarms.map(({ kind }) => kind.replaceAll('-', ' ')).join(', ')}
                  </small>
                )}
              </td>
              <td class="optional">{item.method ?? '–'}</td>
              <td class="number">{`${item.iterationsDone} / ${item.iterationsPlanned ?? '?'}`}</td>
              <MetricCells metrics={COLUMNS} of={item.latest?.metrics} />
              <td>
                <DigestText digest={item.head} />
              </td>
              <td>
                <Instant at={item.createdAt} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
