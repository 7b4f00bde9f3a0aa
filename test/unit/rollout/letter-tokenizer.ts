/** A tokenizer of one id a character, with the testbed's marks as single ids: small enough to read in a test. */
import type { Tokenizer } from '../../../src/sampler/types.ts';

const MARKS = ['<|eos|>', '<|bos|>', '<|sol|>', '<|cot|>', '<|code|>', '<|run|>', '<|out|>'];

/** Parts a mark that stands in data. */
const QUOTE = '\uFDD0';

export const letterTokenizer: Tokenizer = {
  eosTokenIds: [0],
  encodeContinuation: (text) => letterTokenizer.encode(text),
  quote: (text) => text.replaceAll('<|', `<${QUOTE}|`),
  encode(text) {
    const ids: number[] = [];
    for (let at = 0; at < text.length; ) {
      const mark = MARKS.findIndex((candidate) => text.startsWith(candidate, at));
      if (mark !== -1) ids.push(mark);
      else if (text.charAt(at) !== QUOTE) ids.push(MARKS.length + text.charCodeAt(at));
      at += mark === -1 ? 1 : (MARKS[mark] ?? '').length;
    }
    return ids;
  },
  decode: (ids) => ids.map((id) => MARKS[id] ?? String.fromCharCode(id - MARKS.length)).join(''),
  renderChat: async (messages) => `${messages.map(({ role, content }) => `[${role}]${content}`).join('')}[assistant]`,
};
