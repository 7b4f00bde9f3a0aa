/** From the speeches of a row to turns of text and code. */
import type { RolloutTemplate } from '../../rollout/template.ts';
import type { Speech } from './speeches.ts';
import { isOutput, splitCode } from './split-code.ts';
import type { TraceTurn } from './trace.ts';

/** @returns the reason if the speeches are not a solution that a rollout could be */
export function readTurns(
  speeches: readonly Speech[],
  template: RolloutTemplate,
): TraceTurn[] | { readonly reason: string } {
  const turns: TraceTurn[] = [];
  let text = '';
  const said = speeches.map((speech) => outputOfUser(speech, template));
  const first = said.findIndex(({ by }) => by !== 'question');
  for (const [at, speech] of said.entries()) {
    switch (speech.by) {
      case 'question':
        if (at > first) return { reason: 'it has a second question behind the first solution' };
        break;
      case 'prefix':
        // A prefix that opens a block is the beginning of the code.
        if (opensBlock(speech.text, template)) text += speech.text;
        break;
      case 'code':
        turns.push({ text, code: speech.text.replace(/^\s*\n/, '').trimEnd() });
        text = '';
        break;
      case 'model': {
        const isRun = said[at + 1]?.by === 'tool';
        const split = splitCode(text + speech.text, { template, isRun });
        if ('reason' in split) return split;
        turns.push(...split.slice(0, -1));
        text = split.at(-1)?.text ?? '';
        if (isRun && text.trim() === '') text = '';
        break;
      }
      case 'tool': {
        const last = said[at - 1]?.by;
        if (turns.length === 0 || (last !== 'model' && last !== 'code' && last !== 'tool'))
          return { reason: 'it has an output without code before it' };
        break;
      }
    }
  }
  return [...turns, { text }];
}

/** Some files give the output of code as a message of the user. */
function outputOfUser(speech: Speech, template: RolloutTemplate): Speech {
  return speech.by === 'question' && isOutput(speech.text, template) ? { ...speech, by: 'tool' } : speech;
}

const opensBlock = (prefix: string, { codeOpen }: RolloutTemplate): boolean =>
  prefix.includes(codeOpen) || /(?:`{3}|~{3})[^\n]*\n?$|<(?:code|llm-code|python)>\s*$/i.test(prefix);
