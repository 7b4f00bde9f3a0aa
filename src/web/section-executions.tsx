/**
 * How the code of an iteration's rollouts ended in the sandbox, what was answered from memory, what it cost, and whether
 * the sampler still had the KV of the rollouts that went on.
 */

import type { CampaignDetail } from '../db/views.ts';
import { formatCount, formatSeconds } from '../formats/for-people.ts';
import { type Counts, type ExecutionCount, executionCount } from '../protocol/counts.ts';
import { EXECUTION_ENDS } from '../rollout/types.ts';

const figure = (counts: Counts, of: ExecutionCount): number => counts[executionCount(of)] ?? 0;

export function Executions({ campaign }: { readonly campaign: CampaignDetail }) {
  const rows = campaign.iterations.filter(({ counts }) => (counts.executions ?? 0) > 0).reverse();
  if (rows.length === 0) return <p class="empty">No code has been run yet.</p>;
  return (
    <section class="scroll" tabindex={0} aria-label="Code executions">
      <table>
        <thead>
          <tr>
            <th scope="col">Iteration</th>
            <th scope="col" class="number">
              executions
            </th>
            {EXECUTION_ENDS.map((end) => (
              <th scope="col" class="number">
                {end}
              </th>
            ))}
            <th scope="col" class="number" title="answered from memory: the same code ran before">
              cache hits
            </th>
            <th scope="col" class="number" title="waited for a free container, mean">
              queue
            </th>
            <th scope="col" class="number" title="processor time of the code, in all">
              CPU
            </th>
            <th scope="col" class="number" title="rollouts that went on, their KV still there">
              KV kept
            </th>
            <th scope="col" class="number" title="rollouts that went on, their KV gone and computed again">
              KV recomputed
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ iteration, counts }) => (
            <tr>
              <th scope="row">{iteration}</th>
              <NumberCell>{formatCount(counts.executions ?? 0)}</NumberCell>
              {EXECUTION_ENDS.map((end) => (
                <EndCell count={figure(counts, end)} alarming={end === 'infrastructure'} />
              ))}
              <NumberCell>{formatCount(figure(counts, 'cached'))}</NumberCell>
              <NumberCell>{`${Math.round(figure(counts, 'queueMs') / (counts.executions ?? 1))} ms`}</NumberCell>
              <NumberCell>{formatSeconds(figure(counts, 'cpuMs') / 1000)}</NumberCell>
              <NumberCell>{formatCount(counts['sample.kept'] ?? 0)}</NumberCell>
              <NumberCell>{formatCount(counts['sample.recomputed'] ?? 0)}</NumberCell>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function NumberCell({ children }: { readonly children: string }) {
  return <td class="number">{children}</td>;
}

function EndCell({ count, alarming }: { readonly count: number; readonly alarming: boolean }) {
  const className = count === 0 ? 'number zero' : alarming ? 'number alarm' : 'number';
  return <td class={className}>{formatCount(count)}</td>;
}
