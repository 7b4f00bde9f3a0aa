import { afterDisowning, tellsAgainst } from './aftermath.ts';
import { leadingQualifier, type Qualifier, qualifierBehind } from './qualifiers.ts';

/** An answer that bounds, denies or scales a value in words: `\text{at least } 8`, `8 \text{ does not work}`. */
export interface Hedge {
  readonly kind: Qualifier;
  readonly value: string;
}

/** Relations that aren't read as bounds. */
const UNREAD_SIGN =
  /^(?:\s|[${*]|\\[([]|\\displaystyle(?![a-z]))*(?:[A-Za-z]\w{0,2}\s*)?(?:\\not\s*\\(?!in)[a-z]+|\\(?:ll|gg|nless|ngtr|nleq|ngeq|lll|ggg|lesssim|gtrsim|notin|propto)(?![a-zA-Z])|≪|≫|≮|≯|≲|≳)/;
/** `6+`, `7 -`: more than the value, or cut off. */
const CUT_OFF = /[\d)}]\s*[+*/<>≤≥−-]\s*[$.)]*\s*$/;
const WORDS = /(?<![\\A-Za-z])[A-Za-z]{2,}|\{\s*[A-Za-z]{2,}|[\u0400-\uffff]/;

/** Without the wrappers of mathematics and text. */
function unwrapped(answer: string): string {
  return answer
    .replace(/\\(?:text\w*|mathrm|mbox)\s*\{([^{}]*)\}/g, ' $1 ')
    .replace(/\\[()[\],;:! ]|\\q?quad(?![a-z])|[$~*]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** How an answer qualifies its value; undefined for a plain one. */
export function hedgeOf(answer: string): Hedge | undefined {
  if (answer.length > 200) return undefined;
  if (UNREAD_SIGN.test(answer) || CUT_OFF.test(answer)) return { kind: 'other', value: '' };
  if (!WORDS.test(answer)) return undefined;
  const plain = unwrapped(answer);
  const leading = leadingQualifier(plain);
  if (leading) return { kind: leading.kind, value: plain.slice(leading.length) };
  const [, value, behind] =
    /^((?:[A-Za-z]\w{0,3}\s*=\s*)?[^\p{L}]{0,60}?[\d})][^\p{L}]{0,9}?)[\s(]*(\p{L}.*)$/u.exec(plain) ?? [];
  if (value === undefined || behind === undefined) return undefined;
  if (afterDisowning(behind) !== undefined || tellsAgainst(behind)) return { kind: 'other', value };
  const kind = qualifierBehind(behind);
  return kind === undefined ? undefined : { kind, value };
}
