import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ModelFolderError } from '../../../src/models/model-files.ts';
import { readRopeSettings } from '../../../src/models/rope-settings.ts';

const read = (config: Record<string, unknown>) => readRopeSettings(config, 'config.json', 512);
const YARN = { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 128 };

describe('RoPE settings', () => {
  it('of rope_scaling replace those of rope_parameters, as model cards tell people to add them', () => {
    const both = { rope_parameters: { rope_type: 'default', rope_theta: 10_000 }, rope_scaling: YARN };
    expect(read(both)).toEqual(read({ rope_parameters: { ...YARN, rope_theta: 10_000 } }));
    expect(read(both)).toMatchObject({ type: 'yarn', theta: 10_000, factor: 4, originalPositions: 128 });
  });

  it('that would lose the theta of rope_parameters are refused with the remedy', () => {
    const both = { rope_parameters: { rope_theta: 1e6, rope_type: 'default' }, rope_scaling: YARN };
    expect(() => read(both)).toThrow(/rope_theta 1000000 would be lost.*write rope_theta into rope_scaling/);
    expect(read({ ...both, rope_scaling: { ...YARN, rope_theta: 1e6 } })).toMatchObject({ theta: 1e6, type: 'yarn' });
    expect(read({ ...both, rope_theta: 1e6 })).toMatchObject({ theta: 1e6, type: 'yarn' });
  });

  it('take original_max_position_embeddings of the top level first, and max_position_embeddings last', () => {
    const top = { original_max_position_embeddings: 64 };
    expect(read({ ...top, rope_parameters: YARN })).toMatchObject({ originalPositions: 64 });
    const { original_max_position_embeddings: _, ...without } = YARN;
    expect(read({ rope_parameters: without })).toMatchObject({ originalPositions: 512, factor: 4 });
    const ratio = { ...YARN, factor: null };
    expect(read({ rope_scaling: ratio })).toMatchObject({ factor: 4 });
  });

  it('compute the factor on cos and sin from factor or from both mscale settings', () => {
    expect(read({ rope_scaling: YARN })).toMatchObject({ attentionFactor: 0.1 * Math.log(4) + 1 });
    expect(read({ rope_scaling: { ...YARN, mscale: 1 } })).toMatchObject({ attentionFactor: 0.1 * Math.log(4) + 1 });
    expect(read({ rope_scaling: { ...YARN, mscale: 0.5, mscale_all_dim: 2 } })).toMatchObject({
      attentionFactor: (0.05 * Math.log(4) + 1) / (0.2 * Math.log(4) + 1),
    });
    expect(read({ rope_scaling: { ...YARN, attention_factor: 1.3 } })).toMatchObject({ attentionFactor: 1.3 });
  });

  it.each([
    [
      { rope_parameters: { full_attention: { rope_type: 'default', rope_theta: 5e5 } } },
      /full_attention.*by layer type/,
    ],
    [{ rope_parameters: [{ rope_type: 'yarn' }] }, /rope_parameters is \[/],
    [{ rope_scaling: 'yarn' }, /rope_scaling is "yarn"/],
    [{ rope_scaling: { type: 'longrope', factor: 2 } }, /RoPE type "longrope"/],
    [{ rope_scaling: { type: 'dynamic', factor: 2 } }, /RoPE type "dynamic"/],
    [{ rope_parameters: { rope_type: null, type: 'yarn' } }, /RoPE type null/],
    [{ rope_theta: '10000' }, /rope_theta of the top level is "10000"/],
    [{ rope_parameters: { rope_theta: null } }, /rope_theta of rope_parameters is null/],
    [{ rope_scaling: { ...YARN, truncate: 'no' } }, /truncate of rope_scaling/],
    [{ rope_scaling: { rope_type: 'yarn' } }, /factor of rope_scaling is undefined/],
    [{ rope_scaling: YARN, original_max_position_embeddings: null }, /of the top level is null/],
    [{ partial_rotary_factor: 0.5 }, /partial_rotary_factor 0.5/],
    [{ rope_parameters: { partial_rotary_factor: 0.25, rope_theta: 1 } }, /partial_rotary_factor 0.25/],
  ])('are refused by name: %j', (config, message) => {
    expect(() => read(config)).toThrow(ModelFolderError);
    expect(() => read(config)).toThrow(message);
  });

  it('come out as numbers or as a refusal, whatever the file holds', () => {
    const anything = fc.oneof(fc.double(), fc.constantFrom(null, 'yarn', '8', true, 0, -1, 2, 4, 1e6), fc.constant([]));
    const keys = [
      'rope_type',
      'type',
      'rope_theta',
      'factor',
      'low_freq_factor',
      'high_freq_factor',
      'beta_fast',
      'mscale',
    ];
    const settings = fc.dictionary(fc.constantFrom(...keys, 'original_max_position_embeddings'), anything);
    const types = fc.constantFrom('default', 'linear', 'llama3', 'yarn');
    const place = fc.option(
      fc.oneof(
        settings,
        fc.tuple(settings, types).map(([rest, type]) => ({ ...rest, rope_type: type })),
        anything,
      ),
    );
    fc.assert(
      fc.property(place, place, anything, (parameters, scaling, theta) => {
        try {
          const { type: _, ...numbers } = read({
            rope_parameters: parameters,
            rope_scaling: scaling,
            rope_theta: theta,
          });
          for (const value of Object.values(numbers))
            expect(typeof value === 'boolean' || Number.isFinite(value)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(ModelFolderError);
        }
      }),
    );
  });
});
