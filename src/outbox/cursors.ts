/** How far each tracker of a campaign is: a small file in the home folder. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { TrackerName } from '../config/tracker-names.ts';
import { replaceFile } from '../formats/durable-file.ts';
import { errorCode } from '../formats/error-code.ts';

const cursorSchema = z.strictObject({
  /** Counts from 1; sending again begins the next one, as a run of its own. */
  generation: z.int().min(1),
  /** The last section that the tracker has. */
  position: z.strictObject({ iteration: z.int().min(0), part: z.enum(['train', 'evaluate']) }).exactOptional(),
  /** Number of the campaign's updates up to there: trainings that were sent are not read again. */
  step: z.int().min(0),
  isEnded: z.boolean(),
});
export type Cursor = Readonly<z.infer<typeof cursorSchema>>;

const FIRST_CURSOR: Cursor = { generation: 1, step: 0, isEnded: false };

const cursorPath = (home: string, campaignId: string, tracker: TrackerName): string =>
  join(home, 'reports', 'cursors', encodeURIComponent(campaignId), `${tracker}.json`);

/** A file that is not readable as a cursor counts as none: everything is then sent again. */
export async function readCursor(home: string, campaignId: string, tracker: TrackerName): Promise<Cursor> {
  const text = await readFile(cursorPath(home, campaignId, tracker), 'utf8').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return FIRST_CURSOR;
  try {
    return cursorSchema.parse(JSON.parse(text));
  } catch {
    return FIRST_CURSOR;
  }
}

const changes = new Map<string, Promise<void>>();

/**
 * Changes a cursor; undefined leaves it as it is. Changes of one cursor happen one after the other: none is lost between
 * reading and writing.
 */
export function changeCursor(
  home: string,
  campaignId: string,
  tracker: TrackerName,
  change: (cursor: Cursor) => Cursor | undefined,
): Promise<void> {
  const path = cursorPath(home, campaignId, tracker);
  const apply = async (): Promise<void> => {
    const cursor = change(await readCursor(home, campaignId, tracker));
    if (cursor === undefined) return;
    await mkdir(dirname(path), { recursive: true });
    await replaceFile(path, JSON.stringify(cursor));
  };
  const own = (changes.get(path) ?? Promise.resolve()).catch(() => undefined).then(apply);
  changes.set(path, own);
  const forget = (): void => {
    if (changes.get(path) === own) changes.delete(path);
  };
  own.then(forget, forget);
  return own;
}
