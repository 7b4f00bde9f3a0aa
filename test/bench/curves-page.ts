/** The recorded curves as a page of docs/. */
import type { TestbedMethod } from '../../src/demo/campaigns.ts';
import type { DemoIteration } from '../../src/demo/result.ts';

/** π(code) of the balanced warm start. */
export const BALANCED_PRIOR = 0.5;

export interface RecordedCurve {
  readonly method: TestbedMethod;
  /** π(code) of the warm start. */
  readonly prior: number;
  readonly seed: number;
  readonly campaign: string;
  readonly iterations: readonly DemoIteration[];
}

export const short = (value: number): string => value.toFixed(2).replace(/^0/, '');

type Read = (item: DemoIteration) => number;

/** The start's value less the least one of `items`; 0 where nothing fell. */
export const fallOf = (read: Read, start: DemoIteration | undefined, items: readonly DemoIteration[]): number =>
  start === undefined ? 0 : Math.max(0, read(start) - Math.min(...items.map(read)));

/** Rollouts until half of the auto rollouts write code. */
export const crossingOf = (items: readonly DemoIteration[]): string =>
  items.find(({ codeRate, iteration }) => iteration > 0 && codeRate.value >= 0.5)?.rollouts.toLocaleString('en') ??
  'never';

const MEASURES: readonly (readonly [string, Read])[] = [
  ['auto', (item) => item.accuracy.auto.value],
  ['selection, sampled', (item) => item.selectionAccuracy.sampled.value],
  ['selection, greedy', (item) => item.selectionAccuracy.greedy.value],
  ['code rate', (item) => item.codeRate.value],
  ['forced CoT', (item) => item.accuracy.cot.value],
  ['forced code', (item) => item.accuracy.code.value],
  ['oracle (either arm)', (item) => item.oracle.value],
];

/** Seeds of a method side by side: its end, when it crossed, and the oracle's largest fall on the way. */
function endsTable(curves: readonly RecordedCurve[]): string {
  const rows = methodsOf(curves).map((method) => {
    const runs = curves.filter((curve) => curve.method === method).sort((a, b) => a.seed - b.seed);
    const per = (read: (run: RecordedCurve) => string): string => runs.map(read).join(' / ');
    const ends = MEASURES.map(([, read]) =>
      per(({ iterations }) => {
        const last = iterations.at(-1);
        return last === undefined ? '–' : short(read(last));
      }),
    );
    const oracleFall = per((run) => short(fallOf((item) => item.oracle.value, run.iterations[0], run.iterations)));
    return `| ${[method, ...ends, per((run) => crossingOf(run.iterations)), oracleFall].join(' | ')} |`;
  });
  const header = [
    '',
    ...MEASURES.map(([name]) => name),
    'rollouts until half write code',
    'oracle: largest fall below the start',
  ];
  return `| ${header.join(' | ')} |\n|${'---|'.repeat(header.length)}\n${rows.join('\n')}\n`;
}

const methodsOf = (curves: readonly RecordedCurve[]) => [...new Set(curves.map((curve) => curve.method))];

/** Folder in docs/ of the report on the campaigns from a warm start. */
export const reportFolder = (prior: number): string => `curves-p${String(prior).slice(2)}`;

/** Warm starts with several seeds, the balanced one first; a prior that was recorded on one seed has no report. */
export function reportedPriors(curves: readonly RecordedCurve[]): number[] {
  const priors = [...new Set(curves.map((curve) => curve.prior))].sort((a, b) => b - a);
  return priors.filter((prior) => new Set(curves.filter((c) => c.prior === prior).map(({ seed }) => seed)).size > 1);
}

/** How each method fares as the start writes less code; a prior recorded on one seed has no tables of its own. */
function byPrior(curves: readonly RecordedCurve[]): string {
  const priors = [...new Set(curves.map(({ prior }) => prior))].filter((prior) => prior < BALANCED_PRIOR);
  const ordered = priors.sort((a, b) => b - a);
  const rows = methodsOf(curves).map((method) => {
    const cells = ordered.map((prior) => {
      const runs = curves.filter((curve) => curve.method === method && curve.prior === prior);
      const read = (of: (run: RecordedCurve) => string): string =>
        runs
          .sort((a, b) => a.seed - b.seed)
          .map(of)
          .join(' / ');
      if (runs.length === 0) return '–';
      const auto = read(({ iterations }) => short(iterations.at(-1)?.accuracy.auto.value ?? 0));
      return `${read(({ iterations }) => crossingOf(iterations))}; ${auto}`;
    });
    return `| ${method} | ${cells.join(' | ')} |`;
  });
  return `## How rarely a start may write code

Rollouts until half of the auto rollouts write code; auto at the end. Seeds side by side, seed 1 where there is one value.

| π(code) of the start | ${ordered.join(' | ')} |
|---|${'---|'.repeat(ordered.length)}
${rows.join('\n')}
`;
}

export function curvesMarkdown(curves: readonly RecordedCurve[]): string {
  const sections = reportedPriors(curves).map((prior) => {
    const mine = curves.filter((curve) => curve.prior === prior);
    const report = `[${reportFolder(prior)}/report.md](${reportFolder(prior)}/report.md)`;
    return `## From π(code) ≈ ${prior}\n\nAt the end; curves, differences with intervals and every evaluation: ${report}.\n\n${endsTable(mine)}`;
  });
  const unique = (read: (curve: RecordedCurve) => string | number): string => [...new Set(curves.map(read))].join(',');
  return `# Recorded curves of the testbed

The recorded methods through the whole durable path, on ${curves[0]?.iterations[0]?.accuracy.auto.n ?? 0} held-out problems (95 % intervals of about ±.05 at .5 and
±.03 at .9), greedy decoding, at 4,096 rollouts sampled for training; seeds ${[...new Set(curves.map((curve) => curve.seed))].join(', ')}, each with a warm start of its own,
side by side in every cell. A cell with fewer values was recorded on fewer seeds, the first ones. Made by

\`\`\`bash
npx whencode up &
node --import tsx test/bench/curves.ts --seeds ${unique(({ seed }) => seed)} --methods ${unique(({ method }) => method)} --priors ${unique(({ prior }) => prior)}
\`\`\`

\`em\` is examples/testbed.yaml. Each other method is examples/testbed-METHOD.yaml; \`rl\` is on-policy.

${[...sections, byPrior(curves)].join('\n')}`;
}
