/** The health of a campaign: one sentence that says how it stands, and one action. */
import type { CampaignSummary } from '../db/views.ts';
import { formatEstimate, formatPercent } from '../formats/for-people.ts';
import type { FailureType } from '../protocol/failures.ts';
import { type Alarm, levelOf, sortAlarms } from '../scoring/alarm.ts';
import type { LiveStatus } from './gateway.ts';

/** `good`: nothing to do. `watch`: it learns, but worse than it could. `act`: it waits, or what it does is worth little. */
export type HealthLevel = 'good' | 'watch' | 'act';

export interface Health {
  readonly level: HealthLevel;
  readonly sentence: string;
  /** What to do, as one sentence, with commands between backticks. */
  readonly action?: string;
  /** Other alarms, most important first, one for each cause. */
  readonly others: readonly Alarm[];
}

export interface HealthFacts {
  readonly campaign: Pick<
    CampaignSummary,
    'id' | 'status' | 'reason' | 'lost' | 'iterationsDone' | 'iterationsPlanned' | 'latest' | 'alarms'
  >;
  /** Absent where the campaign has ended, or its workflow was not asked. */
  readonly live?: Pick<LiveStatus, 'iteration' | 'stage' | 'failure' | 'progress' | 'waiting'> | undefined;
  /** Estimate of the time that the campaign still takes. */
  readonly secondsLeft?: number | undefined;
}

/**
 * @example healthOf({ campaign: await readCampaign(db, 'math') })
 * // { level: 'good', sentence: 'Healthy: auto 88.0 %, the better arm 90.0 %; iteration 3 of 4.', others: [] }
 */
export function healthOf(facts: HealthFacts): Health {
  const { campaign } = facts;
  const sorted = sortAlarms(campaign.alarms).map((alarm) => ({
    ...alarm,
    action: alarm.action.replaceAll('CAMPAIGN', campaign.id),
  }));
  const state = stateOf(facts);
  const [first, ...others] = sorted;
  // What stops a campaign comes before what it learns.
  if (state.level === 'act' || first === undefined) return { ...state, others: sorted };
  const where = first.iteration === 0 ? 'at the start' : `in iteration ${first.iteration}`;
  return {
    level: levelOf(first.kind),
    sentence: `${state.but}: ${first.message} (${where}).`,
    action: first.action,
    others,
  };
}

interface State extends Omit<Health, 'others'> {
  /** The begin of a sentence that an alarm ends. */
  readonly but?: string;
}

function stateOf({ campaign, live, secondsLeft }: HealthFacts): State {
  const { id, status, reason, iterationsDone: done, iterationsPlanned: planned } = campaign;
  const ofPlanned = `${done} of ${planned ?? '?'} iterations`;
  const because = reason === undefined ? '' : `: ${firstSentence(reason)}`;
  if (campaign.lost === true)
    return {
      level: 'act',
      sentence: `Temporal has lost this campaign after ${ofPlanned}; its finished steps are in the store.`,
      action: `Continue from them: \`whencode campaign recover ${id}\`.`,
    };
  switch (status) {
    case 'blocked':
      return {
        level: 'act',
        sentence: `Blocked${placeOf(live)}${because}.`,
        action: live?.failure === undefined ? answer(id) : UNBLOCK[live.failure](id),
      };
    case 'failed':
      return {
        level: 'act',
        sentence: `Failed after ${ofPlanned}${because}.`,
        action: `Correct the cause, then continue from the last finished step: \`${extend(id)}\`.`,
      };
    case 'no-signal':
      return {
        level: 'act',
        sentence: `Ended after ${ofPlanned}${because === '' ? ': there is nothing left to learn' : because}.`,
        action: `Read some answers beside their golds: \`whencode rollouts show ${id} --limit 3\`.`,
      };
    case 'paused':
      return {
        level: 'watch',
        sentence: `Paused${placeOf(live)}; finished steps are kept.`,
        action: `Continue: \`whencode campaign resume ${id}\`.`,
        but: 'Paused, and',
      };
    case 'stopped':
      return {
        level: 'watch',
        sentence: `Stopped after ${ofPlanned}; finished steps are kept.`,
        action: `Continue: \`${extend(id)}\`.`,
        but: `Stopped after ${ofPlanned}`,
      };
    case 'completed':
      return {
        level: 'good',
        sentence: `Completed ${ofPlanned}${and(accuracyOf(campaign))}.`,
        action: `Take the model with you: \`whencode checkpoint export ${id} FOLDER\`.`,
        but: 'Completed, but',
      };
    case 'running': {
      if (live?.waiting !== undefined)
        return {
          level: 'act',
          sentence: `Waits${placeOf(live)}: ${firstSentence(live.waiting)}.`,
          action: '`whencode doctor` names what is missing; the step goes on by itself when it is there.',
        };
      const accuracy = accuracyOf(campaign);
      const left = secondsLeft === undefined ? '' : `, ${formatEstimate(secondsLeft)} left`;
      const now = live === undefined ? ofPlanned : `${describePlace(live, planned)}${shareOf(live)}`;
      return {
        level: 'good',
        sentence: `${accuracy === '' ? 'Running, nothing is measured yet' : `Healthy: ${accuracy}`}; ${now}${left}.`,
        but: 'Running, but',
      };
    }
  }
}

const extend = (id: string): string => `whencode campaign extend ${id} --iterations 1`;
const answer = (id: string): string =>
  `Correct the cause, then run what failed again: \`whencode iteration retry ${id}\`.`;
const doctor = (id: string): string =>
  `\`whencode doctor\` names what is wrong; then run what failed again: \`whencode iteration retry ${id}\`.`;
const report = (id: string): string =>
  `This is a defect of Whencode: report it with the log, and try again: \`whencode iteration retry ${id}\`.`;

/** What to do about a blocked campaign, by the failure that blocks it. */
const UNBLOCK: Readonly<Record<FailureType, (id: string) => string>> = {
  'bad-input': (id) => `Correct the setting that it names: \`whencode iteration retry ${id} --set KEY=VALUE\`.`,
  'store-unavailable': (id) =>
    `Make room for the artifact store, or make it readable again, then \`whencode iteration retry ${id}\`.`,
  'sampler-failed': (id) =>
    `Read the log of \`sample\`, then run what failed again: \`whencode iteration retry ${id}\`.`,
  'sandbox-unavailable': doctor,
  'trainer-refused': (id) =>
    `The trainer sees other log-probs than the sampler: check model, template and temperature, then \`whencode iteration retry ${id}\`.`,
  'trainer-failed': (id) =>
    `Read the log of \`train\`, then run what failed again: \`whencode iteration retry ${id}\`.`,
  'over-budget': (id) =>
    `Correct the cause (\`whencode doctor\`) and \`whencode iteration retry ${id}\`, or go on without the lost rollouts: \`whencode iteration accept ${id}\`.`,
  'part-away': doctor,
  incomplete: report,
  'foreign-payload': (id) =>
    `Another program writes to this Temporal server: see docs/security.md, then \`whencode iteration retry ${id}\`.`,
  'no-worker': (id) =>
    `See that the workers run (\`whencode up\`), then run what failed again: \`whencode iteration retry ${id}\`.`,
  internal: report,
};

const placeOf = (live: HealthFacts['live']): string => (live === undefined ? '' : ` in ${describePlace(live)}`);

function describePlace(live: NonNullable<HealthFacts['live']>, planned?: number): string {
  if (live.iteration === 0) return `the start, ${live.stage}`;
  return `iteration ${live.iteration}${planned === undefined ? '' : ` of ${planned}`}, ${live.stage}`;
}

function shareOf({ progress }: NonNullable<HealthFacts['live']>): string {
  if (progress === undefined || progress.total <= 0) return '';
  return ` ${Math.min(100, Math.floor((100 * progress.done) / progress.total))} %`;
}

/** `auto 88.0 %, the better arm 90.0 %`; empty before the first evaluation. */
function accuracyOf({ latest }: HealthFacts['campaign']): string {
  const [auto, oracle] = [latest?.metrics?.accuracy.auto, latest?.metrics?.oracle];
  if (auto === undefined) return '';
  return `auto ${formatPercent(auto.value)}${oracle === undefined ? '' : `, the better arm ${formatPercent(oracle.value)}`}`;
}

const and = (text: string): string => (text === '' ? '' : `: ${text}`);

const LONGEST = 240;

/** The first line of a reason without its JSON, which pages fold. */
function firstSentence(reason: string): string {
  const [line = ''] = reason.split('\n');
  const json = line.search(/[{[]"/);
  const text = (json > 0 ? line.slice(0, json) : line).replace(/[\s:.]+$/, '');
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
