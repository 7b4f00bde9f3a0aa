/** One problem: the arms side by side in one sampling of it, and how it went over iterations. */

import type { ProblemEvent, ProblemStory } from '../campaigns/read-problem.ts';
import type { RolloutView } from '../campaigns/read-rollouts.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import { campaignAddress, evaluationAddress, type OriginQuery, problemAddress, rolloutsAddress } from './addresses.ts';
import { Layout } from './layout.tsx';
import { decisionColumns } from './problem-table.tsx';
import { RichText } from './rich-text.tsx';
import { RolloutBody, Verdict } from './section-rollouts.tsx';
import { type Column, Table } from './table.tsx';

export interface ProblemPageProps extends ProblemStory {
  /** The sampling whose rollouts are shown; `id` of the problem there. */
  readonly shown: OriginQuery & { readonly id: string };
  readonly rollouts: readonly RolloutView[];
  /** Of the shown sampling. */
  readonly total: number;
}

export function ProblemPage({ problem, campaignId, events, shown, rollouts, total }: ProblemPageProps) {
  const isShown = (event: ProblemEvent): boolean =>
    event.kind === 'training' ? event.iteration === shown.iteration : event.evaluation.id === shown.evaluation;
  const columns: Column<ProblemEvent>[] = [
    {
      head: 'Sampled in',
      cell: (event) => (
        <a
          href={problemAddress(event.row.problem.id, { campaign: campaignId, ...originOf(event) })}
          aria-current={isShown(event) ? 'true' : undefined}
        >
          {nameOf(event)}
        </a>
      ),
    },
    ...decisionColumns<ProblemEvent>(({ row }) => row),
  ];
  const event = events.find(isShown);
  const arms = ARMS.filter((arm) => rollouts.some((rollout) => rollout.arm === arm));
  return (
    <Layout title={`Problem ${problem.id}`}>
      <header class="title">
        <h1>Problem</h1>
        <span class="facts">
          <code class="digest">{problem.id}</code>
          {campaignId === undefined ? null : (
            <>
              {' of '}
              <a href={campaignAddress(campaignId)}>{campaignId}</a>
            </>
          )}
          {shown.evaluation === undefined ? null : (
            <>
              {' · '}
              <a href={evaluationAddress(shown.evaluation)}>all problems of the evaluation</a>
            </>
          )}
        </span>
      </header>
      <div class="sections">
        <section class="panel" aria-label="Problem and gold">
          <dl class="pairs">
            <dt>Problem</dt>
            <dd class="text">
              <RichText text={problem.problem} />
            </dd>
            <dt>Gold</dt>
            <dd class="text">
              <RichText text={problem.answer} />
            </dd>
          </dl>
        </section>
        <section class="panel" aria-labelledby="events-title">
          <h2 id="events-title">Over iterations and evaluations</h2>
          <Table
            label="Over iterations and evaluations"
            columns={columns}
            rows={events}
            rowClass={(item) => (isShown(item) ? 'chosen' : undefined)}
          />
        </section>
        <section class="panel" aria-labelledby="arms-title">
          <h2 id="arms-title">{event === undefined ? 'Rollouts' : `Rollouts: ${nameOf(event)}`}</h2>
          <p class="more">
            <a href={rolloutsAddress(shown, { problem: shown.id })}>In the list of rollouts</a>
          </p>
          {arms.length === 0 ? <p class="empty">Its rollouts are no longer in the store.</p> : null}
          <div class="side-by-side">
            {arms.map((arm) => (
              <ArmColumn arm={arm} rollouts={rollouts.filter((rollout) => rollout.arm === arm)} />
            ))}
          </div>
          {total <= rollouts.length ? null : (
            <p class="note">{`The first ${rollouts.length} of ${total} rollouts are shown.`}</p>
          )}
        </section>
      </div>
    </Layout>
  );
}

function ArmColumn({ arm, rollouts }: { readonly arm: Arm; readonly rollouts: readonly RolloutView[] }) {
  return (
    <section class="arm-column" aria-label={`Arm ${arm}`}>
      <h3 class={`arm arm-${arm}`}>{arm}</h3>
      {rollouts.map((rollout, index) => (
        <details open={index === 0}>
          <summary>
            <Verdict rollout={rollout} />
            {rollout.grade?.answer === undefined ? null : <span class="clipped gold">{rollout.grade.answer}</span>}
          </summary>
          <RolloutBody rollout={rollout} />
        </details>
      ))}
    </section>
  );
}

const originOf = (event: ProblemEvent): OriginQuery =>
  event.kind === 'training' ? { iteration: event.iteration } : { evaluation: event.evaluation.id };

function nameOf(event: ProblemEvent): string {
  if (event.kind === 'training') return `training ${event.iteration}`;
  const { suite, iteration } = event.evaluation;
  return `${suite}, ${iteration === undefined ? 'on demand' : iteration === 0 ? 'start' : `iteration ${iteration}`}`;
}
