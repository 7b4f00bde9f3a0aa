/** `whencode iteration show`: one iteration's stages, what was learnt from, and what was lost by arm and cause. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import type { CampaignDetail, IterationView } from '../db/views.ts';
import { clientCommand } from './client-command.ts';
import { CommandFailure } from './exit.ts';
import { resolveIteration } from './iteration-reference.ts';
import { renderEvaluations, renderFailures, renderStages } from './render-campaign.ts';

export function addShowCommand(iteration: Command): void {
  clientCommand(
    iteration
      .command('show')
      .description('stages, evaluations, and how rollouts ended, by arm and cause')
      .argument('<iteration>', 'CAMPAIGN N, CAMPAIGN/N, or N of the newest campaign')
      .argument('[number]'),
    (first: string, second: string | undefined) => async (api) => {
      const { campaign: id, iteration: number } = await resolveIteration(api, first, second);
      const { campaign } = await ask(api.campaigns[':id'].$get({ param: inPath({ id }) }));
      const json = campaign.iterations.find((item) => item.iteration === number);
      if (json !== undefined) return { json, text: renderIteration(campaign, json) };
      const known = campaign.iterations.map((item) => item.iteration).join(', ');
      throw new CommandFailure(`campaign "${id}" has no iteration ${number}; there are ${known || 'none yet'}`);
    },
  );
}

function renderIteration(campaign: CampaignDetail, iteration: IterationView): string {
  const reason = iteration.reason === undefined ? '' : ` (${iteration.reason})`;
  const measured = campaign.evaluations.filter((item) => item.iteration === iteration.iteration);
  const parts = [`${campaign.id}, iteration ${iteration.iteration}: ${iteration.status}${reason}`];
  if (iteration.sampledBy !== undefined) parts.push(`sampled by ${iteration.sampledBy.join('; ')}`);
  if (iteration.stages.length > 0) parts.push(renderStages([iteration]));
  if (iteration.shardsDone > 0) parts.push(renderFailures([iteration]));
  if (measured.length > 0) parts.push(renderEvaluations(measured));
  return parts.join('\n\n');
}
