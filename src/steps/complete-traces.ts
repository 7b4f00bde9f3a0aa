/** Traces with the output of their code, as solved problems; those that are wrong or fail are left out and counted. */
import type { SolvedProblem } from '../datasets/demonstrations.ts';
import { type RenderedTrace, renderTrace, type TraceStyle } from '../datasets/traces/render-trace.ts';
import type { Trace } from '../datasets/traces/trace.ts';
import { gradedText } from '../grader/graded-text.ts';
import type { Conventions } from '../grader/options.ts';
import type { Counts } from '../protocol/counts.ts';
import { describeTraces, type TraceDefect, traceCount } from '../protocol/trace-counts.ts';
import { encodePrompt } from '../rollout/prompt.ts';
import { ownTurns } from '../rollout/segments.ts';
import type { BlockResult, Grade } from '../rollout/types.ts';
import type { Tokenizer } from '../sampler/types.ts';
import type { Scorer } from '../scoring/scorer.ts';
import type { StepContext } from './step-context.ts';
import { StepFailure } from './step-failure.ts';
import { chainKey, chainOf } from './traces.ts';

export interface CompleteOptions extends TraceStyle {
  readonly tokenizer: Tokenizer;
  /** `all`: also traces whose answer is wrong or undecided, or whose code fails. */
  readonly keep: 'correct' | 'all';
  readonly conventions: Partial<Conventions> | undefined;
  readonly maxContextTokens: number;
  /** Decides the answers. */
  readonly scorer: Scorer;
}

export interface CompletedTraces {
  readonly solved: readonly SolvedProblem[];
  /** `traces.read`, `traces.kept`, every defect, and the kept ones by arm. */
  readonly counts: Counts;
}

interface Attempted {
  readonly trace: Trace;
  readonly rendered: RenderedTrace;
}

/** @throws StepFailure `bad-input` if no trace is left */
export async function completeTraces(
  { traces, unreadable }: { readonly traces: readonly Trace[]; readonly unreadable: number },
  resultsByChain: ReadonlyMap<string, readonly BlockResult[]>,
  options: CompleteOptions,
  context: StepContext,
): Promise<CompletedTraces> {
  const found: Record<TraceDefect, number> = { unreadable, tooLong: 0, failedCode: 0, wrongAnswer: 0, undecided: 0 };
  const attempted: Attempted[] = [];
  for (const trace of traces) {
    const rendered = renderTrace(trace, resultsByChain.get(chainKey(chainOf(trace))) ?? [], options);
    if ('reason' in rendered) found.unreadable += 1;
    else attempted.push({ trace, rendered });
  }
  const gradeOf = await grade(attempted, options, context);
  const kept: Attempted[] = [];
  for (const [at, { trace, rendered }] of attempted.entries()) {
    const defect = await defectOf(trace, rendered, gradeOf.get(`${at}`)?.verdict, options);
    if (defect !== undefined) found[defect] += 1;
    if (defect === undefined || (options.keep === 'all' && defect !== 'tooLong')) kept.push({ trace, rendered });
    if (at % YIELD_EVERY === 0) await new Promise(setImmediate);
  }
  const byArm = { cot: 0, code: 0, auto: 0 };
  for (const { rendered } of kept) byArm[rendered.arm] += 1;
  const all = { read: traces.length + unreadable, kept: kept.length, ...found, ...byArm };
  const counts = Object.fromEntries(Object.entries(all).map(([name, count]) => [traceCount(name), count]));
  if (kept.length === 0)
    throw new StepFailure('bad-input', `sft.demonstrations: no trace is left to learn from: ${describeTraces(counts)}`);
  return { solved: joinForms(kept), counts };
}

// Tokenizing some hundred thousand texts takes seconds. Yielding lets heartbeats run, which share the thread.
const YIELD_EVERY = 200;

function grade(attempted: readonly Attempted[], { scorer, conventions }: CompleteOptions, context: StepContext) {
  const attempts = attempted.map(({ trace, rendered }, at) => ({
    id: `${at}`,
    // Rows may share an id and differ in their gold.
    problem: { ...trace, id: `${at}` },
    response: gradedText(ownTurns(rendered.segments, rendered.blocks)),
    ...(conventions === undefined ? {} : { conventions }),
  }));
  return scorer.score(attempts, context);
}

async function defectOf(
  { problem }: Trace,
  { segments, blocks }: RenderedTrace,
  verdict: Grade | undefined,
  { template, tokenizer, maxContextTokens }: CompleteOptions,
): Promise<TraceDefect | undefined> {
  const tokens = segments.reduce((sum, { text }) => sum + tokenizer.encodeContinuation(text).length, 0);
  const prompt = await encodePrompt(problem, template, tokenizer);
  if (prompt.length + tokens > maxContextTokens) return 'tooLong';
  if (blocks.some(({ result }) => result?.end !== 'ok')) return 'failedCode';
  if (verdict === 'correct') return undefined;
  return verdict === 'incorrect' ? 'wrongAnswer' : 'undecided';
}

/** Traces of one problem that follow each other are one query, so that they stay in one update; a form comes once in it. */
function joinForms(kept: readonly Attempted[]): SolvedProblem[] {
  const solved: SolvedProblem[] = [];
  for (const { trace, rendered } of kept) {
    const { id, problem, answer } = trace;
    const last = solved.at(-1);
    const isOther = last?.problem !== problem || last.answer !== answer || last[rendered.arm] !== undefined;
    const base = isOther ? { id, problem, answer } : last;
    solved.splice(isOther ? solved.length : -1, isOther ? 0 : 1, { ...base, [rendered.arm]: rendered.segments });
  }
  return solved;
}
