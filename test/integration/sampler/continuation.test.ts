import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOnnxSampler, type OnnxSamplerOptions } from '../../../src/sampler/onnx-sampler.ts';
import type { GenerateRequest, Generation, Sampler, Turn } from '../../../src/sampler/types.ts';
import { tinyModels } from '../../support/tiny-models.ts';

let scratch: string;
const open: Sampler[] = [];
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'whencode-continuation-'));
});
afterAll(async () => {
  await Promise.all(open.map((sampler) => sampler.close()));
  await rm(scratch, { recursive: true });
});

/** Around the boundaries of how appended tokens are cut; 0 = goes on where it stopped. */
const APPENDED = [0, 1, 2, 16, 17, 40, 130];
const STOPS = ['e', 't', 'a', 'o', 'n', ' '];

interface Rollout {
  readonly request: GenerateRequest;
  readonly turns: Turn[];
  readonly logProbs: number[];
  readonly pasts: (string | undefined)[];
}

/** Three rollouts a prompt, of which two are appended as many tokens at a time. */
const promptOf = (rollout: number): number => Math.floor(rollout / 3);

function begin(): Rollout[] {
  return Array.from({ length: 21 }, (_, i) => ({
    request: {
      id: `${i}`,
      promptIds: Array.from({ length: 3 + 11 * promptOf(i) }, (_, j) => (j * 17 + promptOf(i) * 29) % 320),
      seed: `seed ${i}`,
      maxNewTokens: 30,
      temperature: 1,
      stopStrings: STOPS,
      mayContinue: true,
    },
    turns: [],
    logProbs: [],
    pasts: [],
  }));
}

function goOn(rollout: Rollout, { tokenIds, logProbs, finish, past }: Generation, turn: number): Rollout {
  const { request, turns } = rollout;
  const id = Number(request.id);
  const kind = promptOf(id) + (id % 3 === 2 ? 1 : 0) + 3 * turn;
  const appended = finish === 'stop' ? (APPENDED[kind % APPENDED.length] ?? 0) : 0;
  const toldIds = Array.from({ length: appended }, (_, i) => (i * 7 + turn) % 300);
  return {
    request: { ...request, promptIds: [...request.promptIds, ...tokenIds, ...toldIds], turns: rollout.turns },
    turns: [...turns, { written: tokenIds.length, appended }],
    logProbs: [...rollout.logProbs, ...logProbs],
    pasts: [...rollout.pasts, past],
  };
}

/** Three turns of all rollouts, as many at once as `width`. */
async function play(sampler: Sampler, width: number): Promise<Rollout[]> {
  let rollouts = begin();
  for (let turn = 0; turn < 3; turn++) {
    const next: Rollout[] = [];
    for (let start = 0; start < rollouts.length; start += width) {
      const some = rollouts.slice(start, start + width);
      const found = await sampler.generate(
        some.map(({ request, turns }) => (turns.length === 0 ? request : { ...request, turns })),
      );
      for (const [i, rollout] of some.entries()) {
        const generation = found[i];
        if (generation === undefined) throw new Error('a generation is missing');
        next.push(goOn(rollout, generation, turn));
      }
    }
    rollouts = next;
  }
  return rollouts;
}

const bitsOf = (rollouts: readonly Rollout[]) =>
  rollouts.map(({ request, logProbs }) => ({ ids: request.promptIds, logProbs }));

describe.each(['fp32', 'w8a8'] as const)('a rollout that goes on after tool output, %s', (compute) => {
  const start = async (options: Partial<OnnxSamplerOptions>): Promise<Sampler> => {
    const modelDirectory = join(scratch, 'model');
    await cp(join(await tinyModels(), 'llama-gqa-llama3-rope'), modelDirectory, { recursive: true });
    for (const file of ['tokenizer.json', 'tokenizer_config.json'])
      await cp(join(await tinyModels(), 'tokenizer-byte-level', file), join(modelDirectory, file));
    const sampler = await createOnnxSampler({ modelDirectory, compute, threads: 1, ...options });
    open.push(sampler);
    return sampler;
  };

  it('has the same bits whether its KV was kept, recomputed, alone or in company, on one thread or two', async () => {
    const kept = await play(await start({ threads: 2 }), 14);
    const pasts = kept.flatMap(({ pasts }) => pasts);
    expect(pasts.filter((past) => past === 'kept').length).toBeGreaterThan(14);

    const recomputed = await play(await start({ keptKvMs: 0 }), 5);
    expect(recomputed.flatMap(({ pasts }) => pasts)).not.toContain('kept');
    expect(bitsOf(recomputed)).toEqual(bitsOf(kept));

    const alone = await play(await start({}), 1);
    expect(bitsOf(alone)).toEqual(bitsOf(kept));

    // 512 bytes a token: the KV of some rollouts has to give way.
    const tight = await play(await start({ kvBudgetBytes: 512 * 700 }), 14);
    expect(tight.flatMap(({ pasts }) => pasts)).toContain('recomputed');
    expect(bitsOf(tight)).toEqual(bitsOf(kept));
  });
});

it('forgets what was kept after its time', async () => {
  const modelDirectory = join(scratch, 'model');
  const sampler = await createOnnxSampler({ modelDirectory, threads: 1, keptKvMs: 50 });
  open.push(sampler);
  const [rollout] = begin();
  if (rollout === undefined) throw new Error('there is no rollout');
  const [first] = await sampler.generate([rollout.request]);
  expect(first?.finish).toBe('stop');
  if (first === undefined) throw new Error('nothing was generated');
  const next = goOn(rollout, first, 0);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const [second] = await sampler.generate([{ ...next.request, turns: next.turns }]);
  expect(second?.past).toBe('recomputed');
});
