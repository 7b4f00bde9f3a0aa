import { lastEmphasis, lastNumber, lastSpans, mathSpans } from './spans.ts';

/** What a sentence states: the part after its last verb or sign, without the reasons behind it. */

const CHATTER =
  /(?:\bI hope\b|<\|(?:im_|end|eot)|<\/?s>|\[Note|\[END|\bThank you\b|\bPlease\b|\bHope this\b|\bLet me know\b)[\s\S]*$/;

/** The first sentence of a text: up to a full stop that ends one, a blank line or chatter. */
export function firstSentence(text: string): string {
  const trimmed = text.replace(CHATTER, '').trim();
  const end = /(?:[.!](?=\s+[A-Z<[$*]|\s*$)|。|\n\s*\n|\n(?=[A-Z#*-])|।|！|؟)/.exec(trimmed);
  return (end ? trimmed.slice(0, end.index) : trimmed).trim();
}

/** Number of characters from the end that are searched for the last sentence. */
const WINDOW = 2_000;
const STATES_SOMETHING = /\d|\$|\\[([]|\\frac|\*\*/;

/** The last sentence with something to read in it; undefined if the text ends without one. */
export function lastSentence(text: string): string | undefined {
  const tail = text.slice(-WINDOW).replace(CHATTER, '').trimEnd();
  const pieces = tail.split(/(?<=[.!?])\s+(?=[A-ZÀ-ÝА-Я<[$*\\])|[。！？।؟]|\n\s*\n|\n(?=[A-Z#*-])/);
  for (let k = pieces.length - 1; k >= Math.max(0, pieces.length - 3); k--) {
    const piece = pieces[k]?.trim() ?? '';
    if (STATES_SOMETHING.test(piece)) return piece;
  }
  return undefined;
}

/** Verbs and signs after which a value stands, and words that carry on to it. */
const JOINT =
  /(?:(?<![\p{L}\p{M}])(?:is|are|was|were|be|equals?|equal to|becomes?|has|have|get|gets|gives|obtain|yields|est|sont|fait|font|vaut|a|ist|sind|beträgt|hat|es|son|tiene|hay|é|è|são|sono|jest|равна|равен|равно|равны|это|составляет|هو|هي|هوّ|يساوي|है|হল)(?![\p{L}\p{M}])|[=:：≈]|等于|就是|共有|一共|总共|得到|[是为為有得]|は|는|은)/gu;
const CARRIED =
  /^(?:[\s*_:：=`"“”]|(?:the|therefore|thus|then|that|approximately|about|exactly|only|simply|just|in total|a total of|donc|de|au total|insgesamt|en total)(?![\p{L}\p{M}]))+/iu;
/** From here on a sentence gives reasons or conditions. */
const REASONS =
  /(?:[\s,;(]+(?:because|since|as (?:shown|desired|required|we|the|it|they)|which|where|so that|due to|see|assuming|parce que|car|weil|porque|pois|perché|ponieważ|ya que|kwa sababu|koska|vì|karena|потому что|لأن|কারণ|क्योंकि|เพราะ)(?![\p{L}\p{M}])|，?因为|，?其中)[\s\S]*$/u;
const NEGATED =
  /(?<!\p{L})(?:not|rather than|instead of|不是|而不是)\s*(?:\$[^$\n]{1,80}\$|\\\([^\n]{1,80}?\\\)|\S+)/gu;

export function withoutReasons(text: string): string {
  return text.replace(REASONS, '');
}

/** Without `not 5`. */
export function withoutNegated(text: string): string {
  return text.replace(NEGATED, ' ');
}

/** `$…$` blanked out, so that the joints inside formulas don't count. */
function outsideFormulas(sentence: string): string {
  return sentence.replace(/\$[^$]*\$|\\\([\s\S]*?\\\)|\\\[[\s\S]*?\\\]/g, (formula) => ' '.repeat(formula.length));
}

/**
 * The answer that a sentence states; the sentence itself if nothing else can be found. `isMath` says whether a text is
 * mathematics as a whole.
 */
export function statedIn(sentence: string, isMath: (text: string) => boolean): string {
  if (isMath(sentence)) return sentence;
  const claim = withoutNegated(sentence).replace(REASONS, '').trim();
  if (claim !== sentence && isMath(claim)) return claim;
  const joints = [...outsideFormulas(claim).matchAll(JOINT)].slice(-6).reverse();
  for (const joint of joints) {
    const after = claim
      .slice(joint.index + joint[0].length)
      .replace(CARRIED, '')
      .replace(/[.。．,，;]\s*$/, '');
    if (after === '') continue;
    if (/[\d$\\(∞πe\-−xyzn]/.test(after[0] ?? '') && isMath(after)) return after;
    // `858 sweets in 26 bags`: the number that comes first.
    const leading = /^(?:[$€£¥]\s?)?-?\d[\d,.]*(?:\/\d+)?%?(?=\s+\p{L}|\p{Script=Han}|\p{Script=Hangul})/u.exec(
      after,
    )?.[0];
    if (leading !== undefined) return leading.replace(/[.,]$/, '');
  }
  const spans = mathSpans(claim);
  if (spans.length > 0) return lastSpans(claim, spans) ?? claim;
  return lastEmphasis(claim) ?? lastTuple(claim) ?? lastNumber(claim) ?? claim;
}

/** `… the point (3, 4)`: the sentence ends with something in brackets. */
function lastTuple(claim: string): string | undefined {
  return /[([（][^()[\]（）]*[,，][^()[\]（）]*[)\]）](?=[.。]?\s*$)/.exec(claim)?.[0];
}
