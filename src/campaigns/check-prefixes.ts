/** Whether a model begins its solutions with the template's prefixes, on a few prompts. */
import type { CampaignConfig } from '../config/campaign.ts';
import { templateOf } from '../config/defaults.ts';
import { formatPercent } from '../formats/for-people.ts';
import { LEAST_PREFIX_MASS, prefixMass, priorFromLogProbs } from '../methods/prior.ts';
import type { Problem } from '../rollout/types.ts';
import type { Sampler, Tokenizer } from '../sampler/types.ts';
import { scorePrefixes } from '../steps/score-prefixes.ts';

export type ScorePrompts = Sampler['score'];

const PROMPTS = 20;

/**
 * One line for people, and a warning where the prefixes have no mass on more than half of the prompts.
 *
 * @param score - Of the campaign's model
 */
export async function checkPrefixes(
  config: Pick<CampaignConfig, 'template'>,
  tokenizer: Tokenizer,
  problems: readonly Problem[],
  score: ScorePrompts,
): Promise<{ readonly checked: string; readonly warnings: readonly string[] }> {
  const asked = problems.slice(0, PROMPTS);
  const lines = await scorePrefixes(asked, { template: templateOf(config), tokenizer }, score);
  const masses = lines.map(({ logProbs }) => prefixMass(logProbs));
  const ofCode = lines.map(({ logProbs }) => priorFromLogProbs(logProbs)[1]);
  const without = masses.filter((mass) => mass < LEAST_PREFIX_MASS).length;
  return {
    checked: `prefixes: ${formatPercent(mean(masses))} of the probability on ${asked.length} prompts, ${formatPercent(mean(ofCode))} of it code`,
    warnings:
      without * 2 <= asked.length
        ? []
        : [
            `on ${without} of ${asked.length} prompts the model begins with neither prefix (less than ${formatPercent(LEAST_PREFIX_MASS)}), so that the prior is flat there: train it to follow them (section sft), take its own words as prefixes, or set sampling.autoSamples`,
          ],
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
