/** em and rl on two seeds each, as campaigns that a comparison groups. */
import { applyFacts } from '../../src/db/apply-facts.ts';
import type { TestHttp } from '../support/http.ts';
import { campaignStory, EM_SCORES, RL_SCORES } from './campaign-story.ts';

const METHODS = [
  ['em', EM_SCORES],
  ['rl', RL_SCORES],
] as const;

/** Adds the campaigns `em-1`, `em-2`, `rl-1` and `rl-2`, started a second after one another. */
export async function addSeedStories(
  { db, store }: TestHttp,
  { iterations, startMs }: { readonly iterations: number; readonly startMs: number },
): Promise<void> {
  let at = 0;
  for (const [method, scores] of METHODS)
    for (const seed of [1, 2]) {
      // Lists are in order of the start.
      const start = { startMs: startMs + 1000 * at, seed, planned: iterations };
      const story = { ...start, store, id: `${method}-${seed}`, method, scores: scores.slice(0, iterations + 1) };
      await applyFacts(db, await campaignStory(story));
      at += 1;
    }
}
