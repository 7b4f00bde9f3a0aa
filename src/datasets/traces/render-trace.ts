/** A trace as a rollout of the campaign's template would be: its segments, with the output that its code has here. */
import { outputLabelOf, readFences, usesFences } from '../../rollout/fences.ts';
import type { RolloutTemplate } from '../../rollout/template.ts';
import { renderToolOutput } from '../../rollout/tool-output.ts';
import { closedBlock } from '../../rollout/turn.ts';
import type { Arm, BlockResult, CodeBlock, TextSegment } from '../../rollout/types.ts';
import type { Trace, TraceTurn } from './trace.ts';

export interface TraceStyle {
  readonly template: RolloutTemplate;
  /** Text of the end-of-sequence token. */
  readonly end: string;
  /** The tokenizer's: control tokens count only where the protocol writes them. */
  readonly quote: (text: string) => string;
}

export interface RenderedTrace {
  /** `auto` if it begins as no forced rollout does: with text, where the code prefix opens a block. */
  readonly arm: Arm;
  readonly segments: readonly TextSegment[];
  readonly blocks: readonly CodeBlock[];
}

/**
 * @param results of the trace's code, in order
 * @returns a reason if a rollout with this text would run other code
 */
export function renderTrace(
  { turns }: Trace,
  results: readonly BlockResult[],
  { template, end, quote }: TraceStyle,
): RenderedTrace | { readonly reason: string } {
  const arm = armOf(turns, template);
  const prefix = arm === 'auto' ? '' : template.prefixes[arm];
  const segments: TextSegment[] = prefix === '' ? [] : [{ by: 'prefix', text: prefix }];
  const blocks: CodeBlock[] = [];
  for (const [at, turn] of turns.entries()) {
    const text = at === 0 ? withoutPrefix(turn.text, prefix) : turn.text.replace(/^\n+/, '');
    const said = { text: withoutEnd(text, turn, end), code: turn.code };
    const isBegun = at === 0 && arm === 'code' && template.interleaved !== true;
    if (!runsIts(said, at === 0 ? prefix : '', isBegun, arm, template))
      return { reason: 'a rollout with this text would run other code' };
    const written = writeTurn(said, isBegun, template, quote);
    if (said.code === undefined) {
      segments.push({ by: 'model', text: `${written}${end}` });
      continue;
    }
    const result = results[at];
    if (result === undefined) throw new Error('a trace was rendered before its code was run');
    blocks.push({ code: said.code, result });
    segments.push({ by: 'model', text: written }, { by: 'tool', text: renderToolOutput(result, template, quote) });
  }
  return { arm, segments, blocks };
}

function armOf([first, ...rest]: readonly TraceTurn[], { interleaved }: RolloutTemplate): Arm {
  if (first?.code === undefined && rest.length === 0) return 'cot';
  return interleaved === true || first?.text.trim() === '' ? 'code' : 'auto';
}

/** Text that begins with the forced prefix already, as in a recorded rollout, does not have it twice. */
function withoutPrefix(text: string, prefix: string): string {
  const begun = text.trimStart();
  const forced = prefix.trim();
  return (forced !== '' && begun.startsWith(forced) ? begun.slice(forced.length) : begun).trimStart();
}

function withoutEnd(text: string, { code }: TraceTurn, end: string): string {
  if (code !== undefined) return text;
  const trimmed = text.trimEnd();
  return (trimmed.endsWith(end) ? trimmed.slice(0, trimmed.length - end.length) : trimmed).trimEnd();
}

/** The marks are the template's; `quote` is applied to what the model writes between them. */
function writeTurn(
  { text, code }: { readonly text: string; readonly code: string | undefined },
  isBegun: boolean,
  template: RolloutTemplate,
  quote: (text: string) => string,
): string {
  if (code === undefined) return quote(text);
  const body = `${quote(code)}${template.codeClose}`;
  if (isBegun) return body;
  const isFenced = usesFences(template);
  const gap = isFenced && text !== '' && !text.endsWith('\n') ? '\n' : '';
  const line = isFenced && !template.codeOpen.endsWith('\n') ? '\n' : '';
  return `${quote(text)}${gap}${template.codeOpen}${line}${body}`;
}

/** Whether the turn protocol finds the turn's code at its end, or no code where it has none. */
function runsIts(
  turn: { readonly text: string; readonly code: string | undefined },
  prefix: string,
  isBegun: boolean,
  arm: Arm,
  template: RolloutTemplate,
): boolean {
  const text = `${prefix}${writeTurn(turn, isBegun, template, (part) => part)}`;
  if (!usesFences(template)) {
    const isMarked = text.includes(template.codeOpen) || closedBlock(text, template) !== undefined;
    return turn.code === undefined ? !isMarked : closedBlock(text, template) === turn.code;
  }
  const reading = readFences(text, { arm, outputLabel: outputLabelOf(template), isEnded: turn.code === undefined });
  if (turn.code === undefined) return reading.kind === 'nothing' && !reading.isPython;
  return reading.kind === 'code' && reading.code === turn.code && reading.end === text.length;
}
