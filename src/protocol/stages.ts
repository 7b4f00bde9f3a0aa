/** The stages of an iteration, in the order in which it runs them; `warm-up` comes once, before the first iteration. */
export const STAGES = ['warm-up', 'plan', 'sample', 'score', 'curate', 'train', 'evaluate'] as const;
export type StageName = (typeof STAGES)[number];

export const STAGE_STATUSES = ['running', 'completed', 'failed'] as const;
export type StageStatus = (typeof STAGE_STATUSES)[number];

/** The stages from which an iteration can be replayed: from each on, the later ones run again too. */
export const REPLAY_STAGES = ['sample', 'execute', 'score', 'curate', 'train'] as const;
export type ReplayStage = (typeof REPLAY_STAGES)[number];
