/**
 * The journal of a campaign: its facts, the requests of people, and the states from which it can be recovered. On disk
 * an entry is `{ at, kind, details }`; decode-journal.ts reads it.
 */
import { z } from 'zod';
import type { SettingChange } from '../config/settings.ts';
import { campaignStateSchema } from './campaign-state.ts';
import { factSchema, forkOriginSchema } from './facts.ts';
import { REPORT_VERDICTS, STEP_VERDICTS, type StepComparison } from './replay-report.ts';
import { campaignIdSchema, countSchema, digestSchema, instantSchema, numbersSchema } from './scalars.ts';
import { REPLAY_STAGES } from './stages.ts';

const text = z.string().exactOptional();
const settings = z.record(z.string(), z.unknown()).readonly();

/** The person or program that sent a request, and the request's id, by which a repeated one is recognised. */
const request = { by: text, updateId: text };

/** The answer to a blocked campaign: the failed step, the reason, and the rollouts that it lost. */
const answer = { ...request, what: text, reason: text, lost: numbersSchema.exactOptional() };

const settingChangeSchema: z.ZodType<SettingChange> = z.strictObject({
  setting: z.string(),
  from: z.unknown().exactOptional(),
  to: z.unknown().exactOptional(),
});

/** JSON writes an infinite number as null. */
const deviation = z.custom<number>((value) => typeof value === 'number' || value === null, 'not a number');

const stepComparisonSchema: z.ZodType<StepComparison> = z.strictObject({
  stage: z.enum(REPLAY_STAGES),
  step: z.string(),
  verdict: z.enum(STEP_VERDICTS),
  difference: z
    .strictObject({
      output: z.string(),
      item: text,
      field: z.string(),
      stored: z.string(),
      now: z.string(),
      isDamaged: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  deviations: z.array(z.strictObject({ of: z.string(), largest: deviation, allowed: z.number() })).exactOptional(),
  changed: z.array(settingChangeSchema).exactOptional(),
  reason: text,
  metrics: numbersSchema.exactOptional(),
} satisfies Record<keyof StepComparison, z.ZodType>);

const entry = <Kind extends string, Details extends z.ZodType>(kind: Kind, details: Details) =>
  z.object({ at: instantSchema, kind: z.literal(kind), details });
const note = <Kind extends string, Shape extends z.ZodRawShape>(kind: Kind, details: Shape) =>
  entry(kind, z.strictObject(details));

/** Every kind of entry except facts. An optional field is absent in journals of older versions, or when it is unknown. */
const noteSchema = z.discriminatedUnion('kind', [
  /** The blobs of configuration, training and validation problems, and the golds that are compared as text. */
  note('opened', {
    config: digestSchema,
    problems: digestSchema,
    validation: digestSchema.exactOptional(),
    gradedAsText: z.array(z.strictObject({ id: z.string(), why: z.string() })).exactOptional(),
  }),
  entry('state', campaignStateSchema),
  note('paused', request),
  note('resumed', request),
  note('stop-requested', { ...request, when: z.enum(['now', 'after-iteration']) }),
  /** `restarts`: the campaign had ended, so earlier requests are void. */
  note('extended', {
    ...request,
    iterations: countSchema,
    iterationsPlanned: countSchema,
    restarts: z.boolean().exactOptional(),
  }),
  note('settings-changed', {
    ...request,
    /** The first iteration that has them. */
    fromIteration: countSchema,
    changes: z.array(settingChangeSchema).readonly(),
    /** Blob of the settings after the change, and of those of the iteration under way. */
    config: digestSchema,
    configNow: digestSchema.exactOptional(),
    when: z.enum(['at-once', 'next-iteration']).exactOptional(),
  }),
  note('iteration-retried', answer),
  note('failures-accepted', answer),
  note('iteration-aborted', answer),
  note('recovered', { ...request, iterationsDone: countSchema, paused: z.boolean() }),
  note('forked', { ...request, from: forkOriginSchema.exactOptional(), settings }),
  note('replayed', {
    ...request,
    iteration: countSchema,
    from: z.enum(REPLAY_STAGES),
    settings,
    verdict: z.enum(REPORT_VERDICTS),
    /** The first step that is not identical. */
    first: stepComparisonSchema.exactOptional(),
  }),
  note('webhook-failed', { url: z.string(), reason: z.string() }),
  /** The next iteration starts from the checkpoint of `to`, since the one of `iteration` lost on the validation problems. */
  note('rolled-back', { iteration: countSchema, to: countSchema, checkpoint: digestSchema, reason: z.string() }),
  note('collection-failed', { reason: z.string() }),
]);

export const journalEventSchema = z.discriminatedUnion('kind', [
  entry('fact', z.strictObject({ fact: factSchema })),
  noteSchema,
]);

export type JournalEvent = z.infer<typeof journalEventSchema>;

type Note = z.infer<typeof noteSchema>;
/** A note without its time. */
export type NoteOf<Kind extends Note['kind'] = Note['kind']> = Kind extends unknown
  ? Omit<Extract<Note, { kind: Kind }>, 'at'>
  : never;

/** A note and the campaign whose journal it is for: the input of the activity `writeJournal`. */
export const journalNoteSchema = z.object({ campaignId: campaignIdSchema }).and(noteSchema);
export type JournalNote = z.infer<typeof journalNoteSchema>;
