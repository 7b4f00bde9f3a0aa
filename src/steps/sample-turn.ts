/** One turn of a shard's rollouts: apply the results of the sandbox, then sample until each ends or waits for code. */
import { z } from 'zod';
import { readJson } from '../artifacts/codecs.ts';
import { readOneOf } from '../artifacts/define-step.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import { deriveSeed } from '../formats/seeds.ts';
import type { SampledTurn, SampleTurnInput } from '../protocol/activities.ts';
import { FENCE_RULES, usesFences } from '../rollout/fences.ts';
import { encodePrefix, encodePrompt } from '../rollout/prompt.ts';
import {
  applyExecution,
  applyGeneration,
  generateRequest,
  reopenRollout,
  startRollout,
  type TurnRules,
} from '../rollout/turn.ts';
import type { Rollout } from '../rollout/types.ts';
import type { Engine, Engines } from '../sampler/engines.ts';
import type { Generation } from '../sampler/types.ts';
import { countRolloutEnds } from './count-rollout-ends.ts';
import { executeFailedStep, executeStep } from './execute.ts';
import { loadRollouts, sampleStep, storeRollouts } from './sample.ts';
import { scorePrefixes } from './score-prefixes.ts';
import type { ShardPlan } from './shard-plan.ts';
import { snippetOf } from './snippet.ts';
import type { StepContext } from './step-context.ts';
import { usageOf } from './step-facts.ts';
import { named } from './step-failure.ts';

export interface SampleDeps {
  readonly store: ArtifactStore;
  readonly engines: Engines;
}

/** @throws StepFailure `sampler-failed` */
export async function sampleTurn(
  { store, engines }: SampleDeps,
  input: SampleTurnInput,
  context: StepContext,
): Promise<SampledTurn> {
  const plan = await readJson<ShardPlan>(store, input.plan);
  const { checkpoint, previous, turn } = input;
  const fences = usesFences(plan.template) ? { fences: FENCE_RULES } : {};
  const at = { inputs: { checkpoint, plan: input.plan, ...previous }, config: { turn, ...fences }, seed: plan.seed };
  const sample = async (engine: Engine) => {
    const rules = rulesOf(plan, engine);
    const begun =
      previous === undefined ? await beginRollouts(plan, rules) : await resumeRollouts(store, previous, rules);
    const past = { kept: 0, recomputed: 0 };
    const rollouts = await named('sampler-failed', () => sampleOpen(begun, rules, engine, past, context));
    const prior =
      previous === undefined
        ? await named('sampler-failed', () =>
            scorePrefixes(plan.problems, rules, (requests) =>
              engine.sampler.score(requests, { signal: context.signal }),
            ),
          )
        : (await sampleStep.read(store, previous.turn)).outputs.prior;
    const waiting = rollouts.filter(({ state }) => state === 'awaiting-execution');
    // KV-cache hits depend on when the sandbox answered. They describe the run, as the engine does, not the result.
    const usage = { 'sample.kept': past.kept, 'sample.recomputed': past.recomputed };
    return {
      outputs: {
        ...(await storeRollouts(store, rollouts, rules.tokenizer)),
        prior,
        snippets: waiting.map((rollout) => snippetOf(rollout, plan)),
      },
      facts: { ...countRolloutEnds(rollouts), awaiting: waiting.length },
      information: { usage, backend: engine.sampler.backend },
    };
  };
  const { key, facts, information } = await sampleStep.run(store, at, () =>
    // Waiting for GPUs that are at work elsewhere is no hanging part.
    engines.use(checkpoint, sample, {
      ...(plan.compute === undefined ? {} : { compute: plan.compute }),
      signal: context.signal,
      onWait: () => context.report({ done: 0, total: 1, unit: 'rollouts' }),
    }),
  );
  return {
    manifest: key,
    awaiting: facts.awaiting,
    counts: facts,
    usage: usageOf(information),
    sampledBy: nameBackend(backendSchema.parse(information.backend)),
  };
}

const backendSchema = z.object({
  kind: z.string(),
  engine: z.string(),
  version: z.string(),
  compute: z.string().exactOptional(),
});

const nameBackend = ({ kind, engine, version, compute }: z.infer<typeof backendSchema>): string =>
  `${kind} ${engine} ${version}${compute === undefined ? '' : `, ${compute}`}`;

function rulesOf(plan: ShardPlan, engine: Engine): TurnRules {
  const { template, maxNewTokens, maxTurns, temperature } = plan;
  return {
    template,
    tokenizer: engine.tokenizer,
    maxNewTokens,
    maxTurns,
    temperature,
    maxContextTokens: engine.maxContextTokens,
  };
}

async function beginRollouts(plan: ShardPlan, rules: TurnRules): Promise<Rollout[]> {
  const { template, tokenizer } = rules;
  const prompts = await Promise.all(plan.problems.map(({ problem }) => encodePrompt(problem, template, tokenizer)));
  return plan.arms.flatMap(({ arm, samples, problems }) => {
    const prefixIds = encodePrefix(arm, template, tokenizer);
    return plan.problems.slice(0, problems).flatMap(({ id }, at) =>
      Array.from({ length: samples }, (_, sample) => {
        const seed = deriveSeed(plan.seed, id, arm, sample);
        return startRollout({ problemId: id, arm, sample, seed, promptIds: prompts[at] ?? [], prefixIds }, rules);
      }),
    );
  });
}

async function resumeRollouts(
  store: ArtifactStore,
  previous: NonNullable<SampleTurnInput['previous']>,
  rules: TurnRules,
): Promise<Rollout[]> {
  const rollouts = await loadRollouts(store, await sampleStep.read(store, previous.turn));
  const executions = await readOneOf(store, previous.executions, [executeStep, executeFailedStep]);
  const lines = await executions.outputs.results.read();
  const resultOf = new Map(lines.map(({ id, ...result }) => [id, result]));
  return rollouts.map((rollout) => {
    const result = resultOf.get(rollout.id);
    if (rollout.state === 'awaiting-execution') {
      if (result === undefined) throw new Error(`no execution result for rollout ${rollout.id} in ${executions.key}`);
      return applyExecution(rollout, result, rules);
    }
    if (rollout.state !== 'infrastructure' || result === undefined) return rollout;
    return applyExecution(reopenRollout(rollout), result, rules);
  });
}

/**
 * Samples until no rollout is open. A rollout that stops without code to run continues, so this may take several rounds.
 * Counts KV-cache hits and misses of the continued rollouts in `past`.
 */
async function sampleOpen(
  begun: readonly Rollout[],
  rules: TurnRules,
  engine: Engine,
  past: Record<NonNullable<Generation['past']>, number>,
  { signal, report }: StepContext,
): Promise<Rollout[]> {
  let rollouts = [...begun];
  for (;;) {
    const open = rollouts.filter(({ state }) => state === 'open');
    if (open.length === 0) return rollouts;
    const generations = await engine.sampler.generate(
      open.map((rollout) => generateRequest(rollout, rules)),
      { signal, onProgress: ({ finished, total }) => report({ done: finished, total, unit: 'rollouts' }) },
    );
    for (const { past: outcome } of generations) if (outcome !== undefined) past[outcome] += 1;
    const byId = new Map(generations.map((generation) => [generation.id, generation]));
    rollouts = rollouts.map((rollout) => {
      if (rollout.state !== 'open') return rollout;
      const generation = byId.get(rollout.id);
      if (generation === undefined) throw new Error(`the sampler returned nothing for rollout ${rollout.id}`);
      return applyGeneration(rollout, generation, rules);
    });
  }
}
