/** One evaluation, problem by problem: where the decision was right, and where it was not. */
import type { EvaluationDecisions } from '../campaigns/read-decisions.ts';
import { formatCount } from '../formats/for-people.ts';
import { type EvaluatedProblem, type ProblemMark, withMark } from '../scoring/evaluated-problem.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { campaignAddress, evaluationAddress, problemAddress, rolloutsAddress } from './addresses.ts';
import { Layout } from './layout.tsx';
import { capitalise, DigestText, MeasureText } from './parts.tsx';
import { chipsOf } from './problem-rows.ts';
import { decisionColumns } from './problem-table.tsx';
import { RichText } from './rich-text.tsx';
import { type Column, Table } from './table.tsx';

const PAGE = 200;

export interface EvaluationPageProps extends EvaluationDecisions {
  readonly mark: ProblemMark | undefined;
  /** Rows that the page skips. */
  readonly offset: number;
}

export function EvaluationPage({ evaluation, requesters, problems, mark, offset }: EvaluationPageProps) {
  const { id, suite, checkpoint, metrics } = evaluation;
  const [requester] = requesters;
  const of = { evaluation: id, campaign: requester?.campaignId };
  const rows = withMark(problems, mark);
  const shown = rows.slice(offset, offset + PAGE);
  const columns: Column<EvaluatedProblem>[] = [
    {
      head: 'Problem',
      cell: ({ problem }) => (
        <a class="clipped" href={problemAddress(problem.id, of)} title={problem.problem.slice(0, 500)}>
          <RichText text={problem.problem.slice(0, 200)} />
        </a>
      ),
    },
    {
      head: 'Gold',
      cell: ({ problem }) => (
        <span class="clipped gold">
          <RichText text={problem.answer.slice(0, 200)} />
        </span>
      ),
    },
    ...decisionColumns<EvaluatedProblem>((row) => row),
  ];
  return (
    <Layout title={`${suite} of ${requester?.campaignId ?? 'a checkpoint'}`}>
      <header class="title">
        <h1>{suite}</h1>
        <span class="facts">
          {requesters.map(({ campaignId, iteration }, index) => (
            <>
              {index === 0 ? 'of ' : ', '}
              <a href={campaignAddress(campaignId)}>{campaignId}</a>
              {iteration === undefined ? '' : iteration === 0 ? ', start' : `, iteration ${iteration}`}
            </>
          ))}
          {requesters.length === 0 ? 'of ' : ' · '}
          checkpoint <DigestText digest={checkpoint} />
        </span>
      </header>
      <section class="panel">
        {metrics === undefined ? null : (
          <dl class="figures">
            {metricsIn('evaluations').map(({ label, note, pick }) =>
              pick(metrics) === undefined ? null : (
                <div>
                  <dt title={note}>{capitalise(label)}</dt>
                  <dd>
                    <MeasureText measure={pick(metrics)} />
                  </dd>
                </div>
              ),
            )}
          </dl>
        )}
        <nav class="chips" aria-label="Filter of the problems">
          {chipsOf(problems, mark).map((chip) => (
            <a
              href={evaluationAddress(id, { mark: chip.mark })}
              title={chip.note}
              aria-current={chip.mark === mark ? 'true' : undefined}
            >
              {chip.label} <span>{formatCount(chip.count)}</span>
            </a>
          ))}
          <a class="aside" href={rolloutsAddress(of)}>
            All rollouts
          </a>
        </nav>
        {shown.length === 0 ? (
          <p class="empty">No problem is marked so.</p>
        ) : (
          <Table label="Problems" columns={columns} rows={shown} />
        )}
        {rows.length <= PAGE ? null : (
          <nav class="pages" aria-label="Pages of problems">
            {offset === 0 ? (
              <span class="none">← before</span>
            ) : (
              <a href={evaluationAddress(id, { mark, offset: Math.max(0, offset - PAGE) })}>← before</a>
            )}
            <span class="note">{`${formatCount(offset + 1)}–${formatCount(offset + shown.length)} of ${formatCount(rows.length)}`}</span>
            {offset + PAGE >= rows.length ? (
              <span class="none">after →</span>
            ) : (
              <a href={evaluationAddress(id, { mark, offset: offset + PAGE })}>after →</a>
            )}
          </nav>
        )}
      </section>
    </Layout>
  );
}
