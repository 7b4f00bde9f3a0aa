import type { Budget } from '../expression/exact.ts';
import type { GradeOptions } from '../options.ts';
import type { Answer } from '../structure/structure.ts';

/** What a comparison found. `undecided` means: not settled here, worth asking a computer-algebra system. */
export interface Outcome {
  readonly verdict: 'correct' | 'incorrect' | 'undecided';
  readonly reason: string;
}

export interface Comparison {
  readonly options: GradeOptions;
  readonly budget: Budget;
  /** For `--explain`: what was tried, in order. */
  readonly trace?: string[];
  /** Compares parts of answers: the whole comparison, handed in so that the rules for parts import none of it. */
  readonly compare: (gold: Answer, answer: Answer, how: Comparison) => Outcome;
}

export function correct(reason: string): Outcome {
  return { verdict: 'correct', reason };
}

export function incorrect(reason: string): Outcome {
  return { verdict: 'incorrect', reason };
}

export function undecided(reason: string): Outcome {
  return { verdict: 'undecided', reason };
}

/** All must hold: the first `incorrect` decides, then the first `undecided`. */
export function every(outcomes: Iterable<Outcome>, reason: string): Outcome {
  let open: Outcome | undefined;
  for (const outcome of outcomes) {
    if (outcome.verdict === 'incorrect') return outcome;
    if (outcome.verdict === 'undecided') open ??= outcome;
  }
  return open ?? correct(reason);
}
