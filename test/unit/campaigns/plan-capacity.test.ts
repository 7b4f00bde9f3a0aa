import { describe, expect, it } from 'vitest';
import { planCapacity } from '../../../src/campaigns/plan-capacity.ts';
import { QWEN } from '../../../src/capacity/document.ts';
import { campaignSchema } from '../../../src/config/campaign.ts';
import { countParameters } from '../../../src/models/checkpoint-tensors.ts';

const WORK = { rolloutsPerIteration: 112_000, longestPrompt: 150, sampledTokens: 1e8, trainedTokens: 1e8 };
const config = (changes: object) =>
  campaignSchema.parse({
    name: 'c',
    model: '/model',
    template: 'markdown',
    iterations: 1,
    problems: [{ from: '/problems.jsonl' }],
    sampling: { maxNewTokens: 800 },
    ...changes,
  });
const H100 = { gpu: 'H100' };

describe('the capacity of a campaign', () => {
  it('is that of the CPU where no hardware is named', () => {
    const { hardware, training, hours } = planCapacity(config({}), QWEN['0.5B'], WORK);
    expect(hardware).toBe('cpu');
    expect(training.gpu).toEqual({});
    expect(hours).toBeUndefined();
  });

  it('says what named GPUs hold and how long the stages take', () => {
    const plan = planCapacity(config({ hardware: { ...H100, count: 4 } }), QWEN['0.5B'], WORK);
    expect(plan.hardware).toBe('4 × H100');
    expect(plan.sampling?.sequences).toBeGreaterThan(100);
    expect(plan.hours?.sample).toBeGreaterThan(0);
  });

  it('refuses a training that does not fit, with the change that makes it fit or that none does', () => {
    const plan = (size: keyof typeof QWEN, train: object = {}, hardware: object = H100) =>
      planCapacity(config({ hardware, train }), QWEN[size], WORK);
    expect(() => plan('1.5B')).toThrow(
      /hardware: the training takes [\d.]+ GB of a GPU, and a H100 has 80\.0 GB \(weights .*\); with train\.microBatchTokens: 4096 it fits/,
    );
    expect(() => plan('1.5B', { microBatchTokens: 4096 })).not.toThrow();
    const short = 'train.gradientCheckpointing: true and train.microBatchTokens: 4096';
    expect(() => plan('7B')).toThrow(`with train.offload: true, ${short} it fits`);
    expect(plan('7B', { offload: true, gradientCheckpointing: true }).training.host).toMatchObject({
      'weights, gradients and moments': 16 * countParameters(QWEN['7B']),
    });
    expect(() => plan('7B', {}, { ...H100, count: 8 })).toThrow(`with train.gpus: 8, ${short} it fits`);
    const long = { gpus: 8, gradientCheckpointing: true, microBatchTokens: 4096 };
    expect(plan('7B', long, { ...H100, count: 8 }).training.gpu.weights).toBeCloseTo(3.808e9, -7);
    expect(() => plan('32B')).toThrow(/neither shorter passes nor adapters make it fit: take more GPUs/);
    expect(() => plan('7B', { gpus: 2 })).toThrow(/train\.gpus is 2, and hardware\.count 1/);
  });

  it('is planned with the longest passes that fit, where the trainer is to choose them', () => {
    const plan = (size: keyof typeof QWEN) =>
      planCapacity(config({ hardware: H100, train: { microBatchTokens: 'auto' } }), QWEN[size], WORK);
    // Refused with the default length.
    expect(() => plan('1.5B')).not.toThrow();
    expect(() => plan('7B')).toThrow(/the training takes/);
  });

  it('refuses a machine whose memory is too small', () => {
    const hardware = { gpu: 'cpu', hostMemoryGb: 16 };
    expect(() => planCapacity(config({ hardware }), QWEN['1.5B'], WORK)).toThrow(/hardware\.hostMemoryGb is 16\.0 GB/);
  });
});
