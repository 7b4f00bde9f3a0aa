/** Compares the outputs of one step with the stored ones. */
import { readSafetensors } from '../formats/safetensors.ts';
import type { Deviation, Difference } from '../protocol/replay-report.ts';
import type { curateStep } from '../steps/curate.ts';
import type { executeStep } from '../steps/execute.ts';
import type { gradeStep } from '../steps/grade.ts';
import type { planStep } from '../steps/plan.ts';
import type { sampleStep } from '../steps/sample.ts';
import type { scoreStep } from '../steps/score.ts';
import type { trainStep } from '../steps/train.ts';
import { compareLines } from './compare-lines.ts';
import { compareTokens, LOG_PROB_TOLERANCE } from './compare-tokens.ts';
import { compareValues, excerptsOf, type Nearness } from './compare-values.ts';

export interface OutputBytes {
  readonly stored: Buffer;
  readonly now: Buffer;
  /** The stored bytes were changed after they were written, so no tolerance applies. */
  readonly isDamaged?: boolean;
}

export interface OutputsComparison {
  readonly difference?: Difference;
  readonly deviations: readonly Deviation[];
}

type Outputs<Step extends { readonly codecs: object }> = keyof Step['codecs'];
/** Outputs of the stages that a replay repeats, and of the plan. `checkpoint` is a folder: see `compareCheckpoints`. */
type BlobOutput = Exclude<
  | Outputs<typeof planStep>
  | Outputs<typeof sampleStep>
  | Outputs<typeof executeStep>
  | Outputs<typeof gradeStep>
  | Outputs<typeof scoreStep>
  | Outputs<typeof curateStep>
  | Outputs<typeof trainStep>,
  'checkpoint'
>;

/** How each output is compared, in the order of comparison: an output that others depend on comes first. */
const COMPARED = {
  tokens: 'tokens',
  summary: 'lines-nearly',
  texts: 'lines',
  prior: 'lines-nearly',
  snippets: 'lines',
  results: 'lines',
  grades: 'lines',
  shards: 'json',
  curation: 'lines',
  trainingSet: 'tensors',
  updates: 'metrics',
  problems: 'lines',
} satisfies Record<BlobOutput, 'tokens' | 'lines' | 'lines-nearly' | 'json' | 'tensors' | 'metrics'>;

/** Metrics of a training that is equal within tolerance may differ by this share, or by this much. */
export const METRICS_TOLERANCE = { share: 0.01, absolute: 1e-3 } as const;

/** Steps of earlier versions don't have this output, so its absence is no difference. */
export const isAddedLater = (name: string): boolean => name === ('updates' satisfies BlobOutput);

const ORDER: readonly string[] = Object.keys(COMPARED);
const rank = (name: string): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
const isCompared = (name: string): name is BlobOutput => ORDER.includes(name);

/** Compares outputs whose bytes differ, by name; `summary` is the replayed step's, which names the rows of `tokens`. */
export function compareOutputs(
  outputs: ReadonlyMap<string, OutputBytes>,
  summary: Buffer | undefined,
): OutputsComparison {
  const deviations: Deviation[] = [];
  for (const name of [...outputs.keys()].sort((a, b) => rank(a) - rank(b))) {
    const pair = outputs.get(name);
    if (pair === undefined || pair.stored.equals(pair.now)) continue;
    const found = compareOutput(name, pair, summary);
    if (found === undefined) continue;
    if (!('deviation' in found)) return { difference: found, deviations };
    deviations.push(found.deviation);
  }
  return { deviations };
}

type OutputComparison = Difference | { readonly deviation: Deviation } | undefined;

function compareOutput(
  name: string,
  { stored, now, isDamaged = false }: OutputBytes,
  summary: Buffer | undefined,
): OutputComparison {
  switch (isCompared(name) ? COMPARED[name] : 'lines') {
    case 'tokens':
      return compareTokens(stored, now, rowsOf(summary), isDamaged ? 0 : LOG_PROB_TOLERANCE);
    case 'lines-nearly':
      return isDamaged ? compareLines(name, stored, now) : compareLinesNearly(name, stored, now);
    case 'tensors':
      return compareTensors(name, stored, now);
    case 'metrics':
      return isDamaged ? compareLines(name, stored, now) : compareMetrics(name, stored, now);
    case 'json':
      return compareJson(name, stored, now);
    case 'lines':
      return compareLines(name, stored, now);
  }
}

const rowsOf = (summary: Buffer | undefined): string[] =>
  (summary?.toString('utf8').trimEnd().split('\n') ?? []).map((line) => (JSON.parse(line) as { id: string }).id);

/** Sums of log-probs may deviate by as many tolerances as they have terms. */
function compareLinesNearly(name: string, stored: Buffer, now: Buffer): OutputComparison {
  let largest = 0;
  let allowed = LOG_PROB_TOLERANCE;
  const difference = compareLines(name, stored, now, (line): Nearness => {
    const terms = typeof line.modelTokens === 'number' ? Math.max(1, line.modelTokens) : 1;
    return {
      allowed: (path) => (/^(logProbSum|logProbs\[)/.test(path) ? terms * LOG_PROB_TOLERANCE : undefined),
      note: (deviation) => {
        largest = Math.max(largest, deviation);
        allowed = Math.max(allowed, terms * LOG_PROB_TOLERANCE);
      },
    };
  });
  if (difference !== undefined) return difference;
  const of = name === ('prior' satisfies BlobOutput) ? 'log-probs of the prefixes' : 'sums of log-probs';
  return largest > 0
    ? { deviation: { of, largest, allowed } }
    : { output: name, field: 'bytes', stored: 'other', now: 'as written' };
}

/** The metrics of each update have the same tolerance as the weights. */
function compareMetrics(name: string, stored: Buffer, now: Buffer): OutputComparison {
  let [largest, allowed] = [0, 0];
  const difference = compareLines(name, stored, now, (line): Nearness => {
    const metrics = (line.metrics ?? {}) as Readonly<Record<string, number>>;
    return {
      allowed: (path) => {
        const [section, metric = ''] = path.split('.');
        if (section !== 'metrics') return undefined;
        allowed = Math.max(METRICS_TOLERANCE.absolute, METRICS_TOLERANCE.share * Math.abs(metrics[metric] ?? 0));
        return allowed;
      },
      note: (deviation) => {
        largest = Math.max(largest, deviation);
      },
    };
  });
  if (difference !== undefined) return difference;
  return largest > 0
    ? { deviation: { of: 'metrics of the updates', largest, allowed } }
    : { output: name, field: 'bytes', stored: 'other', now: 'as written' };
}

function compareJson(name: string, stored: Buffer, now: Buffer): Difference {
  const after: unknown = JSON.parse(now.toString('utf8'));
  try {
    const found = compareValues(JSON.parse(stored.toString('utf8')), after);
    if (found !== undefined) return { output: name, field: found.path, ...excerptsOf(found.stored, found.now) };
  } catch {
    // The stored bytes are no valid JSON: the first differing byte gives the position.
  }
  return { output: name, field: 'bytes', ...excerptsOf(stored.toString('utf8'), now.toString('utf8')) };
}

function compareTensors(name: string, stored: Buffer, now: Buffer): Difference {
  const whole = { output: name, field: 'header', stored: 'damaged', now: 'whole' };
  try {
    const [left, right] = [readSafetensors(stored), readSafetensors(now)];
    for (const [tensor, { bytes, shape }] of right.tensors) {
      const before = left.tensors.get(tensor);
      if (before === undefined) return { output: name, field: tensor, stored: 'absent', now: 'present' };
      if (`${before.shape}` !== `${shape}`)
        return { output: name, field: `shape of ${tensor}`, stored: `${before.shape}`, now: `${shape}` };
      const at = bytes.findIndex((byte, index) => before.bytes[index] !== byte);
      if (at === -1) continue;
      const size =
        bytes.byteLength /
        Math.max(
          1,
          shape.reduce((product, n) => product * n, 1),
        );
      const element = Math.floor(at / size);
      const [was, is] = [before, { bytes }].map((view) => hexOf(view.bytes, element * size, size));
      return { output: name, field: `${tensor}[${element}]`, stored: was ?? '', now: is ?? '' };
    }
  } catch {
    return whole;
  }
  return whole;
}

const hexOf = (bytes: Uint8Array, from: number, size: number): string =>
  `0x${Buffer.from(bytes.subarray(from, from + size))
    .reverse()
    .toString('hex')}`;
