/** Rollouts for people. A model or its code wrote their content, so it is shown as text, never as markup. */

import type { RolloutView } from '../campaigns/read-rollouts.ts';
import type { CampaignDetail } from '../db/views.ts';
import { problemAddress } from './addresses.ts';
import { DigestText, Instant } from './parts.tsx';
import { Code, RichText } from './rich-text.tsx';

export interface RolloutListProps {
  readonly rollouts: readonly RolloutView[];
  /** Whose training they are of; absent for rollouts of an evaluation. */
  readonly campaign?: string | undefined;
}

export function RolloutList({ rollouts, campaign }: RolloutListProps) {
  return (
    <div class="rollouts">
      {rollouts.map((rollout) => (
        <RolloutItem rollout={rollout} campaign={campaign} />
      ))}
    </div>
  );
}

function RolloutItem({ rollout, campaign }: { readonly rollout: RolloutView } & Pick<RolloutListProps, 'campaign'>) {
  const { problem } = rollout;
  return (
    <details class="rollout" data-key={`${rollout.evaluation ?? rollout.iteration}/${rollout.id}`}>
      <summary>
        <span class={`arm arm-${rollout.arm}`}>{rollout.arm}</span>
        <Verdict rollout={rollout} />
        <span class="question">{problem === undefined ? rollout.problemId : <RichText text={problem.problem} />}</span>
        <span class="cost">{`${rollout.modelTokens} tok`}</span>
      </summary>
      {problem === undefined ? null : (
        <dl class="pairs rollout-problem">
          <dt>Problem</dt>
          <dd class="text">
            <RichText text={problem.problem} />{' '}
            <a href={problemAddress(problem.id, { ...rollout, campaign })}>all arms</a>
          </dd>
          <dt>Gold</dt>
          <dd class="text">
            <RichText text={problem.answer} />
          </dd>
        </dl>
      )}
      <RolloutBody rollout={rollout} />
    </details>
  );
}

/** What a rollout is about, what was written and run, and its verdict. */
export function RolloutBody({ rollout }: { readonly rollout: RolloutView }) {
  const { texts, grade } = rollout;
  return (
    <div class="rollout-body">
      <dl class="pairs">
        <dt>Answer</dt>
        <dd class="text">{grade?.answer ?? 'none found'}</dd>
        <dt>Grade</dt>
        <dd>{grade === undefined ? 'not graded' : `${grade.verdict}, ${grade.reason}`}</dd>
        <dt>Ended</dt>
        <dd>{`${rollout.state}${rollout.endReason === undefined ? '' : `, ${rollout.endReason}`}`}</dd>
      </dl>
      <h4>Transcript</h4>
      <div class="transcript">
        {texts.segments.map((segment) => (
          <span class={`by-${segment.by}`} title={WRITERS[segment.by]}>
            <RichText text={segment.text} />
          </span>
        ))}
      </div>
      {texts.blocks.map((block, index) => (
        <div class="block">
          <h4>
            {`Code ${index + 1}`}
            {block.result === undefined ? ' · not run' : ` · ${block.result.end}`}
          </h4>
          <pre class="code">
            <Code code={block.code} />
          </pre>
          {block.result === undefined ? null : (
            <pre class="output">
              {[block.result.stdout, block.result.exception].filter(Boolean).join('\n') || 'no output'}
            </pre>
          )}
        </div>
      ))}
      <p class="id">
        <code>{rollout.id}</code>
        {` · log-prob ${rollout.logProbSum.toFixed(2)} nats · prompt ${rollout.promptTokens}, model ${rollout.modelTokens}, tool ${rollout.toolTokens} tokens`}
      </p>
    </div>
  );
}

const WRITERS = {
  prefix: 'forced prefix: not learnt from',
  model: 'written by the model',
  tool: 'tool output: not learnt from',
} as const;

export function Verdict({ rollout }: { readonly rollout: RolloutView }) {
  const word = rollout.grade?.verdict ?? (rollout.state === 'completed' ? 'ungraded' : rollout.state);
  return <span class={`verdict verdict-${word}`}>{word}</span>;
}

export function Lineage({ campaign }: { readonly campaign: CampaignDetail }) {
  if (campaign.checkpoints.length === 0) return <p class="empty">No checkpoint has been made yet.</p>;
  return (
    <ol class="lineage">
      {campaign.checkpoints.map((item) => (
        <li class={item.digest === campaign.head ? 'head' : undefined}>
          <span class="step">{item.iteration === 0 ? 'start' : item.iteration}</span>
          <DigestText digest={item.digest} />
          <span class="made">
            <Instant at={item.createdAt} />
          </span>
          {item.digest === campaign.head ? <span class="tag">head</span> : null}
        </li>
      ))}
    </ol>
  );
}
