/** A new campaign: its file, checked as it is written, with the plan and the data as they are read. */
import type { Draft } from '../campaigns/check-draft.ts';
import type { CampaignPlan } from '../campaigns/plan-campaign.ts';
import { totalOf } from '../capacity/training-memory.ts';
import { formatBytes, formatCount, formatEstimate } from '../formats/for-people.ts';
import { campaignAddress, NEW_ADDRESS } from './addresses.ts';
import { Layout } from './layout.tsx';
import { RichText } from './rich-text.tsx';
import { type Column, Table } from './table.tsx';

export interface NewPageProps {
  readonly text: string;
  /** Whose settings the text began with. */
  readonly from?: string | undefined;
  /** Absent until the text has been checked. */
  readonly draft?: Draft | undefined;
}

export function NewPage({ text, from, draft }: NewPageProps) {
  return (
    <Layout title="New run">
      <header class="title">
        <h1>New run</h1>
        <span class="facts">
          {from === undefined ? (
            'from the testbed’s example'
          ) : (
            <>
              with the settings of <a href={campaignAddress(from)}>{from}</a>
            </>
          )}
        </span>
      </header>
      <div class="sections">
        <form class="panel half" method="post" action={NEW_ADDRESS} data-live="check">
          <label for="yaml">
            <h2>Campaign file</h2>
          </label>
          <textarea
            id="yaml"
            name="text"
            rows={32}
            spellcheck={false}
            autocapitalize="off"
            aria-describedby="yaml-note"
          >
            {text}
          </textarea>
          <p class="note" id="yaml-note">
            YAML; every setting is in <code>docs/settings.md</code>. Paths are absolute or begin with <code>~</code>.
          </p>
          <div class="actions">
            <button type="submit" name="action" value="check">
              check
            </button>
            <button type="submit" name="action" value="start">
              start
            </button>
          </div>
        </form>
        <section class="panel half" id="result" aria-live="polite" aria-labelledby="result-title">
          <h2 id="result-title">{draft?.kind === 'refused' ? 'What to change' : 'Plan'}</h2>
          <Result draft={draft} />
        </section>
      </div>
    </Layout>
  );
}

function Result({ draft }: { readonly draft: Draft | undefined }) {
  if (draft === undefined)
    return <p class="empty">The file is checked when you stop typing: settings, model, data and room on the disk.</p>;
  switch (draft.kind) {
    case 'refused':
      return (
        <ul class="mistakes">
          {draft.mistakes.map((mistake) => (
            <li>{mistake.replace(/^line:(\d+): /, 'Line $1: ').replace(/^line:? /, '')}</li>
          ))}
        </ul>
      );
    case 'valid':
      return (
        <>
          <PlanText plan={draft.plan} model={draft.config.model} />
          <h3>First problems, as they are read</h3>
          <Table
            label="First problems"
            columns={[
              { head: 'Problem', cell: ({ problem }) => <RichText text={problem} /> },
              { head: 'Gold', cell: ({ gold }) => <RichText text={gold} /> },
              { head: 'Read as', cell: ({ kind }) => kind },
            ]}
            rows={draft.problems}
          />
        </>
      );
  }
}

const SAMPLED: readonly Column<{ readonly what: string; readonly rollouts: number; readonly tokens: number }>[] = [
  { head: 'Sampling', cell: ({ what }) => what },
  { head: 'Rollouts', kind: 'number', cell: ({ rollouts }) => formatCount(rollouts) },
  { head: 'New tokens, at most', kind: 'number', cell: ({ tokens }) => formatCount(tokens) },
];

function PlanText({ plan, model }: { readonly plan: CampaignPlan; readonly model: string }) {
  const { iteration, total, capacity, evaluations, problems } = plan;
  const hours = capacity.hours;
  return (
    <>
      {plan.warnings.length === 0 ? null : (
        <ul class="mistakes notes" aria-label="Notes">
          {plan.warnings.map((warning) => (
            <li>{warning}</li>
          ))}
        </ul>
      )}
      <dl class="pairs">
        <dt>Name</dt>
        <dd>{plan.name}</dd>
        <dt>Model</dt>
        <dd>{`${model}: ${formatCount(plan.model.parameters)} parameters; ${plan.model.checked.join('; ')}`}</dd>
        <dt>Problems</dt>
        <dd>{`${problems.from.join(' + ')}; ${formatCount(problems.perIteration)} an iteration`}</dd>
        <dt>Method</dt>
        <dd>{`${plan.method}, ${plan.iterations} iterations of ${formatCount(iteration.rollouts)} rollouts in ${iteration.shards} shards`}</dd>
        <dt>Time</dt>
        <dd>
          {hours === undefined
            ? `${formatEstimate(total.estimatedSeconds)} on this machine’s processor, by the order of magnitude`
            : `sampling ${formatEstimate(hours.sample * 3600)}, training ${formatEstimate(hours.train * 3600)} on ${capacity.hardware}`}
        </dd>
        <dt>Memory</dt>
        <dd>{`training on ${capacity.hardware}: ${formatBytes(totalOf(capacity.training.host))} of the machine${hours === undefined ? '' : `, ${formatBytes(totalOf(capacity.training.gpu))} of each GPU`}`}</dd>
        <dt>Disk</dt>
        <dd>{`${formatBytes(total.diskBytes)} at most`}</dd>
      </dl>
      <Table
        label="Sampling"
        columns={SAMPLED}
        rows={[
          { what: 'one iteration', rollouts: iteration.rollouts, tokens: iteration.maxNewTokens },
          ...evaluations.map(({ suite, from, times, rollouts, maxNewTokens }) => ({
            what: `evaluation ${suite} (${from}), ${times} of them`,
            rollouts,
            tokens: maxNewTokens,
          })),
          { what: 'whole campaign', rollouts: total.rollouts, tokens: total.maxNewTokens },
        ]}
      />
    </>
  );
}
