import type { CampaignPlan } from '../campaigns/plan-campaign.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { formatBytes, formatCount, formatEstimate } from '../formats/for-people.ts';
import { renderTable } from './table.ts';

/** The plan as text. */
export function renderPlan(config: CampaignConfig, plan: CampaignPlan): string {
  const { total, iteration } = plan;
  const lines = [
    `${plan.name} is valid. Nothing was started.`,
    '',
    `model       ${config.model}: ${formatCount(plan.model.parameters)} parameters; ${plan.model.checked.join('; ')}`,
    `problems    ${plan.problems.from.join(' + ')}; ${formatCount(plan.problems.perIteration)} an iteration`,
    `method      ${plan.method}, ${plan.iterations} iterations of ${formatCount(iteration.rollouts)} rollouts in ${iteration.shards} shards`,
    '',
    renderTable(
      ['', 'rollouts', 'new tokens, at most'],
      [
        ['one iteration', formatCount(iteration.rollouts), formatCount(iteration.maxNewTokens)],
        ...plan.evaluations.map((item) => [
          `evaluation ${item.suite} (${item.from})`,
          formatCount(item.rollouts),
          formatCount(item.maxNewTokens),
        ]),
        ['whole campaign', formatCount(total.rollouts), formatCount(total.maxNewTokens)],
      ],
    ),
    '',
    `disk        ${formatBytes(total.diskBytes)} at most`,
    `time        ${formatEstimate(total.estimatedSeconds)} on this machine's processor, by the order of magnitude`,
    ...plan.warnings.map((warning) => `note        ${warning}`),
  ];
  return lines.join('\n');
}
