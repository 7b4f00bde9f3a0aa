import type { CampaignConfig, EvaluationConfig, ProblemsConfig } from '../config/campaign.ts';
import { ConfigError } from '../config/config-error.ts';
import { templateOf } from '../config/defaults.ts';
import { checkDisjoint, checkProblems, type TextGold } from '../datasets/check-problems.ts';
import { cutValidation } from '../datasets/cut-validation.ts';
import { readTraceFile, type TraceFile } from '../datasets/traces/trace-file.ts';
import type { Problem } from '../rollout/types.ts';
import { EVALUATIONS_JOURNAL } from './records.ts';

/** Resolves a source of a campaign file to its problems. */
interface Resolved {
  readonly problems: readonly Problem[];
}

export interface CheckedCampaign<R extends Resolved> {
  /** The demonstrations, if they come from a file. */
  readonly traces?: TraceFile;
  /** By source, in the order of the file. */
  readonly training: readonly R[];
  /** Without those for validation. */
  readonly trainingProblems: readonly Problem[];
  /** Absent without the section `validation`. */
  readonly validationProblems?: readonly Problem[];
  readonly suites: readonly { readonly config: EvaluationConfig; readonly resolved: R }[];
  /** Golds that are graded as text, by source; lists may be empty. */
  readonly gradedAsText: readonly { readonly of: string; readonly golds: readonly TextGold[] }[];
}

/**
 * Checks a campaign's name and the problems that it trains and evaluates on. The pre-flight and the campaign itself both
 * call this.
 *
 * @param resolve - Problems of a source
 * @throws ConfigError for a name that is taken, an empty or ambiguous set, or a suite that shares problems with the training
 */
export async function checkCampaign<R extends Resolved>(
  config: CampaignConfig,
  resolve: (source: ProblemsConfig) => Promise<R>,
): Promise<CheckedCampaign<R>> {
  if (config.name === EVALUATIONS_JOURNAL)
    throw new ConfigError(
      `name: "${config.name}" is taken by the record of the evaluations; call the campaign otherwise`,
    );
  const resolveOrExplain = (source: ProblemsConfig): Promise<R> =>
    resolve(source).catch((error: unknown) => {
      throw new ConfigError(`problems from "${source.from}": ${error instanceof Error ? error.message : error}`);
    });
  const training = await Promise.all(config.problems.map(resolveOrExplain));
  const suites = await Promise.all(
    config.evaluations.map(async (suite) => ({ config: suite, resolved: await resolveOrExplain(suite.problems) })),
  );
  const all = training.flatMap(({ problems }) => problems);
  const traces = await readTraces(config);
  const gradedAsText = [{ of: 'training', golds: checkProblems('training', all) }];
  for (const { config: suite, resolved } of suites) {
    const of = `evaluation ${suite.suite}`;
    gradedAsText.push({ of, golds: checkProblems(of, resolved.problems) });
    checkDisjoint(all, suite.suite, resolved.problems);
    checkDisjoint(traces?.traces ?? [], suite.suite, resolved.problems, 'demonstrations');
  }
  const checked = { training, suites, gradedAsText, ...(traces === undefined ? {} : { traces }) };
  if (config.validation === undefined) return { ...checked, trainingProblems: all };
  const cut = cutValidation(all, config.validation.problems);
  return { ...checked, trainingProblems: cut.training, validationProblems: cut.validation };
}

async function readTraces(config: CampaignConfig): Promise<TraceFile | undefined> {
  const { demonstrations, problems: limit } = config.sft ?? {};
  if (demonstrations === undefined || typeof demonstrations === 'string') return undefined;
  try {
    return await readTraceFile(demonstrations.file, { template: templateOf(config), limit });
  } catch (error) {
    throw new ConfigError(`sft.demonstrations: ${error instanceof Error ? error.message : String(error)}`);
  }
}
