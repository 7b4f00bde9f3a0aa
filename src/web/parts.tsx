/** Small parts that several pages use. */

import { formatInstant, formatPercent, shortDigest } from '../formats/for-people.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import type { Metric } from '../scoring/metrics.ts';

/** `84.2 %` with its interval beside it, smaller. */
export function MeasureText({ measure }: { readonly measure: Measure | undefined }) {
  if (measure === undefined) return <span class="none">–</span>;
  const { value, low, high, n } = measure;
  const title = `95 % interval ${formatPercent(low)} to ${formatPercent(high)}, n ${n}`;
  return (
    <span class="measure" title={title}>
      {(value * 100).toFixed(1)}
      <small>{`${(low * 100).toFixed(0)}–${(high * 100).toFixed(0)}`}</small>
    </span>
  );
}

export const capitalise = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Heads of columns of metrics. */
export const MetricHeads = ({ metrics }: { readonly metrics: readonly Metric[] }) => (
  <>
    {metrics.map(({ label, short = label, note }) => (
      <th scope="col" class="number" title={note}>
        {capitalise(short)}
      </th>
    ))}
  </>
);

/** A row's cells under those heads. */
export const MetricCells = ({
  metrics,
  of,
}: {
  readonly metrics: readonly Metric[];
  readonly of: EvaluationMetrics | undefined;
}) => (
  <>
    {metrics.map(({ pick }) => (
      <td class="number">
        <MeasureText measure={of === undefined ? undefined : pick(of)} />
      </td>
    ))}
  </>
);

/** A status as a word with a mark; never by colour alone. */
export function Status({ status }: { readonly status: string }) {
  return <span class={`status status-${status}`}>{status}</span>;
}

export function DigestText({ digest }: { readonly digest: string | undefined }) {
  if (digest === undefined) return <span class="none">–</span>;
  return (
    <code class="digest" title={digest}>
      {shortDigest(digest)}
    </code>
  );
}

export function Instant({ at }: { readonly at: string }) {
  return (
    <time datetime={at} title={`${at} (UTC)`}>
      {formatInstant(at)}
    </time>
  );
}

/** Counts up in the browser while something runs. */
export function Since({ at }: { readonly at: string }) {
  return (
    <time datetime={at} data-since={at}>
      …
    </time>
  );
}
