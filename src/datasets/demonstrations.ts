/**
 * Solved problems in both forms, for the warm-up. The code form is completed by running the code: the text after the tool
 * output follows from that output, right or wrong.
 */
import type { RolloutTemplate } from '../rollout/template.ts';
import { renderToolOutput } from '../rollout/tool-output.ts';
import type { Arm, BlockResult, Problem, TextSegment } from '../rollout/types.ts';

export interface Demonstration extends Problem {
  /** What the model writes in the CoT arm after the prefix, without end mark. */
  readonly cot: { readonly text: string };
  /** The code block's inner text. */
  readonly code: { readonly code: string };
}

/** What a snippet printed, and the last line of its traceback if it raised. */
export interface SnippetOutcome {
  readonly stdout: string;
  readonly exception?: string;
}

/**
 * Solutions of a problem as segments of one author each: the prefix is forced, `model` is trained on, `tool` is masked. A
 * solution under `auto` has no prefix.
 */
export interface SolvedProblem extends Problem, Readonly<Partial<Record<Arm, readonly TextSegment[]>>> {}

/** A problem solved in both forms. */
export interface CompletedDemonstration extends SolvedProblem {
  readonly cot: readonly TextSegment[];
  readonly code: readonly TextSegment[];
}

export interface CompletionStyle {
  readonly template: RolloutTemplate;
  /** Text of the end-of-sequence token, e.g. `<|eos|>`; closes both forms. */
  readonly end: string;
  /** The model's text after an answer that the code printed, and after an error. */
  readonly conclude: (printed: string) => string;
  readonly giveUp: string;
}

/** Runs every distinct snippet once; outcomes come back in the order of the codes. Rejects if any could not be run. */
export type SnippetRunner = (codes: readonly string[]) => Promise<readonly SnippetOutcome[]>;

export async function completeDemonstrations(
  demonstrations: readonly Demonstration[],
  style: CompletionStyle,
  run: SnippetRunner,
): Promise<CompletedDemonstration[]> {
  const codes = [...new Set(demonstrations.map(({ code }) => code.code))];
  const outcomes = await run(codes);
  if (outcomes.length !== codes.length) {
    throw new Error(
      `demonstrations: ${codes.length} snippets were given to run, ${outcomes.length} outcomes came back`,
    );
  }
  const outcomeOf = new Map(codes.map((code, index) => [code, outcomes[index]]));
  return demonstrations.map(({ id, problem, answer, cot, code }) => {
    const outcome = outcomeOf.get(code.code);
    if (outcome === undefined) throw new Error(`demonstrations: no outcome for the snippet of ${id}`);
    return {
      id,
      problem,
      answer,
      cot: [
        { by: 'prefix', text: style.template.prefixes.cot },
        { by: 'model', text: `${cot.text}${style.end}` },
      ],
      code: codeSegments(code.code, outcome, style),
    };
  });
}

function codeSegments(code: string, outcome: SnippetOutcome, style: CompletionStyle): TextSegment[] {
  const { template } = style;
  const printed = lastLine(outcome.stdout);
  const final = outcome.exception === undefined && printed !== '' ? style.conclude(printed) : style.giveUp;
  return [
    { by: 'prefix', text: template.prefixes.code },
    { by: 'model', text: `${code}${template.codeClose}` },
    { by: 'tool', text: renderToolOutput(blockResult(outcome), template) },
    { by: 'model', text: `${final}${style.end}` },
  ];
}

function blockResult({ stdout, exception }: SnippetOutcome): BlockResult {
  return exception === undefined ? { end: 'ok', stdout, cpuMs: 0 } : { end: 'error', stdout, exception, cpuMs: 0 };
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
