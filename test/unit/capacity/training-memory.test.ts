import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryMarkdown, PLAN, QWEN } from '../../../src/capacity/document.ts';
import { GPUS } from '../../../src/capacity/hardware.ts';
import { samplingMemory } from '../../../src/capacity/sampling-memory.ts';
import { stageHours } from '../../../src/capacity/stage-hours.ts';
import { totalOf, trainingMemory } from '../../../src/capacity/training-memory.ts';
import { countParameters } from '../../../src/models/checkpoint-tensors.ts';

const model = fc.constantFrom(...Object.values(QWEN));

describe('the memory of a training', () => {
  it('holds 16 bytes a parameter: 121.8 GB for 7B, 15.2 GB on each of 8 GPUs', () => {
    for (const [processes, gigabytes] of [
      [1, 121.8],
      [8, 15.2],
    ] as const) {
      const { weights = 0, gradients = 0, moments = 0 } = trainingMemory(QWEN['7B'], { ...PLAN, processes }).gpu;
      expect((weights + gradients + moments) / 1e9).toBeCloseTo(gigabytes, 1);
    }
  });

  it('with moments of 8 bits is 6 bytes less for every parameter outside of the embedding, on the card and in a saved state', () => {
    const [exact, small] = [PLAN, { ...PLAN, eightBit: true }].map((plan) => trainingMemory(QWEN['7B'], plan));
    const saved = (5.96 * (countParameters(QWEN['7B']) - 152_064 * 3584)) / 1e9;
    for (const [part, of] of [
      ['moments', 'gpu'],
      ['state on its way to disk', 'host'],
    ] as const)
      expect(((exact?.[of][part] ?? 0) - (small?.[of][part] ?? 0)) / 1e9).toBeCloseTo(saved, 0);
  });

  it('of adapters is 16 bytes for each of their numbers, beside weights in bf16 and an fp32 embedding and head', () => {
    const lora = { rank: 16, targets: ['q_proj', 'v_proj'] as const };
    const { weights = 0, gradients = 0, moments = 0 } = trainingMemory(QWEN['7B'], { ...PLAN, lora }).gpu;
    const adapters = 28 * 16 * (3584 + 3584 + (3584 + 512));
    expect(gradients).toBe(4 * adapters);
    expect(moments).toBe(8 * adapters);
    const root = 2 * 152_064 * 3584 + 3584;
    expect(weights).toBe(2 * (countParameters(QWEN['7B']) - root) + 4 * root + 4 * adapters);
  });

  it('grows with the pass, shrinks with checkpointing, and is smaller on each of more GPUs', () => {
    fc.assert(
      fc.property(model, fc.integer({ min: 256, max: 16_384 }), fc.integer({ min: 2, max: 16 }), (of, tokens, gpus) => {
        const total = (changed: object): number =>
          totalOf(trainingMemory(of, { ...PLAN, passTokens: tokens, ...changed }).gpu);
        expect(total({ passTokens: tokens + 1 })).toBeGreaterThan(total({}));
        expect(total({ gradientCheckpointing: false })).toBeGreaterThan(total({}));
        expect(total({ processes: 2 * gpus })).toBeLessThan(total({ processes: gpus }));
      }),
    );
  });

  it('is on the machine alone where the CPU trains', () => {
    const { gpu, host } = trainingMemory(QWEN['0.5B'], { ...PLAN, device: 'cpu', precision: 'fp32' });
    expect(gpu).toEqual({});
    expect(totalOf(host)).toBeGreaterThan(20 * countParameters(QWEN['0.5B']));
  });

  it('is documented as it is computed', () => {
    expect(readFileSync('docs/memory.md', 'utf8')).toBe(memoryMarkdown());
  });
});

it('a sampler has 57,344 bytes of keys and values a token of 7B, and no room where its weights fill the GPU', () => {
  const at = { memoryBytes: GPUS.H100.memoryBytes, gpus: 1, sequenceTokens: 1000 };
  const { weights, kvBytesPerToken, sequences } = samplingMemory(QWEN['7B'], at);
  expect(kvBytesPerToken).toBe(57_344);
  expect(sequences).toBe(Math.floor((0.9 * 80e9 - weights) / 57_344_000));
  expect(samplingMemory(QWEN['32B'], { ...at, memoryBytes: GPUS.RTX4090.memoryBytes }).sequences).toBe(0);
});

it('hours are inverse to the GPUs of the stage, and checkpointing trains a third longer', () => {
  const work = { sampledTokens: 1e9, trainedTokens: 1e9, sequenceTokens: 1000 };
  const at = { gpu: GPUS.H100, gpus: 1, trainingGpus: 1, gradientCheckpointing: false };
  const one = stageHours(QWEN['7B'], work, at);
  const eight = stageHours(QWEN['7B'], work, { ...at, gpus: 8 });
  expect(eight.sample).toBeCloseTo(one.sample / 8, 10);
  expect(eight.train).toBe(one.train);
  expect(stageHours(QWEN['7B'], work, { ...at, gradientCheckpointing: true }).train / one.train).toBeCloseTo(4 / 3, 10);
});
