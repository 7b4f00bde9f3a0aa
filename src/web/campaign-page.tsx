/** The live page of a campaign: the server pushes a section when it changes. */

import type { LiveStatus } from '../campaigns/gateway.ts';
import type { RolloutView } from '../campaigns/read-rollouts.ts';
import type { TrainingAccuracy } from '../campaigns/training-curves.ts';
import type { CampaignDetail } from '../db/views.ts';
import { formatCount } from '../formats/for-people.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { Layout } from './layout.tsx';
import { type RenderedSection, renderSection, Sections } from './section.tsx';
import { Executions } from './section-executions.tsx';
import { Failures } from './section-failures.tsx';
import { Learning } from './section-learning.tsx';
import { Overview, Pipeline } from './section-progress.tsx';
import { Curves, Evaluations, StageTimes } from './section-results.tsx';
import { Lineage, RolloutList } from './section-rollouts.tsx';
import { Settings, type SettingsHistory } from './section-settings.tsx';

export interface CampaignPageData {
  readonly campaign: CampaignDetail;
  readonly live: LiveStatus | undefined;
  /** A few of the newest. */
  readonly rollouts: readonly RolloutView[];
  /** Of the rollouts that it is trained on. */
  readonly accuracy: readonly TrainingAccuracy[];
  /** Id of the requests that the buttons send. */
  readonly buttonId: string;
  readonly history: SettingsHistory;
  readonly nowMs: number;
}

export function renderCampaignSections(data: CampaignPageData): Promise<RenderedSection[]> {
  const { campaign, live, rollouts, accuracy, buttonId, nowMs } = data;
  const isRunning = isOpenStatus(campaign.status);
  return Promise.all([
    renderSection({
      id: 'overview',
      className: 'overview',
      body: <Overview campaign={campaign} live={live} buttonId={buttonId} nowMs={nowMs} />,
    }),
    renderSection({
      id: 'now',
      title: isRunning ? 'Now' : 'Last iteration',
      body: <Pipeline campaign={campaign} live={live} />,
    }),
    renderSection({ id: 'curves', title: 'Curves', body: <Curves campaign={campaign} accuracy={accuracy} /> }),
    renderSection({ id: 'evaluations', title: 'Evaluations', body: <Evaluations campaign={campaign} /> }),
    renderSection({
      id: 'times',
      title: 'Time by stage',
      className: 'panel half',
      body: <StageTimes campaign={campaign} />,
    }),
    renderSection({
      id: 'failures',
      title: 'How rollouts ended',
      className: 'panel half',
      body: <Failures campaign={campaign} accuracy={accuracy} />,
    }),
    renderSection({
      id: 'executions',
      title: 'Code in the sandbox',
      body: <Executions campaign={campaign} />,
    }),
    renderSection({
      id: 'rollouts',
      title: 'Recent rollouts',
      body:
        rollouts.length === 0 ? (
          <p class="empty">No shard has ended yet.</p>
        ) : (
          <>
            <p class="more">
              <a
                href={`/campaigns/${campaign.id}/rollouts`}
              >{`All ${formatCount(sampledOf(campaign, rollouts[0]?.iteration))} of iteration ${rollouts[0]?.iteration}`}</a>
            </p>
            <RolloutList rollouts={rollouts} campaign={campaign.id} />
          </>
        ),
    }),
    renderSection({ id: 'learning', title: 'Learning', body: <Learning campaign={campaign} /> }),
    renderSection({
      id: 'lineage',
      title: 'Checkpoints',
      className: 'panel half',
      body: <Lineage campaign={campaign} />,
    }),
    renderSection({
      id: 'configuration',
      title: 'Settings',
      className: 'panel half',
      body: <Settings campaign={campaign} history={data.history} />,
    }),
  ]);
}

const sampledOf = (campaign: CampaignDetail, iteration: number | undefined): number =>
  campaign.iterations.find((item) => item.iteration === iteration)?.counts.rollouts ?? 0;

export function CampaignPage({
  campaign,
  sections,
}: {
  readonly campaign: CampaignDetail;
  readonly sections: readonly RenderedSection[];
}) {
  return (
    <Layout title={campaign.id} events={`/campaigns/${campaign.id}/events`}>
      <Sections sections={sections} />
    </Layout>
  );
}
