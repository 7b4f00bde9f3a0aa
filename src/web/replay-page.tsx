/** A replay: how far it is, or its comparison with the stored iteration. */
import type { ReplayState } from '../campaigns/gateway.ts';
import { formatCount } from '../formats/for-people.ts';
import { type ReplayReport, STEP_VERDICTS, type StepComparison } from '../protocol/replay-report.ts';
import { iterationAddress } from './addresses.ts';
import { Layout } from './layout.tsx';
import { type Column, Table } from './table.tsx';

/** Seconds after which the page of a running replay loads itself again. */
const REFRESH_SECONDS = 5;

export function ReplayPage({ id, state }: { readonly id: string; readonly state: ReplayState }) {
  return (
    <Layout title="Replay" {...(state.status === 'running' ? { refreshSeconds: REFRESH_SECONDS } : {})}>
      <header class="title">
        <h1>Replay</h1>
        <span class="facts">
          <code>{id}</code>
        </span>
      </header>
      <section class="panel" aria-label="Replay">
        <Progress state={state} />
      </section>
    </Layout>
  );
}

function Progress({ state }: { readonly state: ReplayState }) {
  switch (state.status) {
    case 'running':
      return (
        <p role="status">
          {state.progress === undefined
            ? 'It waits for a worker.'
            : `${formatCount(state.progress.done)} of ${formatCount(state.progress.total)} steps are compared.`}
        </p>
      );
    case 'failed':
      return <p class="reason">{`The replay failed: ${state.reason}`}</p>;
    case 'completed':
      return <Report report={state.report} />;
  }
}

const VERDICTS = {
  identical: 'Every step is identical, byte for byte.',
  'within-tolerance': 'Every step is identical or within its tolerance.',
  different: 'Some steps are different.',
  incomplete: 'Some steps could not be compared.',
} as const satisfies Record<ReplayReport['verdict'], string>;

const STEPS: readonly Column<StepComparison>[] = [
  { head: 'Stage', cell: ({ stage }) => stage },
  { head: 'Step', cell: ({ step }) => step || 'whole stage' },
  { head: 'Verdict', cell: ({ verdict }) => verdict.replaceAll('-', ' ') },
  {
    head: 'Why',
    cell: ({ difference, reason, changed = [] }) => (
      <span class="value">
        {[
          ...(difference === undefined
            ? []
            : [
                `${[difference.output, difference.item, difference.field].filter(Boolean).join(' ')}: stored ${difference.stored}, now ${difference.now}`,
              ]),
          ...changed.map(({ setting }) => `${setting} changed`),
          ...(reason === undefined ? [] : [reason]),
        ].join('; ') || '–'}
      </span>
    ),
  },
];

function Report({ report }: { readonly report: ReplayReport }) {
  const { campaignId, iteration, from, verdict, stages, steps } = report;
  return (
    <>
      <p>
        <strong>{VERDICTS[verdict]}</strong>
        {' From '}
        {from}
        {' on, '}
        <a href={iterationAddress(campaignId, iteration)}>{`${campaignId}, iteration ${iteration}`}</a>.
      </p>
      <Table
        label="Steps by verdict"
        columns={[
          { head: 'Stage', cell: ({ stage }) => stage },
          ...STEP_VERDICTS.map(
            (name): Column<ReplayReport['stages'][number]> => ({
              head: name.replaceAll('-', ' '),
              kind: 'number',
              cell: ({ counts }) => formatCount(counts[name] ?? 0),
            }),
          ),
        ]}
        rows={stages}
      />
      {steps.length === 0 ? null : <Table label="Steps" columns={STEPS} rows={steps} />}
    </>
  );
}
