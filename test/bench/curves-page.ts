/** The recorded curves as a page of docs/. */
import type { DemoIteration } from '../../src/demo/result.ts';

export interface RecordedCurve {
  readonly method: 'em' | 'rl' | 'rft';
  readonly warmStart: 'balanced' | 'skewed';
  readonly seed: number;
  /** Of the M-step, when it was recorded. */
  readonly learningRate: number;
  readonly iterations: readonly DemoIteration[];
}

const short = (value: number): string => value.toFixed(2).replace(/^0/, '');

type Read = (item: DemoIteration) => number;

const MEASURES: readonly (readonly [string, Read])[] = [
  ['auto', (item) => item.accuracy.auto.value],
  ['selection, sampled', (item) => item.selectionAccuracy.sampled.value],
  ['selection, greedy', (item) => item.selectionAccuracy.greedy.value],
  ['code rate', (item) => item.codeRate.value],
  ['forced CoT', (item) => item.accuracy.cot.value],
  ['forced code', (item) => item.accuracy.code.value],
  ['oracle (either arm)', (item) => item.oracle.value],
];

function table(curves: readonly RecordedCurve[], [name, read]: (typeof MEASURES)[number]): string {
  const length = Math.max(...curves.map((curve) => curve.iterations.length));
  const header = Array.from({ length }, (_, index) => (index === 0 ? 'start' : `it ${index}`));
  const methods = [...new Set(curves.map((curve) => curve.method))];
  const rows = methods.map((method) => {
    const runs = curves.filter((curve) => curve.method === method).sort((a, b) => a.seed - b.seed);
    const cells = header.map((_, index) =>
      runs.map((run) => (run.iterations[index] === undefined ? '–' : short(read(run.iterations[index])))).join(' / '),
    );
    const last = runs.flatMap((run) => run.iterations.slice(-1).map(read));
    const mean = last.reduce((sum, value) => sum + value, 0) / Math.max(1, last.length);
    const rates = [...new Set(runs.map((run) => run.learningRate.toExponential()))].join(', ');
    return `| ${method}, ${rates} | ${cells.join(' | ')} | ${short(mean)} |`;
  });
  return `| ${name} | ${header.join(' | ')} | mean at the end |\n|---|${'---|'.repeat(length + 1)}\n${rows.join('\n')}\n`;
}

export function curvesMarkdown(curves: readonly RecordedCurve[]): string {
  const sections = (['balanced', 'skewed'] as const).flatMap((warmStart) => {
    const mine = curves.filter((curve) => curve.warmStart === warmStart);
    if (mine.length === 0) return [];
    const title = warmStart === 'balanced' ? 'From `balanced`: π(code) ≈ 0.5' : 'From `skewed`: π(code) ≈ 0.03';
    return [`## ${title}\n\n${MEASURES.map((measure) => table(mine, measure)).join('\n')}`];
  });
  return `# Recorded curves of the testbed

Every method from both warm starts through the whole durable path, on ${curves[0]?.iterations[0]?.accuracy.auto.n ?? 0} held-out
problems (95 % intervals of about ±.05 at .5 and ±.03 at .9), greedy decoding; seeds ${[...new Set(curves.map((curve) => curve.seed))].join(', ')},
each with a warm start of its own, side by side in every cell. Made by

\`\`\`bash
npx whencode up &
node --import tsx test/bench/curves.ts
\`\`\`

\`em\`: K = 4 rollouts an arm of 128 problems an iteration, clipped policy gradient + cross-entropy towards s\\*. \`rl\`: the same
optimiser (its learning rate is in each row) and the same number of rollouts, all \`auto\`. \`rft\`: cross-entropy on the correct ones of the same \`auto\` rollouts.

${sections.join('\n')}`;
}
