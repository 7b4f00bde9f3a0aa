/** Thoughts that a model writes before its answer: nothing in them is an answer. */

const NAMES =
  'think(?:ing)?|thoughts?|reason(?:ing)?|reflect(?:ion)?|analysis|scratch_?pad|(?:inner_)?monologue|inner_thoughts?|internal(?:_\\w+)?|chain_of_thoughts?|cot|rationale|deliberat(?:e|ion)|brainstorm(?:ing)?|plan(?:ning)?|steps?|draft|working|calculations?|seed:think';
const SUFFIX = '(?:_\\w{1,20})?';

/** Each alternative names the groups that say whether it opens or closes. */
const MARK = new RegExp(
  [
    `(?:<|◁|&lt;)\\s*(?<slash>\\/?)\\s*(?:${NAMES})${SUFFIX}(?:\\s+\\w+\\s*=[^<>◁▷\\n]{0,80})?\\s*(?:>|▷|&gt;)`,
    '\\[\\s*(?<bracket>\\/?)\\s*think(?:ing)?\\s*\\]',
    '<\\|(?<word>\\/|begin_of_|end_of_|begin_|end_|start_)?(?:thought|thinking|think|reasoning)(?<after>_start|_end)?\\|>',
    '(?<open><\\|im_start\\|>think\\b|<unused94>thought\\b|<\\|channel>thought\\b|<details[^>]{0,80}>\\s{0,9}<summary>[^<]{0,80}(?:think|thought|reason)[^<]{0,80}<\\/summary>)',
    '(?<close><\\|im_start\\|>(?:answer|assistant)\\b|<unused95>|<channel\\|>|<\\/details>|^\\.{3}done thinking\\.)',
    '(?<line>^thinking\\.{3}[ \\t]*$)',
  ].join('|'),
  'gimu',
);

/** Whether a text may hold a mark at all; most don't. Searches for rare characters come first: they are the fastest. */
function mayHold(text: string): boolean {
  return (
    text.includes('<') ||
    text.includes('◁') ||
    text.includes('&lt;') ||
    (text.includes('...') && /thinking\.{3}/i.test(text)) ||
    (text.includes('[') && /\[\s*\/?\s*think/i.test(text))
  );
}

/**
 * What is written outside of thoughts: the part after the last one, or what stands before if nothing does. A closing mark without
 * an opening one ends a thought that the prompt began; an unclosed thought reaches to the end. Empty if all of it is thought.
 *
 * @example withoutThoughts('<think>12?</think>It is 6.') // 'It is 6.'
 */
export function withoutThoughts(text: string): string {
  if (!mayHold(text)) return text;
  const outside: string[] = [];
  let from = 0;
  let isThinking = false;
  for (const match of text.matchAll(MARK)) {
    if (isOpening(match)) {
      if (!isThinking) outside.push(text.slice(from, match.index));
      isThinking = true;
    } else {
      // Without an opening mark all before it was thought.
      if (!isThinking && !isOptionalClose(match)) outside.length = 0;
      if (!isThinking && isOptionalClose(match)) continue;
      isThinking = false;
      from = match.index + match[0].length;
    }
  }
  if (!isThinking) outside.push(text.slice(from));
  return outside.findLast((part) => part.trim() !== '') ?? '';
}

function isOpening({ groups = {} }: RegExpMatchArray): boolean {
  const { slash, bracket, word, after, open, line } = groups;
  if (open !== undefined || line !== undefined) return true;
  if (slash !== undefined) return slash === '';
  if (bracket !== undefined) return bracket === '';
  if (after !== undefined) return after === '_start';
  return groups.close === undefined && (word === undefined || /^(?:begin|start)/i.test(word));
}

/** Marks that close other things as well. */
function isOptionalClose({ groups = {} }: RegExpMatchArray): boolean {
  return groups.close !== undefined;
}
