/** One iteration: its stages, what changed, and what else its rollouts could have been: what-if, replay, fork. */
import type { EvaluationComparison } from '../campaigns/compare-evaluations.ts';
import type { SettingsChanged } from '../db/read-settings-changes.ts';
import type { CampaignDetail, IterationView, StageView } from '../db/views.ts';
import { formatCount, formatMetric, formatSeconds } from '../formats/for-people.ts';
import type { WhatIfReport } from '../methods/what-if.ts';
import { REPLAY_STAGES, STAGES } from '../protocol/stages.ts';
import {
  campaignAddress,
  evaluateAddress,
  evaluationAddress,
  forkAddress,
  iterationAddress,
  replayAddress,
  rolloutsAddress,
} from './addresses.ts';
import { DifferenceText, isSure } from './difference.tsx';
import { Field, SettingsField } from './forms.tsx';
import { Layout } from './layout.tsx';
import { DigestText, Instant, Status } from './parts.tsx';
import { ChangedSettings } from './section-settings.tsx';
import { type Column, Table } from './table.tsx';

export type WhatIfShown =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'computed'; readonly report: WhatIfReport };

export interface IterationPageProps {
  readonly campaign: CampaignDetail;
  readonly iteration: IterationView;
  /** The main suite before and after it. */
  readonly change: EvaluationComparison | undefined;
  readonly changed: readonly SettingsChanged[];
  /** As typed: a `KEY=VALUE` a line. */
  readonly settings: string;
  readonly whatIf: WhatIfShown;
}

export function IterationPage({ campaign, iteration, change, changed, settings, whatIf }: IterationPageProps) {
  const { id, iterations } = campaign;
  const number = iteration.iteration;
  const name = number === 0 ? 'start' : `iteration ${number}`;
  const has = (other: number): boolean => iterations.some((item) => item.iteration === other);
  return (
    <Layout title={`${id}, ${name}`}>
      <header class="title">
        <h1>
          <a href={campaignAddress(id)}>{id}</a>
          {` ${name}`}
        </h1>
        <Status status={iteration.status} />
        <span class="facts">
          <DigestText digest={iteration.from} />
          {' → '}
          <DigestText digest={iteration.to} />
        </span>
        <nav class="actions" aria-label="Iterations">
          {has(number - 1) ? <a href={iterationAddress(id, number - 1)}>← before</a> : null}
          {has(number + 1) ? <a href={iterationAddress(id, number + 1)}>next →</a> : null}
        </nav>
      </header>
      <div class="sections">
        <section class="panel" aria-labelledby="stages">
          <h2 id="stages">Stages</h2>
          <Stages iteration={iteration} />
          <p class="links">
            {iteration.counts.rollouts === undefined ? null : (
              <a href={rolloutsAddress({ campaign: id, iteration: number })}>
                {`${formatCount(iteration.counts.rollouts)} rollouts`}
              </a>
            )}
            {iteration.to === undefined ? null : (
              <>
                <a href={evaluateAddress(`${id}/${number}`)}>evaluate its checkpoint</a>
                <a href={forkAddress(`${id}/${number}`)}>fork from it</a>
              </>
            )}
          </p>
        </section>
        <section class="panel" aria-labelledby="changed">
          <h2 id="changed">What changed</h2>
          {change === undefined ? (
            <p class="empty">Not measured before and after it on the main suite.</p>
          ) : (
            <Change change={change} />
          )}
          <ChangedSettings changed={changed} />
        </section>
        {number === 0 ? null : (
          <>
            <WhatIf settings={settings} shown={whatIf} address={iterationAddress(id, number)} />
            <section class="panel half" aria-labelledby="replay">
              <h2 id="replay">Replay</h2>
              <p class="note">
                Does the iteration again from a stage on and compares every step with the stored one. The campaign does
                not change.
              </p>
              <form class="fields" method="post" action={replayAddress(id, number)}>
                <Field id="stage" label="From stage">
                  <select id="stage" name="from">
                    {REPLAY_STAGES.map((stage) => (
                      <option value={stage}>{stage}</option>
                    ))}
                  </select>
                </Field>
                <div class="actions">
                  <button type="submit">replay</button>
                </div>
              </form>
            </section>
          </>
        )}
      </div>
    </Layout>
  );
}

const STAGE_COLUMNS: readonly Column<StageView>[] = [
  { head: 'Stage', cell: ({ stage }) => stage },
  {
    head: 'Status',
    cell: ({ status, reason }) => (
      <>
        <Status status={status} />
        {reason === undefined ? null : <small class="reason">{reason}</small>}
      </>
    ),
  },
  { head: 'Began (UTC)', kind: 'optional', cell: ({ startedAt }) => <Instant at={startedAt} /> },
  { head: 'Time', kind: 'number', cell: ({ seconds }) => formatSeconds(seconds) },
  {
    head: 'Figures',
    cell: ({ counts = {} }) => (
      <span class="value">
        {Object.entries(counts)
          .map(([name, value]) => `${name} ${formatMetric(value)}`)
          .join(' · ') || '–'}
      </span>
    ),
  },
];

function Stages({ iteration }: { readonly iteration: IterationView }) {
  const rows = STAGES.flatMap((name) => iteration.stages.filter(({ stage }) => stage === name));
  if (rows.length === 0) return <p class="empty">No stage has begun yet.</p>;
  return <Table label="Stages" columns={STAGE_COLUMNS} rows={rows} />;
}

function Change({ change: { left, right, figures } }: { readonly change: EvaluationComparison }) {
  const rows = figures.flatMap(({ figure, left: before, right: after, difference }) =>
    difference === undefined || before === undefined || after === undefined
      ? []
      : [{ figure, before, after, difference }],
  );
  const columns: Column<(typeof rows)[number]>[] = [
    { head: right.suite, cell: ({ figure }) => figure },
    { head: 'Before', kind: 'number', cell: ({ before }) => (before.value * 100).toFixed(1) },
    { head: 'After', kind: 'number', cell: ({ after }) => (after.value * 100).toFixed(1) },
    {
      head: 'Difference',
      kind: 'number',
      mark: ({ difference }) => (isSure(difference) ? 'sure' : undefined),
      cell: ({ difference }) => <DifferenceText difference={difference} />,
    },
    {
      head: 'Gained : lost',
      note: 'Problems on which the figure is better than before, and worse',
      kind: 'number',
      cell: ({ difference }) =>
        'rightAbove' in difference ? `${difference.rightAbove} : ${difference.leftAbove}` : '–',
    },
  ];
  return (
    <>
      <p class="note">
        {'Problems '}
        <a href={evaluationAddress(left.id)}>before</a>
        {' and '}
        <a href={evaluationAddress(right.id)}>after</a>. Intervals are of 95 %; bold where zero is outside.
      </p>
      <Table label="What changed" columns={columns} rows={rows} />
    </>
  );
}

function WhatIf({
  settings,
  shown,
  address,
}: {
  readonly settings: string;
  readonly shown: WhatIfShown;
  readonly address: string;
}) {
  return (
    <section class="panel half" aria-labelledby="what-if">
      <h2 id="what-if">What if</h2>
      <form class="fields" method="get" action={address} data-live="what-if">
        <SettingsField
          label="Other settings on the same rollouts"
          note="One a line, e.g. alpha=4, strategy=paper, k=2. The counts follow as you type; nothing is changed."
          rows={4}
          settings={settings}
        />
        <div class="actions">
          <button type="submit">compute</button>
        </div>
      </form>
      <div id="result" aria-live="polite">
        <WhatIfResult shown={shown} />
      </div>
    </section>
  );
}

function WhatIfResult({ shown }: { readonly shown: WhatIfShown }) {
  switch (shown.kind) {
    case 'none':
      return null;
    case 'refused':
      return <p class="reason">{shown.message}</p>;
    case 'computed': {
      const { before, after, changed, meanTargetChange } = shown.report;
      const names = Object.keys({ ...before, ...after }) as (keyof typeof before)[];
      return (
        <>
          <p>
            {`${formatCount(changed.problems)} problems and ${formatCount(changed.rollouts)} rollouts change; ${formatCount(changed.preferredArms)} problems prefer the other arm. Mean change of s*(code): ${formatMetric(meanTargetChange)}.`}
          </p>
          <Table
            label="Counts stored and with these settings"
            columns={[
              { head: '', cell: (name) => name },
              { head: 'Stored', kind: 'number', cell: (name) => formatCount(before[name] ?? 0) },
              { head: 'What if', kind: 'number', cell: (name) => formatCount(after[name] ?? 0) },
            ]}
            rows={names}
          />
        </>
      );
    }
  }
}
