/**
 * The trajectory of one attempt at one problem, and the words every part uses for it.
 * Pure types: nothing here knows of Temporal, Docker or ONNX.
 */

/** The two decisions c of the method, c = 0 and c = 1: each begins a solution with a prefix of its own. */
export const FORCED_ARMS = ['cot', 'code'] as const;

/** How the solution was begun: a forced prefix, or none (`auto`, what a user gets). In the order of every table. */
export const ARMS = ['auto', ...FORCED_ARMS] as const;
export type Arm = (typeof ARMS)[number];

/** How a finished rollout ended. Only `completed` and `truncated` ones say anything about the model. */
export const ROLLOUT_ENDS = ['completed', 'truncated', 'violation', 'infrastructure'] as const;
export type RolloutEnd = (typeof ROLLOUT_ENDS)[number];

/** A grader's verdict. `undecided` is never counted as wrong. */
export const GRADES = ['correct', 'incorrect', 'undecided'] as const;
export type Grade = (typeof GRADES)[number];

/** A problem as every stage sees it. Nothing but prompt and gold: no family, no level reaches training. */
export interface Problem {
  readonly id: string;
  readonly problem: string;
  /** The gold answer as published. */
  readonly answer: string;
}

/** How a snippet ended. Everything but `infrastructure` is a result that the model sees. */
export const EXECUTION_ENDS = [
  'ok',
  'error',
  'cpu-timeout',
  'wall-timeout',
  'memory',
  'output',
  'infrastructure',
] as const;
export type ExecutionEnd = (typeof EXECUTION_ENDS)[number];

/** What a code block did, as far as the trajectory needs it. */
export interface BlockResult {
  readonly end: ExecutionEnd;
  readonly stdout: string;
  /** `repr` of the last expression, where it is shown. */
  readonly value?: string;
  /** Last line of the traceback, e.g. `NameError: name 'x' is not defined`; absent without one. */
  readonly exception?: string;
  /** Never stored: two runs of the same rollout must be equal byte for byte. */
  readonly cpuMs?: number;
}

export interface CodeBlock {
  readonly code: string;
  readonly result?: BlockResult;
}

/** `open`: the model goes on writing; `awaiting-execution`: stopped at the end of a code block; else finished. */
export type RolloutState = 'open' | 'awaiting-execution' | RolloutEnd;

/**
 * One rollout, finished or between turns. `completionIds`, `logProbs` and `modelMask` have one entry per token
 * after the prefix: what the model wrote (mask 1, behaviour log-prob after temperature) and what the tool
 * answered (mask 0, log-prob 0). The forced prefix itself is in `prefixIds` and carries no log-prob.
 */
export interface Rollout {
  /** `<problem id>#<arm>#<sample>`; unique in an iteration. */
  readonly id: string;
  readonly problemId: string;
  readonly arm: Arm;
  /** 0 .. K-1 within (problem, arm). */
  readonly sample: number;
  /** Digest-like string that, with weights and prompt, determines the tokens. */
  readonly seed: string;
  readonly promptIds: readonly number[];
  readonly prefixIds: readonly number[];
  readonly completionIds: readonly number[];
  readonly logProbs: readonly number[];
  readonly modelMask: readonly (0 | 1)[];
  readonly blocks: readonly CodeBlock[];
  readonly state: RolloutState;
  /** Why it ended as it did, in the field's words: `eos`, `token-budget`, `turn-budget`, `code-in-cot`, `no-code`, `unclosed-code`, `invented-output`, ... */
  readonly endReason?: string;
}

/** A stretch of text by one writer, as the rollout browser shows it and the grader reads it. */
export interface TextSegment {
  readonly by: 'prefix' | 'model' | 'tool';
  readonly text: string;
}
