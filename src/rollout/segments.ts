/** A rollout as text, by writer: what people read and what the grader is given. */
import type { Tokenizer } from '../sampler/types.ts';
import type { CodeBlock, Rollout, TextSegment } from './types.ts';

export function textSegments(rollout: Rollout, tokenizer: Tokenizer): TextSegment[] {
  const segments: TextSegment[] = [];
  if (rollout.prefixIds.length > 0) segments.push({ by: 'prefix', text: tokenizer.decode(rollout.prefixIds) });
  let start = 0;
  while (start < rollout.completionIds.length) {
    let stop = start + 1;
    while (stop < rollout.completionIds.length && rollout.modelMask[stop] === rollout.modelMask[start]) stop += 1;
    segments.push({
      by: rollout.modelMask[start] === 1 ? 'model' : 'tool',
      text: tokenizer.decode(rollout.completionIds.slice(start, stop)),
    });
    start = stop;
  }
  return segments;
}

/**
 * What the model wrote in each of its turns, in order, without the code that ran at a turn's end. Tool output is in none of them, so that a
 * tool can't answer for the model. The last turn is empty if the rollout ends with a tool output.
 *
 * @example ownTurns([{ by: 'model', text: 'So 4.\n```python\nprint(4)\n```' }, { by: 'tool', text: '4' }], [{ code: 'print(4)' }]) // ['So 4.\n```python\n', '']
 */
export function ownTurns(segments: readonly TextSegment[], blocks: readonly Pick<CodeBlock, 'code'>[]): string[] {
  const turns: string[] = [''];
  for (const [k, { by, text }] of segments.entries()) {
    if (by !== 'tool') turns[turns.length - 1] += text;
    else if (segments[k - 1]?.by !== 'tool') turns.push('');
  }
  // The forced prefix is no answer.
  const [first] = segments;
  if (first?.by === 'prefix') turns[0] = turns[0]?.slice(first.text.length) ?? '';
  return turns.map((turn, k) => (k < turns.length - 1 ? withoutRunCode(turn, blocks[k]?.code ?? '') : turn));
}

/** A turn up to the code that ran at its end; where the code isn't found in it, up to the first fence. */
function withoutRunCode(turn: string, code: string): string {
  const body = code.trim();
  const at = body === '' ? -1 : turn.lastIndexOf(body);
  if (at >= 0) return turn.slice(0, at);
  const fence = /^[ \t>]*(?:```|~~~)/m.exec(turn)?.index;
  return fence === undefined ? '' : turn.slice(0, fence);
}
