/** Schemas of the values that facts, journal entries and payloads are made of. */
import { z } from 'zod';
import { isDigest } from '../artifacts/digest.ts';
import type { Digest } from '../artifacts/types.ts';
import type { CurriculumState } from '../methods/curriculum.ts';

export const digestSchema = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');

/** ISO 8601 in UTC, e.g. `2026-11-30T12:00:00.000Z`. Sorts as text; the database holds no year 0. */
export const instantSchema = z.iso.datetime().refine((at) => at >= '1970', 'a time before 1970');

/** The database's indexes hold no longer ids. */
const ID_LIMIT = 400;

/** Id of a workflow. */
export const idSchema = z.string().min(1).max(ID_LIMIT);

/** File systems allow names of 255 bytes. */
const CAMPAIGN_ID_LIMIT = 200;

/** Id of a campaign, which names its journal's folder. */
export const campaignIdSchema = z
  .string()
  .max(CAMPAIGN_ID_LIMIT)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'no id of a campaign');

/** Number of things, or index of one: within the integers of the database. */
export const countSchema = z.int32().min(0);

/** Numbers by name, e.g. `{ rollouts: 32, 'grade.correct': 25 }`. */
export const numbersSchema = z.record(z.string(), z.number()).readonly();

/** Any JSON value: only the curriculum reads it. */
export const curriculumStateSchema = z.custom<CurriculumState>((value) => value !== undefined, 'missing');
