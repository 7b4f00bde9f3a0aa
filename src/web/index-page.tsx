/** All campaigns at a glance. */
import { healthOf } from '../campaigns/health.ts';
import type { CampaignSummary } from '../db/views.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { campaignAddress, NEW_ADDRESS } from './addresses.ts';
import { Layout } from './layout.tsx';
import { DigestText, Instant, Status } from './parts.tsx';
import { type RenderedSection, renderSection, Sections } from './section.tsx';
import { type Column, metricColumns, Table } from './table.tsx';

const COLUMNS: readonly Column<CampaignSummary>[] = [
  {
    head: 'Campaign',
    cell: ({ id }) => (
      <>
        <input type="checkbox" name="campaigns" value={id} aria-label={`compare ${id}`} />{' '}
        <a href={campaignAddress(id)}>{id}</a>
      </>
    ),
  },
  {
    head: 'Status',
    cell: (campaign) => {
      const { level, sentence, action = '' } = healthOf({ campaign });
      return (
        <>
          <Status status={campaign.status} />
          {level === 'good' ? null : (
            <small class={`advice advice-${level}`} title={`${sentence}\n${action.replaceAll('`', '')}`}>
              {sentence}
            </small>
          )}
        </>
      );
    },
  },
  { head: 'Method', kind: 'optional', cell: ({ method }) => method ?? '–' },
  {
    head: 'Iterations',
    kind: 'number',
    cell: ({ iterationsDone, iterationsPlanned }) => `${iterationsDone} / ${iterationsPlanned ?? '?'}`,
  },
  ...metricColumns<CampaignSummary>(metricsIn('overview'), ({ latest }) => latest?.metrics),
  { head: 'Head', cell: ({ head }) => <DigestText digest={head} /> },
  { head: 'Started (UTC)', cell: ({ createdAt }) => <Instant at={createdAt} /> },
];

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
        No campaign yet. <a href={NEW_ADDRESS}>Start one here</a>, or with{' '}
        <code>whencode campaign start examples/testbed.yaml</code>.
      </p>
    );
  }
  return (
    <form method="get" action="/compare">
      <Table label="Campaigns" columns={COLUMNS} rows={campaigns} />
      {campaigns.length < 2 ? null : (
        <div class="actions">
          <button type="submit">compare the ticked ones</button>
        </div>
      )}
    </form>
  );
}
