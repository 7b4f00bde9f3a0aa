/** The campaign's derived settings, in one place. */
import { type Conventions, changedConventions } from '../grader/options.ts';
import type { StrategyOptions } from '../methods/strategy.ts';
import { usesFences } from '../rollout/fences.ts';
import { type RolloutTemplate, TEMPLATES } from '../rollout/template.ts';
import type { CampaignConfig } from './campaign.ts';

/** Valid rollouts that an arm (or the auto group) needs: K/2 unless the campaign says otherwise. */
export const minValidOf = (config: CampaignConfig): number =>
  config.strategy.minValid ?? Math.max(1, Math.ceil(config.sampling.samplesPerArm / 2));

/** What the decision targets depend on. A default is left out, so that the keys of steps of earlier versions stay the same. */
export const strategyOf = ({
  strategy: { name, alpha, priorFloor, confidence },
}: Pick<CampaignConfig, 'strategy'>): StrategyOptions => ({
  name,
  alpha,
  priorFloor,
  ...(isSet(confidence, 'off') ? { confidence } : {}),
});

/** Whether a setting is given and differs from its default. */
export const isSet = <T, D extends T>(value: T | undefined, usual: D): value is Exclude<T, D> =>
  value !== undefined && value !== usual;

/** Drops optional fields that are present and undefined, so that equal templates give equal step keys. */
export const templateOf = ({ template }: Pick<CampaignConfig, 'template'>): RolloutTemplate =>
  typeof template === 'string' ? TEMPLATES[template] : (JSON.parse(JSON.stringify(template)) as RolloutTemplate);

/** Whether the model reads the value of a block's last expression, as in a notebook. Default: if the template has code fences. */
export const showsValue = (config: Pick<CampaignConfig, 'template' | 'execution'>): boolean =>
  config.execution.showValue ?? usesFences(templateOf(config));

/** A plan's `gradesViolations`. */
export const gradesViolations = ({
  strategy,
}: Pick<CampaignConfig, 'strategy'>): { readonly gradesViolations?: true } =>
  strategy.violations === 'graded' ? { gradesViolations: true } : {};

/** A plan's `grading`: absent if every convention is the default. */
export const gradingOf = ({
  grading,
}: Pick<CampaignConfig, 'grading'>): { readonly grading?: Partial<Conventions> } => {
  const changed = changedConventions(grading);
  return changed === undefined ? {} : { grading: changed };
};
