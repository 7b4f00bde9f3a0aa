/** Refuses what can't run before any work, and pins what the campaign works on: configuration and problems as blobs. */
import type { ArtifactStore } from '../src/artifacts/types.ts';
import { canonicalJson } from '../src/formats/canonical-json.ts';
import { writeJsonLines } from '../src/formats/json-lines.ts';
import type { Problem } from '../src/rollout/types.ts';
import type { ResolveProblems } from './evaluate.ts';
import { EVALUATIONS_JOURNAL } from './records.ts';
import type { Grading } from './score.ts';
import { StepFailure } from './support/failure.ts';
import type { OpenCampaignInput, OpenedCampaign } from './types.ts';

export interface OpenDeps {
  readonly store: ArtifactStore;
  readonly resolveProblems: ResolveProblems;
  readonly grading: Pick<Grading, 'whyUnreadable'>;
}

export async function openCampaign(
  { store, resolveProblems, grading }: OpenDeps,
  { campaignId, config }: OpenCampaignInput,
): Promise<OpenedCampaign> {
  if (campaignId === EVALUATIONS_JOURNAL)
    throw new StepFailure(
      'bad-input',
      `"${campaignId}" is the journal of the evaluations; call the campaign otherwise`,
    );
  const problems = await resolveProblems(config.problems, config.seed);
  checkProblems('training', problems, grading);
  for (const { suite, problems: held } of config.evaluations) {
    const measured = await resolveProblems([held], config.seed);
    checkProblems(`evaluation ${suite}`, measured, grading);
    const shared = overlap(problems, measured);
    if (shared !== undefined)
      throw new StepFailure(
        'bad-input',
        `evaluation ${suite} shares problem "${shared}" with the training problems; evaluate on problems that are not trained on`,
      );
  }
  const { digest } = await store.putBlob(Buffer.from(canonicalJson(config)));
  const lines = writeJsonLines(problems.map(({ id, problem, answer }) => ({ id, problem, answer })));
  const stored = await store.putBlob(lines);
  await store.appendJournal(campaignId, {
    at: new Date().toISOString(),
    kind: 'opened',
    details: { config: digest, problems: stored.digest },
  });
  return { config: digest, problems: stored.digest, problemCount: problems.length };
}

function checkProblems(of: string, problems: readonly Problem[], grading: OpenDeps['grading']): void {
  if (problems.length === 0)
    throw new StepFailure(
      'bad-input',
      `the ${of} problems are empty; give a data set, a generator or a file with problems`,
    );
  const seen = new Set<string>();
  for (const { id } of problems) {
    if (seen.has(id))
      throw new StepFailure('bad-input', `${of} problem "${id}" comes twice; give every problem an id of its own`);
    seen.add(id);
  }
  const unreadable = problems.flatMap((problem) => {
    const why = grading.whyUnreadable(problem);
    return why === undefined ? [] : [`${problem.id} (${why})`];
  });
  if (unreadable.length > 0)
    throw new StepFailure(
      'bad-input',
      `${unreadable.length} of ${problems.length} ${of} gold answers can't be graded against: ${unreadable.slice(0, 5).join(', ')}; mend or leave out these problems`,
    );
}

function overlap(training: readonly Problem[], held: readonly Problem[]): string | undefined {
  const prompts = new Set(training.map(({ problem }) => problem.trim()));
  return held.find(({ problem }) => prompts.has(problem.trim()))?.id;
}
