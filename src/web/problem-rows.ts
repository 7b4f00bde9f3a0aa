/** What the tables of problems say in a row's cells, and which chips they have. */
import { type ArmTally, type EvaluatedProblem, PROBLEM_MARKS, type ProblemMark } from '../scoring/evaluated-problem.ts';

export interface Chip {
  /** Absent: all problems. */
  readonly mark?: ProblemMark;
  readonly label: string;
  readonly note: string;
  readonly count: number;
}

const CHIPS: Readonly<Record<ProblemMark, { readonly label: string; readonly note: string }>> = {
  'wrong-arm': { label: 'wrong arm', note: 'the arms differ, and auto took the worse one' },
  'both-fail': { label: 'both fail', note: 'neither CoT nor code has a right rollout' },
  undecided: { label: 'undecided', note: 'the grader has no verdict on at least one answer' },
  truncated: { label: 'truncated', note: 'at least one rollout used up its tokens or turns' },
};

/** All problems, and each mark that has any; the chosen one is listed even without any. */
export function chipsOf(rows: readonly EvaluatedProblem[], chosen?: ProblemMark): Chip[] {
  const marked = PROBLEM_MARKS.map((mark) => ({
    mark,
    ...CHIPS[mark],
    count: rows.filter(({ marks }) => marks.includes(mark)).length,
  }));
  return [
    { label: 'all', note: 'every problem of the suite', count: rows.length },
    ...marked.filter(({ mark, count }) => count > 0 || mark === chosen),
  ];
}

/** A verdict, or how many of an arm's rollouts are right. */
export interface TallyCell {
  readonly text: string;
  /** Verdict that the cell has the colour of; absent for some right and some wrong. */
  readonly verdict?: 'correct' | 'incorrect' | 'undecided';
}

/** @example tallyCell({ right: 3, n: 4, undecided: 1 }) // { text: '3/4, 1 undecided' } */
export function tallyCell(tally: ArmTally | undefined): TallyCell {
  if (tally === undefined) return { text: '–' };
  const { right, n, undecided } = tally;
  if (n === 0) return { text: undecided === 1 ? 'undecided' : `${undecided} undecided`, verdict: 'undecided' };
  const counted = n === 1 ? (right === 1 ? 'right' : 'wrong') : `${right}/${n}`;
  const text = undecided === 0 ? counted : `${counted}, ${undecided} undecided`;
  return right === n ? { text, verdict: 'correct' } : right === 0 ? { text, verdict: 'incorrect' } : { text };
}

/** The arm that auto took, with its share where not all rollouts took it. */
export function takenText({ taken, autoCode }: Pick<EvaluatedProblem, 'taken' | 'autoCode'>): string {
  if (taken === undefined || autoCode === undefined) return '–';
  const share = taken === 'code' ? autoCode : 1 - autoCode;
  return share === 1 ? taken : `${taken} ${Math.round(share * 100)} %`;
}

/** s*(code), or why there is none. */
export const targetText = ({ target, noTarget }: Pick<EvaluatedProblem, 'target' | 'noTarget'>): string =>
  target === undefined ? (noTarget ?? '–') : target.toFixed(2);

export const shareText = (share: number | undefined): string => (share === undefined ? '–' : share.toFixed(2));

/** A gain of auto over the better arm is a negative regret. */
export const regretText = (regret: number | undefined): string =>
  regret === undefined ? '–' : regret === 0 ? '0' : regret.toFixed(2).replace('-', '−');
