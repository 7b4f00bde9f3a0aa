/** Whether a storage keeps the first writer's object also when several write at the same time. */
import { randomUUID } from 'node:crypto';
import type { ObjectStorage } from './object-storage.ts';

export interface RaceResult {
  readonly writers: number;
  readonly rounds: number;
  /** Rounds in which the number of writers that created the object was not one, or the stored object is not that writer's. */
  readonly wrong: number;
}

/** Lets writers put the same key at once, in several rounds, and removes what they wrote. */
export async function raceWriters(storage: ObjectStorage, writers = 20, rounds = 5): Promise<RaceResult> {
  let wrong = 0;
  for (let round = 0; round < rounds; round += 1) {
    const key = `probe/${randomUUID()}`;
    const names = Array.from({ length: writers }, (_, writer) => `writer ${writer}`);
    const isFirst = await Promise.all(names.map((name) => storage.putIfAbsent(key, Buffer.from(name))));
    const winners = names.filter((_, writer) => isFirst[writer]);
    const kept = (await storage.get(key))?.toString();
    if (winners.length !== 1 || winners[0] !== kept) wrong += 1;
    await storage.delete(key);
  }
  return { writers, rounds, wrong };
}
