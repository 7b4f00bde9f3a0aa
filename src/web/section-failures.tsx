/** How rollouts ended, by arm: what teaches, and what was set aside and why. */

import type { CampaignDetail } from '../db/views.ts';
import { formatCount } from '../formats/for-people.ts';
import { ARMS } from '../rollout/types.ts';
import { endedRollouts, ROLLOUT_METRICS } from '../scoring/rollout-metrics.ts';

export function Failures({ campaign }: { readonly campaign: CampaignDetail }) {
  const rows = campaign.iterations.filter((iteration) => iteration.shardsDone > 0).reverse();
  if (rows.length === 0) return <p class="empty">No shard has ended yet.</p>;
  const arms = ARMS.filter((arm) => rows.some((row) => endedRollouts(row.counts, arm) > 0));
  return (
    <section class="scroll" tabindex={0} aria-label="Failures and violations">
      <table>
        <thead>
          <tr>
            <th scope="col">Iteration</th>
            <th scope="col">Arm</th>
            {ROLLOUT_METRICS.map(({ label, note }) => (
              <th scope="col" class="number" title={note}>
                {label}
              </th>
            ))}
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
                {ROLLOUT_METRICS.map((metric) => (
                  <CountCell count={metric.count(row.counts, arm)} alarming={metric.isFault === true}>
                    {Object.entries(metric.causes?.(row.counts, arm) ?? {}).map(([cause, count]) => (
                      <small class="cause">{`${cause} ${formatCount(count)}`}</small>
                    ))}
                  </CountCell>
                ))}
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
