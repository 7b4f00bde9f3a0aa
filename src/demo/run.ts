/** The demo's main job on a running stack: EM from the warm start, then RL at the same budget. */
import type { CampaignConfig } from '../config/campaign.ts';
import type { CampaignDetail } from '../db/views.ts';
import type { Client } from '../server/client.ts';
import { type DemoOptions, testbedCampaign } from './campaigns.ts';
import { type DemoPlan, secondsLeft } from './estimate.ts';
import { type CampaignStep, followCampaign } from './follow.ts';
import { bar, clock, type ProgressLine } from './progress-line.ts';
import { type DemoResult, demoIterations } from './result.ts';

const STAGES = { plan: 0, sample: 0.1, score: 0.5, curate: 0.6, train: 0.65, evaluate: 0.85, 'warm-up': 0 } as const;

/** Steps of a campaign that are done, the warm start counted as one; fractions within the one under way. */
function stepsDone({ campaign, live }: CampaignStep): number {
  const ended = campaign.iterations.filter((item) => item.iteration > 0 && item.status === 'completed').length;
  const started = campaign.iterations.some((item) => item.iteration > 0) ? 1 : 0;
  const shards = live === undefined || live.shards === 0 ? 0 : (0.4 * live.shardsDone) / live.shards;
  const within = live === undefined ? 0 : STAGES[live.stage] + (live.stage === 'sample' ? shards : 0);
  return Math.min(started + ended + within, 1 + (campaign.iterationsPlanned ?? ended));
}

function describe(method: CampaignConfig['method'], { campaign, live }: CampaignStep): string {
  if (live === undefined) return `${method} ${campaign.status}`;
  const of = campaign.iterationsPlanned ?? '?';
  const where = live.iteration === 0 ? 'warm start' : `iteration ${live.iteration}/${of}`;
  const shards = live.stage === 'sample' && live.shards > 0 ? ` ${live.shardsDone}/${live.shards} shards` : '';
  return `${method} ${where}: ${live.stage}${shards}`;
}

/** `name` tells the runs of one home apart; campaigns are called `<name>-em` and `<name>-rl`. */
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

  const follow = async (method: 'em' | 'rl'): Promise<CampaignDetail> => {
    const config = await testbedCampaign(method, `${run.name}-${method}`, options);
    await client.startCampaign(config);
    const ended = await followCampaign(client, config.name, (step) => {
      const left = secondsLeft(plan, [...finished, step.campaign], elapsed());
      const steps = bar(stepsDone(step), options.iterations + 1);
      progress.show(
        `${describe(method, step).padEnd(34)}  ${steps}  ${clock(elapsed())} elapsed, about ${clock(left)} left`,
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
    iterations: demoIterations(em),
    ...(rl === undefined ? {} : { rl: { campaign: rl.id, iterations: demoIterations(rl) } }),
    seconds: { total: elapsed() },
  };
}
