import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import type { Digest } from '../../../src/artifacts/types.ts';
import {
  type Curated,
  type CurateInput,
  controlContract,
  type LossyStep,
  type SampleActivities,
  sampleContract,
  sandboxContract,
  trainContract,
} from '../../../src/protocol/activities.ts';
import { type ActivitiesOf, returning, withoutFields } from '../../../src/protocol/activity-contract.ts';

const digest: Digest = `sha256:${'a'.repeat(64)}`;

test('types of a call follow from its contract', () => {
  type Control = ActivitiesOf<typeof controlContract>;
  expectTypeOf<Parameters<Control['curateIteration']>[0]>().toEqualTypeOf<CurateInput>();
  expectTypeOf<CurateInput>().toEqualTypeOf<{ iteration: number; config: Digest; score: Digest }>();
  expectTypeOf<ReturnType<Control['curateIteration']>>().toEqualTypeOf<Promise<Curated>>();
  expectTypeOf<ReturnType<ActivitiesOf<typeof sandboxContract>['executeTurn']>>().toEqualTypeOf<Promise<LossyStep>>();
  expectTypeOf<keyof SampleActivities>().toEqualTypeOf<'sampleTurn' | 'replaySampling'>();
  const counting = { count: returning<number>().for(z.strictObject({ text: z.string() })) };
  expectTypeOf<ActivitiesOf<typeof counting>['count']>().toEqualTypeOf<(input: { text: string }) => Promise<number>>();
});

describe('payloads', () => {
  const curate = { iteration: 1, config: digest, score: digest };

  test('of a curation that a workflow of an earlier version asks for are taken without the field that went', () => {
    expect(controlContract.curateIteration.input.parse(curate)).toEqual(curate);
    expect(controlContract.curateIteration.input.parse({ ...curate, checkpoint: digest })).toEqual(curate);
    expect(controlContract.curateIteration.input.safeParse({ ...curate, colour: 'red' }).success).toBe(false);
    expect(controlContract.curateIteration.input.safeParse(null).success).toBe(false);
  });

  test('keep what a field that went does not name', () => {
    const schema = withoutFields(['old'], z.strictObject({ kept: z.number() }));
    expect(schema.parse({ kept: 1, old: { any: 'thing' } })).toEqual({ kept: 1 });
    expect(schema.safeParse({ old: 1 }).success).toBe(false);
  });

  // A note is one of several kinds: what it may have depends on its kind.
  const { writeJournal: _, ...control } = controlContract;
  const CONTRACTS = { ...control, ...sampleContract, ...sandboxContract, ...trainContract };

  test.each(Object.entries(CONTRACTS))(
    'of %s with a field that this version does not know are refused',
    (_, { input }) => {
      const parsed = input.safeParse({ unknownField: 1 });
      expect(parsed.success).toBe(false);
      expect(JSON.stringify(parsed.error?.issues)).toContain('unknownField');
    },
  );
});
