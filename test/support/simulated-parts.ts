/**
 * Parts that answer at once and always alike, behind the interfaces of the real ones: for tests of what happens around
 * them. The "model" adds two numbers: in code always right, in its head right for `headShare` of the rollouts.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GenerateRequest, Generation, Sampler, Tokenizer } from '../../src/sampler/types.ts';
import type { ExecutionLimits, ExecutionRequest, ExecutionResult, Sandbox } from '../../src/sandbox/types.ts';
import type { RunTrainerOptions } from '../../src/trainer/launcher.ts';
import type { TrainerOutcome } from '../../src/trainer/types.ts';

const EOS = 3;

/** A token a character. */
export const characterTokenizer: Tokenizer = {
  eosTokenIds: [EOS],
  encode: (text) => [...text].map((character) => character.codePointAt(0) ?? 0),
  encodeContinuation: (text) => characterTokenizer.encode(text),
  quote: (text) => text,
  decode: (ids) => String.fromCodePoint(...ids),
  renderChat: () => Promise.reject(new Error('this model has no chat template')),
};

export interface SimulatedParts {
  /** Share of CoT rollouts that are right, by the hash of their seed. */
  headShare: number;
  /** How it writes what its head came to. */
  headAnswer: (value: number) => string;
  /** Every execution fails as infrastructure while set. */
  isSandboxDown: boolean;
  /** Whether the sandbox fails at this one, however often it is asked. */
  failsAt: (request: ExecutionRequest) => boolean;
  /** Of the grader, if not the real one's: another version of it. */
  graderFingerprint: string | undefined;
  /** Whether the grader throws at this response. */
  graderThrowsAt: (response: string) => boolean;
  /** Resolves before the requests are sampled: replace it to hold the sampler, or some requests by their seeds. */
  gate: (requests: readonly GenerateRequest[]) => Promise<void>;
  /** Resolves before anything is run. */
  executionGate: () => Promise<void>;
  /** Resolves after the first of three updates. */
  trainerGate: () => Promise<void>;
  /** Updates that a training says it has done. */
  updates: number;
  /** What was really done, by kind: a step that was found in the store counts nothing. */
  readonly done: { generations: number; executions: number; trainings: number; probes: number };
  /** Mean |ρ − 1| that a probe finds. */
  probeDeviation: number;
  readonly openSampler: (modelDirectory?: string) => Promise<Sampler>;
  readonly sandboxFor: (limits: ExecutionLimits) => Promise<Sandbox>;
  readonly runTrainer: (options: RunTrainerOptions) => Promise<TrainerOutcome>;
}

export function createSimulatedParts(): SimulatedParts {
  const parts: SimulatedParts = {
    headShare: 0.5,
    headAnswer: String,
    isSandboxDown: false,
    failsAt: () => false,
    graderFingerprint: undefined,
    graderThrowsAt: () => false,
    gate: () => Promise.resolve(),
    executionGate: () => Promise.resolve(),
    trainerGate: () => Promise.resolve(),
    updates: 3,
    done: { generations: 0, executions: 0, trainings: 0, probes: 0 },
    probeDeviation: 0,
    openSampler: async () => simulatedSampler(parts),
    sandboxFor: async (limits) => simulatedSandbox(parts, limits),
    runTrainer: (options) => runSimulatedTrainer(parts, options),
  };
  return parts;
}

function simulatedSampler(parts: SimulatedParts): Sampler {
  return {
    backend: { kind: 'embedded', engine: 'simulated', version: '1' },
    async generate(requests, options = {}) {
      await Promise.race([parts.gate(requests), aborted(options.signal)]);
      options.signal?.throwIfAborted();
      parts.done.generations += requests.length;
      return requests.map((request) => ({
        ...generate(request, parts),
        ...((request.turns?.length ?? 0) > 0 ? { past: 'kept' as const } : {}),
      }));
    },
    async score(requests) {
      return requests.map(({ id, continuationIds }) => ({ id, logProbs: continuationIds.map(() => -0.5) }));
    },
    close: () => Promise.resolve(),
  };
}

function generate({ id, promptIds, seed }: GenerateRequest, { headShare, headAnswer }: SimulatedParts): Generation {
  const text = characterTokenizer.decode(promptIds);
  const [, left = '0', right = '0'] = /(\d+)\+(\d+)/.exec(text) ?? [];
  const chance = createHash('sha256').update(seed).digest().readUInt8(0) / 256;
  const sum = Number(left) + Number(right);
  const code = `print(${left}+${right})<|run|>`;
  const head = `\\boxed{${headAnswer(chance < headShare ? sum : sum + 1)}}`;
  const printed = /(\d+)<\|out\|>$/.exec(text)?.[1];
  if (printed !== undefined) return written(id, `\\boxed{${printed}}`, 'eos');
  if (text.endsWith('<|code|>')) return written(id, code, 'stop');
  if (text.endsWith('<|cot|>')) return written(id, head, 'eos');
  return chance < 0.5 ? written(id, `<|code|>${code}`, 'stop') : written(id, `<|cot|>${head}`, 'eos');
}

function written(id: string, text: string, finish: Generation['finish']): Generation {
  const tokenIds = [...characterTokenizer.encode(text), ...(finish === 'eos' ? [EOS] : [])];
  return { id, tokenIds, logProbs: tokenIds.map(() => -0.25), finish };
}

function simulatedSandbox(parts: SimulatedParts, limits: ExecutionLimits): Sandbox {
  const run = (request: ExecutionRequest): ExecutionResult => {
    const { id, code } = request;
    const nothing = { id, stdout: '', stderr: '', cpuMs: 1, memoryBytes: 1, queueMs: 0, cached: false };
    if (parts.isSandboxDown) return { ...nothing, end: 'infrastructure', cause: 'the engine is switched off' };
    if (parts.failsAt(request)) return { ...nothing, end: 'infrastructure', cause: 'the container was lost' };
    parts.done.executions += 1;
    // A program of many demonstrations' snippets: each prints the same.
    const [, literal] = /json\.loads\((".*")\)/.exec(code) ?? [];
    if (literal !== undefined) {
      const snippets = JSON.parse(JSON.parse(literal) as string) as string[];
      return { ...nothing, end: 'ok', stdout: JSON.stringify(snippets.map(() => ['7\n', null])) };
    }
    // SymPy's word on an answer: it never agrees.
    if (code.includes('def settle():')) return { ...nothing, end: 'ok', stdout: 'verdict:different\n' };
    const [, left = '', right = ''] = /^print\((\d+)\+(\d+)\)$/.exec(code) ?? [];
    return { ...nothing, end: 'ok', stdout: `${Number(left) + Number(right)}\n` };
  };
  return {
    limits,
    fingerprint: 'simulated',
    async run(requests, options = {}) {
      await Promise.race([parts.executionGate(), aborted(options.signal)]);
      options.signal?.throwIfAborted();
      return requests.map(run);
    },
    close: () => Promise.resolve(),
  };
}

/** A "checkpoint" names what it was trained from and on, so that equal trainings give equal digests. Diverges from a learning rate of 1. */
async function runSimulatedTrainer(
  parts: SimulatedParts,
  { job, onEvent }: RunTrainerOptions,
): Promise<TrainerOutcome> {
  if (job.kind === 'probe') {
    parts.done.probes += 1;
    const { probeDeviation } = parts;
    if (probeDeviation > 0.2)
      return {
        kind: 'refused',
        reason: 'the importance ratios are not 1',
        details: { meanAbsDeviation: probeDeviation },
      };
    return { kind: 'done', updates: 0, metrics: { tokens: 100, deviation: probeDeviation } };
  }
  parts.done.trainings += 1;
  await mkdir(job.outputDirectory, { recursive: true });
  if (job.kind === 'create-model') {
    await cp(job.tokenizerDirectory, job.outputDirectory, { recursive: true });
    await writeFile(join(job.outputDirectory, 'config.json'), JSON.stringify(job.config));
    return { kind: 'done', updates: 0, metrics: { parameters: 1 } };
  }
  onEvent?.({ kind: 'update', update: 1, of: 3, loss: 1, metrics: {} });
  await parts.trainerGate();
  if (job.options.optimizer.learningRate >= 1)
    return { kind: 'failed', reason: 'the loss is not finite at update 1', logTail: '' };
  await cp(job.modelDirectory, job.outputDirectory, { recursive: true });
  const learnt = createHash('sha256')
    .update(await readFile(join(job.modelDirectory, 'weights')).catch(() => ''))
    .update(await readFile(job.trainingSetFile))
    .digest('hex');
  await writeFile(join(job.outputDirectory, 'weights.new'), learnt);
  await cp(join(job.outputDirectory, 'weights.new'), join(job.outputDirectory, 'weights'), { force: true });
  return { kind: 'done', updates: parts.updates, metrics: { loss: 1 } };
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}
