/**
 * Mutated answers, a million by default: no exception, no answer over 50 ms of processor time, no verdict `correct` for an
 * integer with a changed digit. `npx tsx test/bench/grader/fuzz.ts [count] [seed]`
 */

import { type CompiledGold, compileGold, grade, isGoldError } from '../../../src/grader/grade.ts';
import { CATEGORIES } from '../../unit/grader/categories.ts';

const count = Number(process.argv[2] ?? 1_000_000);
let state = Number(process.argv[3] ?? 1) >>> 0;

/** mulberry32: small, seeded, good enough for mutations. */
function random(below: number): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let x = Math.imul(state ^ (state >>> 15), 1 | state);
  x ^= x + Math.imul(x ^ (x >>> 7), 61 | x);
  return ((x ^ (x >>> 14)) >>> 0) % below;
}

const PIECES =
  '\\frac{|}{|\\sqrt|^{|_{|}|(|)|[|]|\\{|\\}|$|$$|\\boxed{|\\left|\\right.|\\\\|&|\\begin{pmatrix}|\\end{pmatrix}|\\pm|\\cup|\\infty|\\text{|,|;|:|=|<|\\le|!|%|^\\circ|-|+|*|/|\\sum_{k=1}^{n}|\\int_0^1|\\log_|\\sin|x|e|i|\\pi|0|1|9|.|1e999|999999999999|10^{10^{10}}|100000!|answer is|the|答案是|الإجابة|\u0000|\ud83d|½|²|and|or'.split(
    '|',
  );
const golds = CATEGORIES.flatMap(({ cases }) => cases.map(([gold]) => compileGold(gold))).filter(
  (gold): gold is CompiledGold => !isGoldError(gold),
);
const answers = CATEGORIES.flatMap(({ cases }) => cases.flatMap(([gold, right, wrong]) => [gold, ...right, ...wrong]));

function mutate(text: string): string {
  let result = text;
  for (let step = random(6); step >= 0; step--) {
    const at = random(result.length + 1);
    const end = Math.min(result.length, at + random(6));
    const piece = PIECES[random(PIECES.length)] ?? '';
    const kind = random(5);
    if (kind === 0) result = result.slice(0, at) + result.slice(end);
    else if (kind === 1) result = result.slice(0, at) + piece + result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + piece + result.slice(end);
    else if (kind === 3) result += piece + (answers[random(answers.length)] ?? '');
    else
      result =
        result.slice(0, at) + result.slice(at, end).repeat(1 + random(random(50) === 0 ? 60 : 4)) + result.slice(end);
  }
  return result;
}

const verdicts: Record<string, number> = {};
let [slowestMs, slowest, exceptions] = [0, '', 0];
const start = process.cpuUsage();
for (let k = 0; k < count; k++) {
  const gold = golds[random(golds.length)];
  if (gold === undefined) continue;
  const answer = mutate(answers[random(answers.length)] ?? '');
  const before = performance.now();
  try {
    const { verdict } = grade(gold, answer);
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
  } catch (error) {
    exceptions++;
    process.stdout.write(`exception on ${JSON.stringify([gold.gold, answer])}: ${String(error)}\n`);
  }
  if (performance.now() - before > Math.max(15, slowestMs)) {
    // Wall time on a busy machine says little: measure again by processor time.
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round++) {
      const cpu = process.cpuUsage();
      grade(gold, answer);
      const used = process.cpuUsage(cpu);
      best = Math.min(best, (used.user + used.system) / 1000);
    }
    if (best > slowestMs) [slowestMs, slowest] = [best, JSON.stringify([gold.gold, answer.slice(0, 300)])];
  }
  if (k % 100_000 === 99_999) process.stdout.write(`${k + 1} of ${count}\n`);
}
const used = process.cpuUsage(start);
const seconds = (used.user + used.system) / 1e6;
process.stdout.write(
  `${JSON.stringify({ count, verdicts, exceptions, slowestMs: Number(slowestMs.toFixed(1)), perCpuSecond: Math.round(count / seconds), rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20) })}\nslowest: ${slowest}\n`,
);
process.exitCode = exceptions > 0 || slowestMs > 50 ? 1 : 0;
