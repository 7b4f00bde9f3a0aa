/** Small parts that several pages use. */

import { formatInstant, formatPercent, shortDigest } from '../formats/for-people.ts';
import type { Measure } from '../protocol/evaluation-metrics.ts';

/** `84.2 %` and its interval, smaller. */
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

/** An elapsed time that the browser updates while something runs. */
export function Since({ at }: { readonly at: string }) {
  return (
    <time datetime={at} data-since={at}>
      …
    </time>
  );
}
