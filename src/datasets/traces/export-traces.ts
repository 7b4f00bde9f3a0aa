/** Generated demonstrations as rows of a file of traces: what a user's own file looks like, with the output of the code. */
import type { GeneratorName } from '../../config/training-sections.ts';
import { DEMONSTRATION_GENERATORS } from '../demonstration-generators.ts';
import { completeDemonstrations, type SnippetRunner } from '../demonstrations.ts';

export const TRACE_FORMS = ['messages', 'segments'] as const;
export type TraceForm = (typeof TRACE_FORMS)[number];

/**
 * Both solutions of every problem, the one in text first. A warm-up on the file with `keep: all` trains on the same tokens
 * as one on the generator; some of the generator's code is wrong on purpose.
 *
 * @param run - runs the code: the text after an output follows from it
 */
export async function exportTraces(
  generator: GeneratorName,
  { count, seed, form }: { readonly count: number; readonly seed: number; readonly form: TraceForm },
  run: SnippetRunner,
): Promise<Record<string, unknown>[]> {
  const { generate, style } = DEMONSTRATION_GENERATORS[generator];
  const { toolOpen, toolClose } = style('').template;
  const withoutMarks = (text: string): string => text.slice(toolOpen.length, text.length - toolClose.length);
  const demonstrations = generate({ count, seed });
  const completed = await completeDemonstrations(demonstrations, style(''), run);
  return completed.flatMap(({ id, problem, answer, cot, code }, at): Record<string, unknown>[] => {
    if (form === 'segments') return [cot, code].map((segments) => ({ id, problem, answer, segments }));
    const question = { role: 'user', content: problem };
    const said = (text = '') => ({ role: 'assistant', content: text });
    const [, , tool, last] = code;
    const fenced = `\`\`\`python\n${demonstrations[at]?.code.code}\n\`\`\``;
    const output = { role: 'tool', content: withoutMarks(tool?.text ?? '') };
    return [
      { id, problem, answer, messages: [question, said(cot.at(-1)?.text)] },
      { id, problem, answer, messages: [question, said(fenced), output, said(last?.text)] },
    ];
  });
}
