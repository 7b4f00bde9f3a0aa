/** SFT so that a base model follows the prefixes: demonstrations, their code really run, training, and a skew. */
import { stepKey } from '../artifacts/digest.ts';
import { outputOf, runStep } from '../artifacts/step.ts';
import type { ArtifactStore, Digest } from '../artifacts/types.ts';
import type { CampaignConfig, WarmUpConfig } from '../config/campaign.ts';
import { templateOf } from '../config/defaults.ts';
import { DEMONSTRATION_GENERATORS } from '../datasets/demonstration-generators.ts';
import {
  type CompletedDemonstration,
  completeDemonstrations,
  type Demonstration,
  type SnippetOutcome,
} from '../datasets/demonstrations.ts';
import { readJsonLines, writeJsonLines } from '../formats/json-lines.ts';
import type { PreparedWarmUp, PrepareWarmUpInput, Trained, WarmUpInput } from '../protocol/activities.ts';
import type { Tokenizer } from '../sampler/types.ts';
import { clearTraining } from '../trainer/training-folder.ts';
import { encodeTrainingSet } from '../trainer/training-set.ts';
import { type DemonstrationSetOptions, demonstrationSet } from './demonstration-set.ts';
import { requireManifest } from './rollout-blobs.ts';
import { type TrainerDeps, trainCheckpoint } from './run-training.ts';
import { readJson } from './shard-plan.ts';
import type { StepContext } from './step-context.ts';
import { StepFailure } from './step-failure.ts';
import { skewOptions, warmUpOptions } from './train-options.ts';

const DEMONSTRATIONS_STAGE = { stage: 'demonstrations', version: 1 } as const;
const SET_STAGE = { stage: 'demonstration-set', version: 1 } as const;
const WARM_UP_STAGE = { stage: 'warm-up', version: 1 } as const;

/** Snippets of one execution step: some seconds of sandbox time, so a killed worker loses little. */
const SNIPPETS_A_BATCH = 4000;

export interface WarmUpDeps extends TrainerDeps {
  readonly readTokenizer: (modelDirectory: string) => Promise<Tokenizer>;
}

/** Generates the demonstrations and lists the distinct snippets that they run. */
export async function prepareWarmUp(store: ArtifactStore, input: PrepareWarmUpInput): Promise<PreparedWarmUp> {
  const { demonstrations: generator, problems: count, seed } = requireWarmUp(await readConfig(store, input.config));
  const step = { ...DEMONSTRATIONS_STAGE, inputs: {}, config: { generator, count }, seed: `${seed}` };
  const manifest = await runStep(store, step, async () => {
    const demonstrations = DEMONSTRATION_GENERATORS[generator].generate({ count, seed });
    const codes = [...new Set(demonstrations.map(({ code }) => code.code))];
    const batches: Digest[] = [];
    for (let from = 0; from < codes.length; from += SNIPPETS_A_BATCH) {
      const batch = JSON.stringify(codes.slice(from, from + SNIPPETS_A_BATCH));
      batches.push((await store.putBlob(Buffer.from(batch))).digest);
    }
    return {
      outputs: {
        demonstrations: await store.putBlob(writeJsonLines(demonstrations)),
        batches: await store.putBlob(Buffer.from(JSON.stringify(batches))),
      },
      facts: { demonstrations: demonstrations.length, snippets: codes.length },
    };
  });
  return { manifest: manifest.key, batches: await readJson<Digest[]>(store, outputOf(manifest, 'batches').digest) };
}

export async function warmUp(deps: WarmUpDeps, input: WarmUpInput, context: StepContext): Promise<Trained> {
  const { store } = deps;
  const config = await readConfig(store, input.config);
  const settings = requireWarmUp(config);
  const completed = await completedDemonstrations(deps, config, settings, input);
  const fluent = await train(input.base, warmUpOptions(config, settings), { learnsPrefixes: true });
  if (settings.skewTo === undefined) return fluent;
  return train(fluent.checkpoint, skewOptions(config, settings), {
    learnsPrefixes: false,
    codeTarget: settings.skewTo,
  });

  /** A step by the demonstrations, the options and the checkpoint: a campaign that shares them shares the warm start. */
  async function train(
    checkpoint: Digest,
    options: ReturnType<typeof warmUpOptions>,
    form: Pick<DemonstrationSetOptions, 'learnsPrefixes' | 'codeTarget'>,
  ): Promise<Trained> {
    const inputs = { checkpoint, demonstrations: completed };
    const step = {
      ...WARM_UP_STAGE,
      inputs,
      config: { options, form, template: templateOf(config) },
      seed: `${options.seed}`,
    };
    const manifest = await runStep(store, step, async () => {
      const tokenizer = await deps.readTokenizer(await store.materialiseTree(checkpoint));
      const demonstrations = readJsonLines<CompletedDemonstration>(await store.readBlob(completed), 'demonstrations');
      const set = await demonstrationSet(demonstrations, { ...form, template: templateOf(config), tokenizer });
      const result = await trainCheckpoint(
        deps,
        { step: stepKey(step), checkpoint, trainingSet: encodeTrainingSet(set), options },
        context,
      );
      return {
        outputs: { checkpoint: result.checkpoint },
        facts: { metrics: result.metrics, sequences: set.sequences.length },
        information: result.information,
      };
    });
    await clearTraining(deps.scratch, manifest.key);
    const metrics = manifest.facts.metrics as Trained['metrics'];
    return { manifest: manifest.key, counts: metrics, metrics, checkpoint: outputOf(manifest, 'checkpoint').digest };
  }
}

/** Blob of the demonstrations with what their code really printed. */
async function completedDemonstrations(
  { store, readTokenizer }: WarmUpDeps,
  config: CampaignConfig,
  settings: WarmUpConfig,
  input: WarmUpInput,
): Promise<Digest> {
  const inputs = {
    demonstrations: input.demonstrations,
    ...Object.fromEntries(input.executions.map((key, at) => [`${at}`, key])),
  };
  const step = {
    ...SET_STAGE,
    inputs,
    config: { generator: settings.demonstrations, template: templateOf(config) },
    seed: '',
  };
  const manifest = await runStep(store, step, async () => {
    const prepared = await requireManifest(store, input.demonstrations);
    const lines = await store.readBlob(outputOf(prepared, 'demonstrations').digest);
    const batches = await readJson<Digest[]>(store, outputOf(prepared, 'batches').digest);
    const outcomeOf = new Map<string, SnippetOutcome>();
    for (const [at, key] of input.executions.entries()) {
      const codes = await readJson<string[]>(store, batches[at] ?? missingBatch(at));
      const results = await store.readBlob(outputOf(await requireManifest(store, key), 'results').digest);
      const outcomes = readJsonLines<SnippetOutcome>(results, 'snippet outcomes');
      for (const [index, code] of codes.entries()) outcomeOf.set(code, outcomes[index] ?? missingBatch(at));
    }
    const tokenizer = await readTokenizer(await store.materialiseTree(input.base));
    const style = {
      ...DEMONSTRATION_GENERATORS[settings.demonstrations].style(endText(tokenizer)),
      template: templateOf(config),
    };
    const completed = await completeDemonstrations(readJsonLines<Demonstration>(lines), style, async (codes) =>
      codes.map((code) => outcomeOf.get(code) ?? missingBatch(-1)),
    );
    return {
      outputs: { completed: await store.putBlob(writeJsonLines(completed)) },
      facts: { demonstrations: completed.length },
    };
  });
  return outputOf(manifest, 'completed').digest;
}

function missingBatch(at: number): never {
  throw new StepFailure('incomplete', `the demonstrations' snippets and their outcomes don't match (batch ${at})`);
}

function endText(tokenizer: Tokenizer): string {
  const first = tokenizer.eosTokenIds[0];
  if (first === undefined)
    throw new StepFailure('bad-input', 'the model has no end-of-sequence token, so nothing can end a solution');
  return tokenizer.decode([first]);
}

const readConfig = (store: ArtifactStore, config: Digest): Promise<CampaignConfig> => readJson(store, config);

function requireWarmUp({ warmUp: settings }: CampaignConfig): WarmUpConfig {
  if (settings === undefined) throw new StepFailure('bad-input', 'the campaign has no warmUp section');
  return settings;
}
