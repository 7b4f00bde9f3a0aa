/**
 * Our grader beside Math-Verify 0.9 (as verl uses it, and with every target) and a string normaliser, on JSON lines of
 * {id, source, gold, pred, expected}, or on a text of cases by class (`cases/fresh.txt`). Peers are installed once into a scratch folder.
 *
 *     npx tsx test/bench/grader/compare.ts test/bench/grader/cases/fresh.txt
 *     npx tsx test/bench/grader/compare.ts CASES.jsonl [--half 0|1] [--scratch /tmp/whencode-bench] [--integers]
 *
 * `--half` keeps the cases whose SHA-256 of the id begins with an even (0) or odd (1) byte. `--integers` also times 2,000 plain integers.
 * `undecided` counts as wrong.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compileGold, grade, isGoldError } from '../../../src/grader/grade.ts';

interface Case {
  readonly id: number | string;
  readonly source: string;
  readonly gold: string;
  readonly pred: string;
  readonly expected: boolean;
}

interface Run {
  readonly verdicts: readonly (boolean | 'undecided')[];
  readonly cpuSeconds: number;
  readonly slowestMs: number;
  readonly rssMiB: number;
}

const PACKAGES = ['math-verify[antlr4_13_2]==0.9.0'];

/** A virtual environment with the peers; returns its interpreter. */
function installPeers(scratch: string): string {
  const python = join(scratch, 'venv', 'bin', 'python');
  const done = existsSync(python) && spawnSync(python, ['-c', 'import math_verify']).status === 0;
  if (done) return python;
  for (const [command, ...args] of [
    ['python3', '-m', 'venv', join(scratch, 'venv')],
    [python, '-m', 'pip', 'install', '--quiet', ...PACKAGES],
  ] as const) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
  }
  return python;
}

function runPeer(python: string, mode: 'verl' | 'best', cases: readonly Case[]): Run {
  const { status, stdout, stderr } = spawnSync(python, [join(import.meta.dirname, 'peers.py'), mode], {
    input: cases.map(({ gold, pred }) => JSON.stringify({ gold, pred })).join('\n'),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`Math-Verify (${mode}) failed: ${stderr.slice(-2000)}`);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { verdict: boolean; ms: number; cpuSeconds: number; rssMiB: number });
  const rows = lines.slice(0, cases.length);
  const total = lines.at(-1);
  return {
    verdicts: rows.map(({ verdict }) => verdict),
    slowestMs: Math.max(...rows.map(({ ms }) => ms)),
    cpuSeconds: total?.cpuSeconds ?? 0,
    rssMiB: total?.rssMiB ?? 0,
  };
}

const WARM_MICROS = 4e6;
const MEASURED_MICROS = 2e6;

/** Grades all cases again and again for so much processor time. */
function repeatFor(
  micros: number,
  cases: readonly Case[],
  judge: (gold: string, pred: string) => boolean | 'undecided',
): { readonly used: number; readonly rounds: number } {
  const start = process.cpuUsage();
  let used = 0;
  let rounds = 0;
  for (; used < micros; rounds++) {
    for (const { gold, pred } of cases) judge(gold, pred);
    const { user, system } = process.cpuUsage(start);
    used = user + system;
  }
  return { used, rounds };
}

function time(cases: readonly Case[], judge: (gold: string, pred: string) => boolean | 'undecided'): Run {
  const verdicts = cases.map(({ gold, pred }) => judge(gold, pred));
  // Compiled code is what grades a hundred thousand rollouts: warm for a while, then measured; the slowest answer is the best of three.
  repeatFor(WARM_MICROS, cases, judge);
  const { used, rounds } = repeatFor(MEASURED_MICROS, cases, judge);
  let slowestMs = 0;
  for (const { gold, pred } of cases) {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 3; round++) {
      const before = process.cpuUsage();
      judge(gold, pred);
      const { user, system } = process.cpuUsage(before);
      best = Math.min(best, (user + system) / 1000);
    }
    slowestMs = Math.max(slowestMs, best);
  }
  return { verdicts, cpuSeconds: used / 1e6 / rounds, slowestMs, rssMiB: process.memoryUsage().rss / 2 ** 20 };
}

/** What most frameworks fall back on: the last box, LaTeX spelling, nothing else. */
function normaliseString(text: string): string {
  const boxed = /\\boxed\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/.exec(text)?.[1];
  return (boxed ?? text)
    .replace(/\\(?:left|right|,|!|;| |quad)|[$\s]/g, '')
    .replace(/\\[dt]frac/g, '\\frac')
    .replace(/\\text\{([^}]*)\}/g, '$1')
    .replace(/\\%|%|\^\{?\\circ\}?/g, '')
    .replace(/(\d),(?=\d{3})/g, '$1')
    .replace(/^\w=/, '')
    .replace(/^\./, '0.')
    .replace(/\.$/, '');
}

/** Gold and answer are read every time, as the peers do it. */
function judgeOurs(gold: string, pred: string): boolean | 'undecided' {
  const compiled = compileGold(gold);
  if (isGoldError(compiled)) return false;
  const { verdict } = grade(compiled, pred);
  return verdict === 'undecided' ? verdict : verdict === 'correct';
}

/** As data sets are graded: each gold is compiled once, when it is loaded. */
function judgeWithCompiledGolds(cases: readonly Case[]): (gold: string, pred: string) => boolean | 'undecided' {
  const golds = new Map(cases.map(({ gold }) => [gold, compileGold(gold)]));
  return (gold, pred) => {
    const compiled = golds.get(gold);
    if (compiled === undefined || isGoldError(compiled)) return false;
    const { verdict } = grade(compiled, pred);
    return verdict === 'undecided' ? verdict : verdict === 'correct';
  };
}

function report(name: string, cases: readonly Case[], { verdicts, cpuSeconds, slowestMs, rssMiB }: Run): void {
  const count = (test: (expected: boolean, verdict: boolean | 'undecided') => boolean) =>
    cases.filter(({ expected }, k) => test(expected, verdicts[k] ?? false)).length;
  const right = count((expected, verdict) => verdict === expected);
  process.stdout.write(
    `${name.padEnd(26)} accuracy ${((100 * right) / cases.length).toFixed(1)} %  false positives ${count((e, v) => !e && v === true)}  false negatives ${count((e, v) => e && v === false)}  undecided ${count((_, v) => v === 'undecided')}  answers per CPU second ${Math.round(cases.length / cpuSeconds)}  slowest ${slowestMs.toFixed(1)} ms  memory ${Math.round(rssMiB)} MiB\n`,
  );
}

/** `## set`, `# class`, `G gold`, `+ right`, `- wrong`, ⏎ a line break. */
function readWritten(text: string): Case[] {
  const cases: Case[] = [];
  let [set, source, gold] = ['', '', ''];
  for (const line of text.split('\n')) {
    const rest = line.slice(2);
    if (line.startsWith('## ')) set = line.slice(3);
    else if (line.startsWith('# ')) source = rest;
    else if (line.startsWith('G ')) gold = rest;
    else if (/^[+-] /.test(line))
      cases.push({
        id: `${set}:${cases.length}`,
        source,
        gold,
        pred: rest.replaceAll('⏎', '\n'),
        expected: line.startsWith('+'),
      });
  }
  return cases;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    half: { type: 'string' },
    scratch: { type: 'string', default: '/tmp/whencode-bench' },
    integers: { type: 'boolean' },
  },
});
const [path] = positionals;
if (path === undefined) throw new Error('name a file of cases: JSON lines of {id, source, gold, pred, expected}');
const text = readFileSync(path, 'utf8').trim();
const cases = (
  path.endsWith('.txt') ? readWritten(text) : text.split('\n').map((line) => JSON.parse(line) as Case)
).filter(
  ({ id }) =>
    values.half === undefined || (createHash('sha256').update(String(id)).digest()[0] ?? 0) % 2 === Number(values.half),
);
const python = installPeers(values.scratch);
const runs: [string, Run][] = [
  ['whencode', time(cases, judgeOurs)],
  ['whencode, golds once', time(cases, judgeWithCompiledGolds(cases))],
  ['strings', time(cases, (gold, pred) => normaliseString(gold) === normaliseString(pred))],
  ['Math-Verify 0.9 (verl)', runPeer(python, 'verl', cases)],
  ['Math-Verify 0.9 (best)', runPeer(python, 'best', cases)],
];
process.stdout.write(`${cases.length} cases\n`);
for (const [name, run] of runs) report(name, cases, run);
process.stdout.write('by source: right of n\n');
for (const source of [...new Set(cases.map((row) => row.source))]) {
  const cells = runs.map(
    ([name, { verdicts }]) =>
      `${name} ${cases.filter((row, k) => row.source === source && verdicts[k] === row.expected).length}`,
  );
  process.stdout.write(
    `  ${source.padEnd(20)} n ${String(cases.filter((row) => row.source === source).length).padEnd(4)} ${cells.join('  ')}\n`,
  );
}
if (values.integers) {
  const integers = Array.from(
    { length: 2000 },
    (_, k): Case => ({
      id: k,
      source: 'integers',
      gold: String(k * 37),
      pred: k % 3 === 0 ? String(k * 37 + 1) : `\\boxed{${k * 37}}`,
      expected: k % 3 !== 0,
    }),
  );
  process.stdout.write('plain integers\n');
  report('whencode', integers, time(integers, judgeOurs));
  report('Math-Verify 0.9 (verl)', integers, runPeer(python, 'verl', integers));
}
