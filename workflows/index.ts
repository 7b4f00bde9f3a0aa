/** The registry: workers can run the workflows that this file exports. */
export { campaign } from './campaign.ts';
export { evaluation } from './evaluation.ts';
export { iteration } from './iteration.ts';
export { replay } from './replay.ts';
export { rolloutShard } from './rollout-shard.ts';
export { warmUp } from './warm-up.ts';
