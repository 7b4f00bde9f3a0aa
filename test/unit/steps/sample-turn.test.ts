/** What a turn says of the run that sampled it: shown, and no part of the result. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSampleActivities } from '../../../activities/sample.ts';
import { createSandboxActivities } from '../../../activities/sandbox.ts';
import { openStore } from '../../../src/artifacts/open-store.ts';
import type { LossyStep, SampledTurn } from '../../../src/protocol/activities.ts';
import { TEMPLATES } from '../../../src/rollout/template.ts';
import type { Generation, Sampler, SamplerBackend } from '../../../src/sampler/types.ts';
import type { ShardPlan } from '../../../src/steps/shard-plan.ts';
import { characterTokenizer, createSimulatedParts } from '../../support/simulated-parts.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sample-turn-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const plan: ShardPlan = {
  problems: [3, 4, 5].map((n) => ({ id: `${n}`, problem: `${n}+${n}`, answer: `${2 * n}` })),
  arms: [
    { arm: 'cot', samples: 2, problems: 3 },
    { arm: 'code', samples: 2, problems: 3 },
  ],
  template: TEMPLATES.testbed,
  temperature: 1,
  maxNewTokens: 64,
  maxTurns: 2,
  limits: { cpuMs: 1, wallMs: 1, memoryBytes: 1, outputBytes: 1 },
  seed: '0',
};

/** Both turns of the shard in a store of their own; of the rollouts that go on, the first so many find their KV. */
async function runTurns(kept: number, backend: SamplerBackend) {
  const store = await openStore(await mkdtemp(join(folder, 'store-')));
  const parts = createSimulatedParts();
  const simulated = await parts.openSampler();
  let left = kept;
  const fateOf = (): NonNullable<Generation['past']> => (left-- > 0 ? 'kept' : 'recomputed');
  const sampler: Sampler = {
    ...simulated,
    backend,
    async generate(requests, options) {
      const isGoingOn = new Set(requests.filter(({ turns = [] }) => turns.length > 0).map(({ id }) => id));
      const generations = await simulated.generate(requests, options);
      return generations.map((item) => ({ ...item, ...(isGoingOn.has(item.id) ? { past: fateOf() } : {}) }));
    },
  };
  const { sampleTurn } = createSampleActivities({
    store,
    engines: {
      use: (_checkpoint, work) => work({ sampler, tokenizer: characterTokenizer, maxContextTokens: 256 }),
      close: async () => undefined,
    },
  });
  const { executeTurn } = createSandboxActivities({ store, sandboxFor: parts.sandboxFor });
  const input = {
    checkpoint: (await store.putBlob(Buffer.from('weights'))).digest,
    plan: (await store.putBlob(Buffer.from(JSON.stringify(plan)))).digest,
    patienceMs: 60_000,
  };
  const first: SampledTurn = await new MockActivityEnvironment().run(sampleTurn, { ...input, turn: 0 });
  const executions: LossyStep = await new MockActivityEnvironment().run(executeTurn, {
    turn: first.manifest,
    patienceMs: 60_000,
  });
  const previous = { turn: first.manifest, executions: executions.manifest };
  const second: SampledTurn = await new MockActivityEnvironment().run(sampleTurn, { ...input, turn: 1, previous });
  return { first, second, manifest: await store.readManifest(second.manifest) };
}

const OURS = { kind: 'embedded', engine: 'onnxruntime-node', version: '1.0.0', compute: 'fp32' } as const;

test('says how many rollouts that went on found their KV, and what sampled', async () => {
  const { first, second, manifest } = await runTurns(4, OURS);
  expect(first).toMatchObject({ awaiting: 6, usage: { 'sample.kept': 0, 'sample.recomputed': 0 } });
  expect(second).toMatchObject({ awaiting: 0, usage: { 'sample.kept': 4, 'sample.recomputed': 2 } });
  expect(manifest?.information).toMatchObject({ backend: OURS });
  expect(second.sampledBy).toBe('embedded onnxruntime-node 1.0.0, fp32');
});

test('has the same key, outputs and facts with KV-cache hits and misses and with any sampler', async () => {
  const [one, other] = [
    await runTurns(6, OURS),
    await runTurns(1, { kind: 'served', engine: 'vllm', version: 'vllm-0.32.0-d711a127' }),
  ];
  expect(one.second.usage).not.toEqual(other.second.usage);
  const resultOf = ({ manifest }: typeof one) => ({ ...manifest, information: undefined });
  expect(resultOf(one)).toEqual(resultOf(other));
  expect(one.second.counts).toEqual(other.second.counts);
});
