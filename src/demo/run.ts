/** The demo's main part on a running stack: EM from the warm start, then RL with the same budget. */

import { ask, type Client } from '../api/client.ts';
import type { CampaignDetail } from '../db/views.ts';
import type { MethodName } from '../methods/methods.ts';
import { type DemoOptions, testbedCampaign } from './campaigns.ts';
import { type DemoPlan, secondsLeft } from './estimate.ts';
import { type CampaignStep, followCampaign } from './follow.ts';
import { bar, clock, type ProgressLine } from './progress-line.ts';
import { type DemoResult, demoIterations, requireWarmStart } from './result.ts';

function describe(method: MethodName, { campaign, live }: CampaignStep): string {
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
  const plan: DemoPlan = { iterations: options.iterations, campaigns: run.withRl ? 2 : 1 };
  const finished: CampaignDetail[] = [];

  const follow = async (method: MethodName): Promise<CampaignDetail> => {
    const config = await testbedCampaign(method, `${run.name}-${method}`, options);
    await ask(client.api.campaigns.$post({ json: config }));
    const ended = await followCampaign(client, config.name, (step) => {
      requireWarmStart(step.campaign, options.warmStart);
      const left = secondsLeft(plan, [...finished, step.campaign], { startedAtMs: startedAt, nowMs: Date.now() });
      const done = bar(elapsed(), elapsed() + left);
      progress.show(
        `${describe(method, step).padEnd(34)}  ${done}  ${clock(elapsed())} elapsed, about ${clock(left)} left`,
      );
    });
    finished.push(ended);
    progress.end(`${method} ${ended.status} after ${clock(elapsed())}`);
    return ended;
  };

  const em = await follow('em');
  const rl = run.withRl ? await follow('rl') : undefined;
  return {
    campaign: em.id,
    ...(em.head === undefined ? {} : { checkpoint: em.head }),
    iterations: demoIterations(em),
    ...(rl === undefined ? {} : { rl: { campaign: rl.id, iterations: demoIterations(rl) } }),
    seconds: { total: elapsed() },
  };
}
