/** The top of the live page: current work, progress and speed. */

import type { LiveStatus } from '../campaigns/gateway.ts';
import { healthOf } from '../campaigns/health.ts';
import { estimateSecondsLeft, throughputOf } from '../campaigns/progress.ts';
import type { CampaignDetail, IterationView, StageView } from '../db/views.ts';
import { formatCount, formatEstimate, formatRate, formatSeconds } from '../formats/for-people.ts';
import type { Progress } from '../protocol/progress.ts';
import { STAGES, type StageName } from '../protocol/stages.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { describeTraces } from '../protocol/trace-counts.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { campaignAddress, evaluateAddress, forkAddress, iterationAddress, newRunAddress } from './addresses.ts';
import { BUTTONS_OF, type Button } from './buttons.ts';
import { HealthLine } from './health-line.tsx';
import { capitalise, DigestText, MeasureText, Since, Status } from './parts.tsx';
import { pointsOf, suitesOf } from './series.ts';

/** Metrics that show whether the campaign learns; higher is better. */
const TILES = metricsIn('overview').filter(({ better }) => better !== undefined);

export function Overview({
  campaign,
  live,
  buttonId,
  nowMs,
}: {
  readonly campaign: CampaignDetail;
  readonly live: LiveStatus | undefined;
  readonly buttonId: string;
  readonly nowMs: number;
}) {
  const suite = suitesOf(campaign)[0] ?? '';
  const speed = throughputOf(campaign);
  return (
    <>
      <header class="title">
        <h1>{campaign.id}</h1>
        <Status status={campaign.status} />
        <span class="facts">
          {campaign.method ?? 'unknown method'} · {modelName(campaign.model)} · head{' '}
          <DigestText digest={campaign.head} />
        </span>
        <Actions campaign={campaign} live={live} buttonId={buttonId} />
      </header>
      <HealthLine
        health={healthOf({ campaign, live, secondsLeft: estimateSecondsLeft(campaign, nowMs) })}
        reason={campaign.reason}
      />
      <dl class="tiles">
        <Tile name="Iterations" value={`${campaign.iterationsDone} of ${campaign.iterationsPlanned ?? '?'}`}>
          {timeOf(campaign, nowMs)}
        </Tile>
        {TILES.map(({ name, pick }) => {
          const points = pointsOf(campaign, suite, pick);
          return (
            <Tile name={capitalise(name)} value={<MeasureText measure={points.at(-1)?.measure} />}>
              <Change points={points} />
            </Tile>
          );
        })}
        <Tile name="Rollouts" value={speed === undefined ? '–' : `${formatRate(speed.rolloutsPerSecond)} / s`}>
          {speed === undefined ? 'nothing sampled yet' : `iteration ${speed.iteration}`}
        </Tile>
        <Tile name="New tokens" value={speed === undefined ? '–' : `${formatRate(speed.tokensPerSecond)} / s`}>
          {`${formatCount(totalOf(campaign, 'newTokens'))} in all`}
        </Tile>
      </dl>
    </>
  );
}

/** Remaining time of a running campaign, total time of one that has ended. */
function timeOf(campaign: CampaignDetail, nowMs: number): string {
  if (campaign.status === 'running') {
    const left = estimateSecondsLeft(campaign, nowMs);
    return left === undefined ? 'no estimate yet' : `${formatEstimate(left)} left`;
  }
  if (campaign.status === 'paused' || campaign.status === 'blocked') return 'waiting';
  return `in ${formatSeconds((Date.parse(campaign.updatedAt) - Date.parse(campaign.createdAt)) / 1000)}`;
}

function Tile({
  name,
  value,
  children,
}: {
  readonly name: string;
  readonly value: unknown;
  readonly children?: unknown;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <strong>{value}</strong>
        <span>{children}</span>
      </dd>
    </div>
  );
}

function Change({ points }: { readonly points: ReturnType<typeof pointsOf> }) {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return <>not measured yet</>;
  if (first === last) return <>at the start</>;
  const points100 = (last.measure.value - first.measure.value) * 100;
  return <>{`${points100 < 0 ? '−' : '+'}${Math.abs(points100).toFixed(1)} points since the start`}</>;
}

/** Asked before what ends a campaign. */
const QUESTIONS: Partial<Readonly<Record<Button, (id: string) => string>>> = {
  stop: (id) =>
    `Stop ${id}? Finished steps are kept; "whencode campaign extend ${id} --iterations 1" goes on from them.`,
  abort: (id) =>
    `End ${id} as failed? Finished steps are kept; "whencode campaign extend ${id} --iterations 1" goes on.`,
};

function Actions({
  campaign,
  live,
  buttonId,
}: {
  readonly campaign: CampaignDetail;
  readonly live: LiveStatus | undefined;
  readonly buttonId: string;
}) {
  const { status } = campaign;
  const known = isOpenStatus(status) ? BUTTONS_OF[status] : [];
  // Only lost rollouts can be accepted.
  const actions = known.filter((action) => action !== 'accept' || live?.failure === 'over-budget');
  return (
    <div class="actions">
      <a href={newRunAddress(campaign.id)}>run again</a>
      {campaign.head === undefined ? null : (
        <>
          <a href={evaluateAddress(`${campaign.id}/${campaign.iterationsDone}`)}>evaluate</a>
          <a href={forkAddress(`${campaign.id}/${campaign.iterationsDone}`)}>fork</a>
        </>
      )}
      {actions.length === 0 ? null : (
        <form class="actions" method="post" action={`${campaignAddress(campaign.id)}/actions`}>
          <input type="hidden" name="requestId" value={buttonId} />
          {actions.map((action) => (
            <button type="submit" name="action" value={action} data-confirm={QUESTIONS[action]?.(campaign.id)}>
              {action}
            </button>
          ))}
        </form>
      )}
    </div>
  );
}

function isStageOf(stage: StageName, iteration: number, method: string | undefined): boolean {
  if (iteration === 0) return stage === 'warm-up' || stage === 'evaluate';
  return method === 'sft' ? stage === 'train' || stage === 'evaluate' : stage !== 'warm-up';
}

/** A stage that was under way when its iteration or the campaign ended did not end itself. */
function stageState(stage: StageView | undefined, iteration: IterationView, isOpen: boolean): string {
  if (stage === undefined) return 'waiting';
  if (stage.status !== 'running') return stage.status;
  if (iteration.status === 'failed') return 'failed';
  return isOpen ? 'running' : 'waiting';
}

/** The iteration under way (or the last one) as a row of stages. */
export function Pipeline({
  campaign,
  live,
}: {
  readonly campaign: CampaignDetail;
  readonly live: LiveStatus | undefined;
}) {
  const iteration = campaign.iterations.at(-1);
  if (iteration === undefined) return <p class="empty">Waiting for the first worker.</p>;
  const stages = STAGES.filter((stage) => isStageOf(stage, iteration.iteration, campaign.method));
  return (
    <>
      <p class="now">
        <a href={iterationAddress(campaign.id, iteration.iteration)}>
          {iteration.iteration === 0 ? 'Warm start' : `Iteration ${iteration.iteration}`}
        </a>
        {live !== undefined && live.attempt > 1 ? `, attempt ${live.attempt}` : ''}
        {live?.paused === true ? ', paused: the steps in flight end and are kept, no new one begins' : ''}
        {live?.status === 'blocked' ? ', blocked: waits for your answer' : ''}
      </p>
      <ol class="pipeline">
        {stages.map((name) => (
          <StageStep
            name={name}
            stage={iteration.stages.find((item) => item.stage === name)}
            iteration={iteration}
            progress={live?.stage === name ? live.progress : undefined}
            isOpen={isOpenStatus(campaign.status)}
          />
        ))}
      </ol>
    </>
  );
}

function StageStep({
  name,
  stage,
  iteration,
  progress,
  isOpen,
}: {
  readonly name: string;
  readonly stage: StageView | undefined;
  readonly iteration: IterationView;
  readonly progress: Progress | undefined;
  /** Whether the campaign goes on. */
  readonly isOpen: boolean;
}) {
  const state = stageState(stage, iteration, isOpen);
  const { shardsDone, shardsPlanned } = iteration;
  const showShards = name === 'sample' && shardsPlanned > 0;
  return (
    <li class={`stage stage-${state}`} aria-current={state === 'running' ? 'step' : undefined}>
      <span class="stage-name">{name}</span>
      <span class="stage-time">
        {stage === undefined ? (
          isOpen ? (
            'waits'
          ) : (
            'not reached'
          )
        ) : state !== stage.status ? (
          'not finished'
        ) : stage.status === 'running' ? (
          <Since at={stage.startedAt} />
        ) : (
          formatSeconds(stage.seconds)
        )}
      </span>
      <span class="stage-note">
        {stage?.status === 'failed'
          ? (stage.reason ?? 'failed')
          : showShards
            ? `${shardsDone} of ${shardsPlanned} shards`
            : progress !== undefined
              ? `${formatCount(progress.done)} of ${formatCount(progress.total)} ${progress.unit}`
              : (describeTraces(stage?.counts ?? {}) ?? '')}
      </span>
      {showShards && state === 'running' ? (
        <progress max={shardsPlanned} value={shardsDone} aria-label="Shards sampled" />
      ) : progress !== undefined && state === 'running' ? (
        <progress max={progress.total} value={progress.done} aria-label={`Training ${progress.unit}`} />
      ) : null}
    </li>
  );
}

const modelName = (model: string | undefined): string => model?.split('/').filter(Boolean).at(-1) ?? 'unknown model';

const totalOf = (campaign: CampaignDetail, count: string): number =>
  campaign.iterations.reduce((sum, iteration) => sum + (iteration.counts[count] ?? 0), 0);
