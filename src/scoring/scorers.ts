/** The table of scorers after the rules, in the order of the chain. A new scorer is a file and a line here. */
import type { LaterScorer } from './scorer.ts';
import { sympy } from './sympy-scorer.ts';

export const LATER_SCORERS: readonly LaterScorer[] = [sympy];

export const LATER_SCORER_NAMES: readonly string[] = LATER_SCORERS.map(({ name }) => name);
