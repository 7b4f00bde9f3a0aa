/** Columns that tables of problems share. */

import type { Arm } from '../rollout/types.ts';
import type { EvaluatedProblem } from '../scoring/evaluated-problem.ts';
import { regretText, shareText, takenText, tallyCell, targetText } from './problem-rows.ts';
import type { Column } from './table.tsx';

const tallyColumn = (head: string, arm: Arm, note: string): Column<EvaluatedProblem> => ({
  head,
  note,
  kind: 'number',
  cell: ({ arms }) => {
    const { text, verdict } = tallyCell(arms[arm]);
    return <span class={verdict === undefined ? undefined : `verdict verdict-${verdict}`}>{text}</span>;
  },
});

/** The decision on a problem and what each arm earned. */
const DECISION_COLUMNS: readonly Column<EvaluatedProblem>[] = [
  {
    head: 'π(code)',
    note: 'probability of the code prefix, at temperature 1',
    kind: 'number',
    cell: ({ priorCode }) => shareText(priorCode),
  },
  {
    head: 'Taken',
    note: 'the arm of most auto rollouts',
    cell: (row) => (
      <span class={row.taken === undefined ? undefined : `arm arm-${row.taken}`}>
        {takenText(row)}
        {row.marks.includes('wrong-arm') ? <small class="alarm"> worse arm</small> : null}
      </span>
    ),
  },
  tallyColumn('Auto', 'auto', 'right of the decided rollouts without a forced prefix: what a user gets'),
  tallyColumn('CoT', 'cot', 'right of the decided rollouts with the CoT prefix forced'),
  tallyColumn('Code', 'code', 'right of the decided rollouts with the code prefix forced'),
  {
    head: 's*',
    note: 's*(code): the decision target that a training on these rollouts would set, or why there is none',
    kind: 'number',
    cell: targetText,
  },
  {
    head: 'Regret',
    note: 'what the better arm earns above auto; the mean over problems is the regret of the evaluation',
    kind: 'number',
    cell: ({ regret }) => regretText(regret),
  },
];

export const decisionColumns = <Row,>(of: (row: Row) => EvaluatedProblem): Column<Row>[] =>
  DECISION_COLUMNS.map(({ cell, mark, ...column }) => ({
    ...column,
    cell: (row) => cell(of(row)),
    ...(mark === undefined ? {} : { mark: (row: Row) => mark(of(row)) }),
  }));
