import { expect, test } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';

const read = (sampler: string | undefined, trainer: string | undefined) => {
  const { samplerGpus, trainerGpus } = readEnvironment({
    WHENCODE_SAMPLER_GPUS: sampler,
    WHENCODE_TRAINER_GPUS: trainer,
  });
  return [samplerGpus, trainerGpus];
};

test.each([
  ['0', 'GPU-8932f937'],
  ['MIG-8932f937', '1,0'],
  ['0,GPU-8932f937', undefined],
])('GPUs in two forms are refused: sampler %s, trainer %s', (sampler, trainer) => {
  expect(() => read(sampler, trainer)).toThrow(
    `GPUs are named in two forms (WHENCODE_SAMPLER_GPUS="${sampler}", WHENCODE_TRAINER_GPUS="${trainer ?? ''}"); allowed are`,
  );
});

test('GPUs in one form are taken as they are', () => {
  expect(read('0, 1', '1')).toEqual([['0', '1'], ['1']]);
  expect(read('GPU-8932f937', 'GPU-8932f937,MIG-1')).toEqual([['GPU-8932f937'], ['GPU-8932f937', 'MIG-1']]);
  expect(read(undefined, 'GPU-8932f937')).toEqual([undefined, ['GPU-8932f937']]);
  expect(read('', undefined)).toEqual([undefined, undefined]);
});
