/** Responses in channels, as harmony templates write them: only the final one is said to the user. */

const HEADER = /<\|channel\|>\s*([a-z]+)[^<]{0,80}(?:<\|constrain\|>[^<]{0,40})?<\|message\|>/g;
const END = /<\|(?:end|return|call|start|channel)\|>/;

/** The same with its control tokens left out by a decoder. */
const GLUED = /^\s*(?:assistant)?(?:analysis|commentary)(?=[A-Z"'(\d\s])[\s\S]*?assistant\s*final(?=\S|\s)/;
const GLUED_THOUGHT = /^\s*(?:assistant)?analysis(?=[A-Z])/;

/** The content of the last final channel; empty if there are channels but no final one; a text without channels as it is. */
export function finalChannel(text: string): string {
  if (text.includes('<|channel|>')) {
    let final = '';
    for (const match of text.matchAll(HEADER)) {
      if (match[1] !== 'final') continue;
      const rest = text.slice(match.index + match[0].length);
      const end = END.exec(rest)?.index;
      final = end === undefined ? rest : rest.slice(0, end);
    }
    return final;
  }
  const glued = GLUED.exec(text);
  if (glued) {
    const last = text.lastIndexOf('assistantfinal');
    return text.slice(last < 0 ? glued[0].length : last + 'assistantfinal'.length);
  }
  return GLUED_THOUGHT.test(text) ? '' : text;
}
