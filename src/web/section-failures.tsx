/** How rollouts ended, by arm: what teaches, and what was set aside and why. */

import type { CampaignDetail } from '../db/views.ts';
import { formatCount } from '../formats/for-people.ts';
import { type Counts, countOf, lossesOf, totalOf } from '../protocol/counts.ts';
import { ARMS, type Arm, ROLLOUT_ENDS } from '../rollout/types.ts';

const ENDS = ['completed', 'truncated', 'violation'] as const;

const hasArm = (counts: Counts, arm: Arm): boolean => ROLLOUT_ENDS.some((end) => countOf(counts, end, arm) > 0);

export function Failures({ campaign }: { readonly campaign: CampaignDetail }) {
  const rows = campaign.iterations.filter((iteration) => iteration.shardsDone > 0).reverse();
  if (rows.length === 0) return <p class="empty">No shard has ended yet.</p>;
  const arms = ARMS.filter((arm) => rows.some((row) => hasArm(row.counts, arm)));
  return (
    <section class="scroll" tabindex={0} aria-label="Failures and violations">
      <table>
        <thead>
          <tr>
            <th scope="col">Iteration</th>
            <th scope="col">Arm</th>
            {ENDS.map((end) => (
              <th scope="col" class="number">
                {end}
              </th>
            ))}
            <th scope="col" class="number" title="no verdict on the answer: neither right nor wrong">
              undecided
            </th>
            <th scope="col" class="number" title="by sandbox or grader: no failure of the model">
              lost
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.flatMap((row) =>
            arms.map((arm, index) => (
              <tr class={index === 0 ? 'group' : undefined}>
                <th scope="row">{index === 0 ? row.iteration : ''}</th>
                <td>
                  <span class={`arm arm-${arm}`}>{arm}</span>
                </td>
                {ENDS.map((end) => (
                  <CountCell count={countOf(row.counts, end, arm)} alarming={end === 'violation'} />
                ))}
                <CountCell count={countOf(row.counts, 'undecided', arm)} alarming />
                <CountCell count={totalOf(lossesOf(row.counts, arm))} alarming>
                  {Object.entries(lossesOf(row.counts, arm)).map(([cause, count]) => (
                    <small class="cause">{`${cause} ${formatCount(count)}`}</small>
                  ))}
                </CountCell>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </section>
  );
}

function CountCell({
  count,
  alarming,
  children,
}: {
  readonly count: number;
  readonly alarming: boolean;
  readonly children?: unknown;
}) {
  const className = count === 0 ? 'number zero' : alarming ? 'number alarm' : 'number';
  return (
    <td class={className}>
      {formatCount(count)}
      {children}
    </td>
  );
}
