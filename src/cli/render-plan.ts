import type { CampaignPlan } from '../campaigns/plan-campaign.ts';
import { type MemoryParts, totalOf } from '../capacity/training-memory.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import { formatBytes, formatCount, formatEstimate } from '../formats/for-people.ts';
import { renderTable } from './table.ts';

/** Memory by its largest parts, and how long the campaign takes. */
function capacityLines({ capacity, total }: CampaignPlan): string[] {
  const { hardware, training, sampling, hours } = capacity;
  const memory = (parts: MemoryParts): string => {
    const named = Object.entries(parts).filter(([, bytes]) => bytes > totalOf(parts) / 100);
    return `${formatBytes(totalOf(parts))} (${named.map(([part, bytes]) => `${part} ${formatBytes(bytes)}`).join(', ')})`;
  };
  const host = `memory      training on ${hardware}: ${memory(training.host)} of the machine`;
  if (sampling === undefined || hours === undefined)
    return [
      host,
      `time        ${formatEstimate(total.estimatedSeconds)} on this machine's processor, by the order of magnitude`,
    ];
  return [
    `memory      training on ${hardware}: ${memory(training.gpu)} of each GPU`,
    host,
    `            sampling: weights ${formatBytes(sampling.weightsBytes)} of each GPU, room for ${formatCount(sampling.sequences)} rollouts at a time`,
    `time        sampling ${formatEstimate(hours.sample * 3600)}, training ${formatEstimate(hours.train * 3600)} on ${hardware}, by the order of magnitude`,
  ];
}

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
          `evaluation ${item.suite} (${item.from}), ${item.times} of them`,
          formatCount(item.rollouts),
          formatCount(item.maxNewTokens),
        ]),
        ['whole campaign', formatCount(total.rollouts), formatCount(total.maxNewTokens)],
      ],
    ),
    '',
    `disk        ${formatBytes(total.diskBytes)} at most`,
    ...capacityLines(plan),
    ...plan.warnings.map((warning) => `note        ${warning}`),
  ];
  return lines.join('\n');
}
