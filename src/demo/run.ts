/** The demo's main part on a running stack: EM from the warm start, then RL with as many rollouts. */

import { ask, type Client } from '../api/client.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import type { CampaignDetail } from '../db/views.ts';
import {
  atEqualRollouts,
  type DemoOptions,
  measuredBeside,
  rolloutsPerIteration,
  testbedCampaign,
} from './campaigns.ts';
import { type DemoPlan, secondsLeft } from './estimate.ts';
import { type CampaignStep, followCampaign } from './follow.ts';
import { bar, clock, type ProgressLine } from './progress-line.ts';
import { type DemoResult, demoIterations, requireWarmStart } from './result.ts';

function describe(method: CampaignConfig['method'], { campaign, live }: CampaignStep): string {
  if (live === undefined) return `${method} ${campaign.status}`;
  const of = campaign.iterationsPlanned ?? '?';
  const where = live.iteration === 0 ? 'warm start' : `iteration ${live.iteration}/${of}`;
  const shards = live.stage === 'sample' && live.shards > 0 ? ` ${live.shardsDone}/${live.shards} shards` : '';
  return `${method} ${where}: ${live.stage}${shards}`;
}

/** `name` distinguishes the runs of one home folder; campaigns are called `<name>-em` and `<name>-rl`. */
export async function runDemo(run: {
  readonly client: Client;
  readonly name: string;
  readonly options: DemoOptions;
  readonly withRl: boolean;
  readonly progress: ProgressLine;
}): Promise<DemoResult> {
  const { client, options, progress } = run;
  const startedAt = Date.now();
  const elapsed = (): number => (Date.now() - startedAt) / 1000;
  const emConfig = await testbedCampaign('em', `${run.name}-em`, options);
  const rl = await testbedCampaign('rl', `${run.name}-rl`, options);
  const rlConfig = measuredBeside(atEqualRollouts(rl, emConfig), emConfig);
  const plan: DemoPlan = run.withRl ? [emConfig, rlConfig] : [emConfig];
  const finished: CampaignDetail[] = [];

  const follow = async (config: CampaignConfig): Promise<CampaignDetail> => {
    const { method } = config;
    await ask(client.api.campaigns.$post({ json: config }));
    const ended = await followCampaign(client, config.name, (step) => {
      requireWarmStart(step.campaign, options.warmStart);
      const left = secondsLeft(plan, [...finished, step.campaign], { startedAtMs: startedAt, nowMs: Date.now() });
      const done = bar(elapsed(), elapsed() + left);
      progress.show(
        `${describe(method, step).padEnd(34)}  ${clock(elapsed())} elapsed, about ${clock(left)} left  ${done}`,
      );
    });
    finished.push(ended);
    progress.end(`${method} ${ended.status} after ${clock(elapsed())}`);
    return ended;
  };

  const em = await follow(emConfig);
  const besides = run.withRl ? await follow(rlConfig) : undefined;
  const iterationsOf = (ended: CampaignDetail, config: CampaignConfig) =>
    demoIterations(ended, { rollouts: rolloutsPerIteration(config), every: config.evaluations[0]?.every });
  return {
    campaign: em.id,
    ...(em.head === undefined ? {} : { checkpoint: em.head }),
    iterations: iterationsOf(em, emConfig),
    ...(besides === undefined ? {} : { rl: { campaign: besides.id, iterations: iterationsOf(besides, rlConfig) } }),
    seconds: { total: elapsed() },
  };
}
