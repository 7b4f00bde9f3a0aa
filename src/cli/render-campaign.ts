/** A campaign as text. */
import type { ForkOrigin } from '../db/facts.ts';
import type { CampaignDetail, Counts, EvaluationView, IterationView } from '../db/views.ts';
import type { LiveStatus } from '../server/gateway.ts';
import { formatMeasure, formatMetric, formatSeconds, shortDigest } from '../web/format.ts';
import { describeLost } from './campaign.ts';
import { renderTable } from './table.ts';

export function renderCampaign(campaign: CampaignDetail, live: LiveStatus | undefined): string {
  const planned = campaign.iterationsPlanned ?? '?';
  const reason = campaign.reason === undefined ? '' : ` (${campaign.reason})`;
  const parts = [
    `${campaign.id}: ${campaign.status}${reason}, ${campaign.iterationsDone} of ${planned} iterations, head ${shortDigest(campaign.head)}`,
  ];
  if (campaign.lost === true) parts.push(describeLost(campaign.id));
  if (campaign.forkedFrom !== undefined) parts.push(renderOrigin(campaign.forkedFrom));
  if (live !== undefined) parts.push(renderLive(live));
  if (campaign.evaluations.length > 0) parts.push(renderEvaluations(campaign.evaluations));
  const stages = campaign.iterations.flatMap(stageRows);
  if (stages.length > 0) parts.push(renderTable(['iteration', 'stage', 'status', 'time', 'counts'], stages));
  return parts.join('\n\n');
}

const renderOrigin = ({ campaignId, iteration, checkpoint }: ForkOrigin): string =>
  `forked from ${campaignId}/${iteration} (${shortDigest(checkpoint)})`;

export function renderLive(live: LiveStatus): string {
  const shards = live.shards > 0 ? `, shard ${live.shardsDone} of ${live.shards}` : '';
  return `now: iteration ${live.iteration}, ${live.stage}${shards}${live.paused ? ', paused' : ''}`;
}

export function renderEvaluations(evaluations: readonly EvaluationView[]): string {
  return renderTable(
    ['iteration', 'suite', 'status', 'auto', 'cot', 'code', 'code rate', 'selection greedy', 'selection sampled'],
    evaluations.map(({ iteration, suite, status, metrics }) => [
      iteration === undefined ? '–' : String(iteration),
      suite,
      status,
      formatMeasure(metrics?.accuracy.auto),
      formatMeasure(metrics?.accuracy.cot),
      formatMeasure(metrics?.accuracy.code),
      formatMeasure(metrics?.codeRate),
      formatMeasure(metrics?.selectionAccuracy.greedy),
      formatMeasure(metrics?.selectionAccuracy.sampled),
    ]),
  );
}

function stageRows(iteration: IterationView): string[][] {
  return iteration.stages.map((stage) => [
    String(iteration.iteration),
    stage.stage,
    stage.reason === undefined ? stage.status : `${stage.status}: ${stage.reason}`,
    formatSeconds(stage.seconds),
    renderCounts(stage.counts ?? {}),
  ]);
}

const COUNTS_WIDTH = 100;

/** What is not 0, as far as a line has room; `--json` has all of it. */
function renderCounts(counts: Counts): string {
  const shown: string[] = [];
  for (const [name, value] of Object.entries(counts)) {
    if (value === 0) continue;
    shown.push(`${name} ${formatMetric(value)}`);
    if (shown.join(', ').length > COUNTS_WIDTH) return `${shown.slice(0, -1).join(', ')}, …`;
  }
  return shown.join(', ');
}
