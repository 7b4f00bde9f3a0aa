/** Where sentences end and where their reasons begin. */

const CHATTER =
  /(?:\bI hope\b|<\|(?:im_|end|eot)|<\/?s>|\[Note|\[END|\bThank you\b|\bPlease\b|\bHope this\b|\bLet me know\b|\bFeel free\b|\bIf you (?:have|need|want|would)\b)[\s\S]*$/;

const ABBREVIATED =
  '(?<!\\b(?:i\\.e|e\\.g|[Aa]pprox|resp|cf|vs|[Ee]q|[Ff]ig|No|ca|z\\.\\s?B|d\\.\\s?h|[ap]\\.\\s?m|sq|cu|Dr|Mr|Mrs|St))';
const SENTENCE_END = new RegExp(
  `(?:${ABBREVIATED}\\.(?=\\s+[A-ZÀ-ÝА-Я<[$*\\\\(]|\\s*$|\\p{Script=Han})|(?<=[\\p{L}\\p{N})])(?:\\.{3}|…)(?=\\s+\\p{L}{2})|!(?=\\s+[A-Z<[$*]|\\s*$)|[?？؟]|[。।！]|\\n\\s*\\n|\\n(?=[A-Z#*-]))`,
  'u',
);

const DISPLAY = /^(?:\\\[[\s\S]*?\\\]|\$\$[\s\S]*?\$\$|\\begin\{(\w{1,20}\*?)\}[\s\S]*?\\end\{\1\})/;

/** The first sentence of a text: up to a full stop that ends one, a blank line or chatter. */
export function firstSentence(text: string): string {
  return cutSentence(text).text;
}

export interface Sentence {
  readonly text: string;
  /** `?`, `!`, … or empty. */
  readonly mark: string;
}

/** The first sentence, with the mark that ends it. */
export function cutSentence(text: string): Sentence {
  const trimmed = text.replace(CHATTER, '').trim();
  // A display is part of its sentence, line breaks and all.
  const from = DISPLAY.exec(trimmed)?.[0].length ?? 0;
  const end = SENTENCE_END.exec(trimmed.slice(from));
  return {
    text: (end ? trimmed.slice(0, from + end.index) : trimmed).trim(),
    mark: end?.[0].trim() ?? '',
  };
}

/** Number of characters from the end that are searched for the last sentence. */
const WINDOW = 2_000;
const BOUNDARY = new RegExp(
  `(?<=${ABBREVIATED}[.!?])\\s+(?=[A-ZÀ-ÝА-Я<[$*\\\\(✅])|(?<=[。！？।؟．])|\\n\\s*\\n|\\n(?=[A-Z#*-])`,
  'u',
);

/** The last sentences of a text, last first, without chatter and blank ones. */
export function lastSentences(text: string, most: number): string[] {
  const tail = text.slice(-WINDOW).replace(CHATTER, '').trimEnd();
  const pieces = tail.split(BOUNDARY).filter((piece) => /[\p{L}\p{N}$\\]/u.test(piece));
  return pieces.slice(-most).reverse();
}

/** From here on a sentence gives reasons or conditions. */
const REASONS =
  /(?:[\s,;(]+(?:because|since|as (?:shown|desired|required|requested|expected|claimed|we|the|it|they)|which|where|so that|due to|see|assuming|parce que|car|weil|porque|pois|perché|ponieważ|ya que|kwa sababu|koska|vì|karena|потому что|так как|поскольку|لأن|কারণ|क्योंकि|เพราะ|denn|da|omdat|fordi|eftersom|çünkü|mert|protože)(?![\p{L}\p{M}])|,\s*(?:when|whenever|attained|achieved|obtained|reached|with equality|occurring)(?![\p{L}])|，?(?:因为|由于)|，?其中)[\s\S]*$/u;
const NEGATED =
  /(?<!\p{L})(?:not|rather than|instead of|不是|而不是)\s*(?:be\s+|equal\s+(?:to\s+)?)?(?:\$[^$\n]{1,80}\$|\\\([^\n]{1,80}?\\\)|\S+)/gu;

export function withoutReasons(text: string): string {
  return text.replace(REASONS, '');
}

/** Without `not 5`. */
export function withoutNegated(text: string): string {
  return text.replace(NEGATED, ' ');
}
