/** A campaign as text. */

import type { LiveStatus } from '../campaigns/gateway.ts';
import type { Health } from '../campaigns/health.ts';
import type { ShownCampaign } from '../campaigns/show-campaign.ts';
import type { SettingsChanged } from '../db/read-settings-changes.ts';
import type { EvaluationView, IterationView } from '../db/views.ts';
import { formatInstant, formatMetric, formatSeconds, shortDigest } from '../formats/for-people.ts';
import { type Counts, describeLosses } from '../protocol/counts.ts';
import type { ForkOrigin } from '../protocol/facts.ts';
import { ARMS } from '../rollout/types.ts';
import type { Alarm } from '../scoring/alarm.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { ROLLOUT_METRICS } from '../scoring/rollout-metrics.ts';
import { renderChange } from './settings-option.ts';
import { measureCells, renderTable } from './table.ts';

export function renderCampaign({ campaign, health, live, settingsChanged }: ShownCampaign): string {
  const planned = campaign.iterationsPlanned ?? '?';
  const reason = campaign.reason === undefined ? '' : ` (${campaign.reason})`;
  const parts = [
    `${campaign.id}: ${campaign.status}${reason}, ${campaign.iterationsDone} of ${planned} iterations, head ${shortDigest(campaign.head)}`,
    renderHealth(health),
  ];
  if (campaign.forkedFrom !== undefined) parts.push(renderOrigin(campaign.forkedFrom));
  if (settingsChanged.length > 0) parts.push(settingsChanged.map(renderSettingsChange).join('\n'));
  if (live !== undefined) parts.push(renderLive(live));
  if (health.others.length > 0) parts.push(health.others.map(renderAlarm).join('\n'));
  if (campaign.evaluations.length > 0) parts.push(renderEvaluations(campaign.evaluations));
  if (campaign.iterations.some(({ stages }) => stages.length > 0)) parts.push(renderStages(campaign.iterations));
  const lost = campaign.iterations.filter(({ shardsDone }) => shardsDone > 0);
  if (lost.length > 0) parts.push(renderFailures(lost));
  return parts.join('\n\n');
}

/** `from iteration 3: strategy.alpha 8 → 4 (ada@lovelace, 2026-11-22 23:05)` */
export function renderSettingsChange({
  fromIteration,
  changes,
  by,
  at,
}: Pick<SettingsChanged, 'fromIteration' | 'changes'> & Partial<SettingsChanged>): string {
  const what = changes.length === 0 ? 'nothing changes: it is so already' : changes.map(renderChange).join(', ');
  const who = [by, at === undefined ? undefined : formatInstant(at)].filter((part) => part !== undefined).join(', ');
  return `from iteration ${fromIteration}: ${what}${who === '' ? '' : ` (${who})`}`;
}

/** `Healthy: auto 88.0 %, the better arm 90.0 %; iteration 3 of 4, train 41 %.` and, in a line of its own, the action. */
export const renderHealth = ({ sentence, action }: Health): string =>
  action === undefined ? sentence : `${sentence}\n→ ${action}`;

const renderAlarm = ({ kind, iteration, message, action }: Alarm): string =>
  `also ${kind}, ${iteration === 0 ? 'start' : `iteration ${iteration}`}: ${message}. ${action}`;

/** How rollouts ended, per arm; those that were lost to infrastructure by cause. */
export function renderFailures(iterations: readonly IterationView[]): string {
  const rows = iterations.flatMap(({ iteration, counts }) =>
    ARMS.flatMap((arm) => {
      const cells = ROLLOUT_METRICS.map(
        ({ count, causes }) => describeLosses(causes?.(counts, arm) ?? {}) || `${count(counts, arm)}`,
      );
      return cells.every((cell) => cell === '0') ? [] : [[`${iteration}`, arm, ...cells]];
    }),
  );
  return renderTable(['iteration', 'arm', ...ROLLOUT_METRICS.map(({ label }) => label)], rows);
}

const renderOrigin = ({ campaignId, iteration, checkpoint }: ForkOrigin): string =>
  `forked from ${campaignId}/${iteration} (${shortDigest(checkpoint)})`;

export function renderLive(live: LiveStatus): string {
  const shards = live.shards > 0 ? `, shard ${live.shardsDone} of ${live.shards}` : '';
  const { progress } = live;
  const steps = progress === undefined ? '' : `, ${progress.done} of ${progress.total} ${progress.unit}`;
  return `now: iteration ${live.iteration}, ${live.stage}${shards}${steps}${live.paused ? ', paused' : ''}`;
}

const EVALUATED = metricsIn('evaluations');

export function renderEvaluations(evaluations: readonly EvaluationView[]): string {
  return renderTable(
    ['iteration', 'suite', 'status', ...EVALUATED.map(({ label }) => label)],
    evaluations.map(({ iteration, suite, status, metrics }) => [
      iteration === undefined ? '–' : String(iteration),
      suite,
      status,
      ...measureCells(EVALUATED, metrics),
    ]),
  );
}

export const renderStages = (iterations: readonly IterationView[]): string =>
  renderTable(['iteration', 'stage', 'status', 'time', 'counts'], iterations.flatMap(stageRows));

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

/** What to do about a campaign that Temporal knows nothing of. */
export const describeLost = (id: string): string =>
  `Temporal has lost ${id}; \`whencode campaign recover ${id}\` goes on from the artifact store`;
