/** The text of a campaign file that is being written: its mistakes, or the plan and the first problems as they are read. */
import { homedir } from 'node:os';
import { MachineError } from '../checks/machine-error.ts';
import { type CampaignConfig, campaignSchema } from '../config/campaign.ts';
import { ConfigError } from '../config/config-error.ts';
import { parseCampaign } from '../config/load.ts';
import { kindOf } from '../datasets/check.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import type { CampaignDeps } from './deps.ts';
import type { CampaignPlan } from './plan-campaign.ts';

export type Draft =
  | { readonly kind: 'refused'; readonly mistakes: readonly string[] }
  | {
      readonly kind: 'valid';
      readonly config: CampaignConfig;
      readonly plan: CampaignPlan;
      readonly problems: readonly PreviewedProblem[];
    };

export interface PreviewedProblem {
  readonly problem: string;
  readonly gold: string;
  /** What the grader reads the gold as: `number`, `set`, `text`, …, or why it can't. */
  readonly kind: string;
}

const PREVIEWED = 5;

/** Nothing is started. `text`: YAML; paths in it are absolute or begin with `~`. */
export async function checkDraft(
  deps: Pick<CampaignDeps, 'db' | 'preflight' | 'resolveProblems'>,
  text: string,
): Promise<Draft> {
  try {
    // No variable of the server's environment: a page that names one could show it.
    const config = parseCampaign(text, 'line', { homeFolder: homedir(), variables: {} });
    if ((await readCampaign(deps.db, config.name)) !== undefined)
      return { kind: 'refused', mistakes: [`name: a campaign "${config.name}" exists already; give another name`] };
    const plan = await deps.preflight(config);
    const problems = await deps.resolveProblems(config.problems, config.seed);
    return {
      kind: 'valid',
      config,
      plan,
      problems: problems
        .slice(0, PREVIEWED)
        .map(({ problem, answer }) => ({ problem, gold: answer, kind: kindOf(answer) })),
    };
  } catch (error) {
    if (error instanceof ConfigError || error instanceof MachineError)
      return { kind: 'refused', mistakes: error.message.split('\n') };
    throw error;
  }
}

/** All settings of a stored campaign but its name, in the order of the documentation. */
export function settingsToCopy(config: unknown): Readonly<Record<string, unknown>> {
  const parsed = campaignSchema.safeParse(config);
  const { name: _, ...settings } = parsed.success ? parsed.data : ((config ?? {}) as Record<string, unknown>);
  return settings;
}
