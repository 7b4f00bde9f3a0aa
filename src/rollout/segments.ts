/** A rollout as text, by writer: what people read and what the grader is given. */
import type { Tokenizer } from '../sampler/types.ts';
import type { Rollout, TextSegment } from './types.ts';

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

/** What is graded: the model's own text after the last tool output, so that a tool can't answer for it. */
export function finalText(segments: readonly TextSegment[]): string {
  const last = segments.at(-1);
  return last?.by === 'model' ? last.text : '';
}
