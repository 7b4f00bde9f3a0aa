import { isWordedNumber, leadingHanNumber, leadingWordedNumber } from '../normalise/number-words.ts';
import { isProse } from '../normalise/prose.ts';
import { afterDisowning } from './aftermath.ts';
import { endsComputed, states } from './assertions.ts';
import { computedValue, reasonedValue } from './computations.ts';
import { lastRow } from './displays.ts';
import { withoutEmphasis } from './emphasis.ts';
import { isSupposed } from './phrases.ts';
import { isComputedCount, isStatement } from './plain-statements.ts';
import { leadingQualifier, type Qualifier, qualifierBefore, qualifierBehind } from './qualifiers.ts';
import { afterRetraction, isPlan, isRefusal, isRepetition } from './refusals.ts';
import { cutSentence, lastSentences, withoutNegated, withoutReasons } from './sentences.ts';
import { lastEmphasis, lastNumber, lastSpans, mathSpans } from './spans.ts';

/** What a sentence states: the value behind its last verb or sign. */

/** Says whether a text as a whole is mathematics. */
export type IsMath = (text: string) => boolean;

/** Verbs and signs after which a value stands, and words that carry on to it. */
const JOINT =
  /(?:(?<![\p{L}\p{M}])(?:is|are|was|were|be|prints?|printed|outputs?|returns?|returned|equals?|equal to|becomes?|has|have|get|gets|got|gives|give|obtain|obtains|find|finds|conclude|yields|yield|est|sont|fait|font|vaut|a(?=\s+[\d$])|takes?|took|needs?|requires?|costs?|weighs?|earn(?:s|ed)?|pays?|paid|makes?|made|contains?|lasts?|sells?|sold|receives?d?|spen[dt]s?|saves?d?|leaves?|comes to|amounts? to|totals?|ends? up with|sums? to|adds? up to|results? in|leads to|left with|ist|sind|beträgt|hat|es|son|tiene|hay|é|è|são|sono|jest|равна|равен|равно|равны|это|составляет|هو|هي|هوّ|يساوي|है|হল)(?![\p{L}\p{M}])|[=≈→⇒]|(?<!\d\s?)[:：](?!\d)|[:：]\s|等于|就是|共有|一共|总共|得到|[是为為有得]|は|는|은)/gu;
const CARRIED =
  /^(?:[\s_:：=`"“”]|(?:the|therefore|thus|then|that|approximately|about|exactly|precisely|only|simply|just|in total|a total of|equal to|given by|at|donc|de|au total|insgesamt|en total)(?![\p{L}\p{M}]))+/iu;
/** What comes behind says the same in other words. */
const RESTATED =
  /(?:,|;|—|–)?\s*(?:\b(?:in other words|that is(?: to say)?|i\.\s?e\.|namely|or equivalently|equivalently|or rather|or simply|or just)|c['’]est[- ]à[- ]dire|das heißt|d\.\s?h\.|es decir|o sea|ou seja|isto é|cioè|то есть|т\.\s?е\.|也就是说?|换句话说|换言之|即|すなわち|つまり|즉)[,，:：]?\s*(?=\S)/gi;
/** A minimum or maximum that is asked for is answered by `at least 8 are needed`. */
const NEEDED =
  /\b(?:needs?|needed|requires?|required|must|have to|has to|can|could|takes?|suffic\w+|enough|draw|buy|choose|pick|use|possible)\b|faut|nécessa|suffi|benötigt|braucht|nötig|erforderlich|necesit|hacen falta|hay que|нужно|требуется|понадоб|precis|serv|occorr|需|才能|可|能|要|(?:最多|至少)有/i;
/** Words that stand for a set or a value. */
const WORDED =
  /^(?:no (?:real |integer |such )?(?:solutions?|roots?|answers?)|none|all (?:real|integers)|infinitely|infinity|empty set|does not exist|undefined|无解|不存在)/i;
const MATHEMATICAL_START =
  /^[\d$\\([{|∞π√±∛∜¬½⅓¼¾⅔\-−+–]|^\\?[A-Za-z]{1,6}\s*[(^_+\-−*/=<>≤≥·×]|^(?:[a-zA-Z]|pi|infinity)$/;

const FORMULA = /\$[^$]*\$|\\\([\s\S]*?\\\)|\\\[[\s\S]*?\\\]|\\begin\{[a-z]{1,20}\*?\}[\s\S]*?\\end\{[a-z]{1,20}\*?\}/g;

/** `$…$` blanked out, so that the joints inside formulas don't count. */
function outsideFormulas(sentence: string): string {
  return sentence.replace(FORMULA, (formula) => ' '.repeat(formula.length));
}

/** `So x > 8`, `We see that x ≠ 8`: the words before a formula that is the statement. */
const LEAD =
  /^(?:(?:so|thus|hence|therefore|finally|then|now|and|we|one|it|see|get|have|find|obtain|conclude|deduce|follows|know|that|also|daher|somit|also|donc|entonces|por tanto|portanto|quindi|итак|значит|所以|因此|故|于是|则)(?![\p{L}])[,，:：]?\s*|所以|因此|故|于是){1,6}/iu;

/** `Any greater x works, so …`: what comes before the conclusion of a sentence. */
const CONCLUDED = /^.*[,;，]\s*(?=(?:so|thus|hence|therefore|i\.e\.|that is)\s|所以|因此|故|于是)/iu;

const withoutStop = (text: string): string => text.replace(/[.。．,，;]\s*$/, '').trim();

/** A value with the qualifier around it; undefined for a denied one. */
function qualified(kind: Qualifier | undefined, value: string, whole: string): string | undefined {
  if (kind === undefined) return value;
  if (kind === '\\ne') return undefined;
  return kind === 'other' ? whole : `${kind} ${value}`;
}

/**
 * The values that an announcement (`The answer is …`) may mean, most likely first; none if it denies, asks or refuses.
 * A bound comes with its sign: `\ge 8`.
 */
export function readClaim(claim: string, isMath: IsMath): string[] {
  const { text: cut, mark } = cutSentence(claim);
  if (/^[?？؟]/.test(mark) || isRefusal(cut) || /\((?:or|maybe|perhaps)\s/i.test(cut)) return [];
  const text = claimProper(cut.replace(BECAUSE, ''), isMath);
  if (text === '') return [];
  if (isMath(text) && leadingQualifier(text) === undefined)
    return mark === '!' && /\d$/.test(text) ? [`${text}!`, text] : [text];
  if (isRefusal(text) || UNKNOWN.test(text)) return [];
  const value = readQualified(withoutReasons(text).trim(), isMath, true);
  if (value === undefined) return [];
  return mark === '!' && /\d$/.test(value) ? [`${value}!`, value] : [value];
}

/** `57, car 19 × 3 = 57`: short words of reason that would be read as letters. */
const BECAUSE = /,\s*(?:because|since|car|weil|denn|porque|ya que|pois|perché)\s.*$/isu;
const UNKNOWN = /^(?:still )?(?:unknown|unclear|not (?:clear|known)|undetermined|uncertain|beyond|missing)(?![a-z])/i;
/** Copulas behind a value: `24です`, `24입니다`. */
const COPULA = /(?<=[\d)\]}a-z$π]\s?)(?:です|である|だ|となる|になります|となります|입니다|이다|예요|이에요)\s*$/;
/** `40, no, 44`: only what stands behind counts. */
const CORRECTED =
  /^[^.!?。\n]{1,60}?(?:,|\s[—–-])\s*(?:no[,:]|(?:sorry|oops|wait|rather|I mean)[,:]?)\s+(?=[\d$\\−-])/i;
/** What follows a value and isn't part of it. */
const ASIDE = /^(.+?)(?:;|\s[—–]\s|,\s+(?!(?:and|or|et|ou|und|oder|y|o|e|и|или)\s)(?=\p{L}{2})|\s+\((?!mod))/u;

/** A claim without asides, copulas and brackets that were opened before it; the last row of a display. */
function claimProper(text: string, isMath: IsMath): string {
  let claim = lastRow(text.replace(CORRECTED, '').replace(COPULA, ''));
  while (
    /["}]$/.test(claim) &&
    (claim.match(/\}/g)?.length ?? 0) + (claim.endsWith('"') ? 1 : 0) > (claim.match(/\{/g)?.length ?? 0)
  )
    claim = claim.slice(0, -1).trim();
  const head = ASIDE.exec(claim)?.[1]?.trim();
  if (
    isMath(claim) &&
    (head === undefined || !(isProse(claim.slice(head.length)) || /^\s[—–]\s+an?\s/.test(claim.slice(head.length))))
  )
    return claim;
  return head !== undefined && /^(?:[\d$\\([{√π+−-]|[a-zA-Z]\w{0,3}\s*=)/.test(head) && isMath(head) ? head : claim;
}

/** `5!` at the end of a sentence may be a factorial or an exclamation; `7 (mod 10)` the remainder 7. */
function readings(value: string, mark: string, isMath: IsMath): string[] {
  const bare = value.replace(/(?<=\d)!$/, '');
  if (mark === '!' && /\d$/.test(value)) return [`${value}!`, value];
  if (bare !== value) return [value, bare];
  if (!value.includes('mod')) return [value];
  const remainder = value.replace(MODULUS, '').trim();
  return remainder !== value && remainder !== '' && isMath(remainder) ? [value, remainder] : [value];
}

const MODULUS =
  /(?:\s*\(\s*\\?(?:b?mod|modulo)\s[^()]{1,20}\)|\s*\\pmod\s*\{?[^{}]{1,20}\}?|\s+(?:\\bmod|mod|modulo)\s.{1,20})$/;

/** The value that a sentence states; undefined if it denies it or states nothing readable. */
function readStatement(sentence: string, isMath: IsMath, textBefore: string): string | undefined {
  const whole = withoutStop(withoutEmphasis(sentence).trim());
  const counted = computedValue(whole);
  if (counted === 'held') return undefined;
  const conclusion = whole.replace(CONCLUDED, '');
  if (conclusion !== whole) {
    const concluded = conclusion.replace(LEAD, '');
    if (isMath(concluded)) return concluded;
  }
  const text = claimProper(whole, isMath);
  if (isMath(text) && leadingQualifier(text) === undefined) return text;
  const formula = text.replace(LEAD, '');
  if (formula !== text && /[<>≤≥≠]|\\(?:le|ge|ne|lt|gt)/.test(formula) && isMath(formula)) return formula;
  const computed = reasonedValue(whole) ?? counted;
  if (computed === 'held') return undefined;
  if (computed !== undefined && states(whole, computed) && !isDisowned(whole, computed)) return computed;
  const value = readQualified(text, isMath, false, sentence);
  return value === undefined ||
    ((isComputedCount(whole, value) || states(text, value)) &&
      !isDisowned(text, value) &&
      isStatement(whole, value, textBefore))
    ? value
    : undefined;
}

/** `x = 15 is extraneous`. */
function isDisowned(sentence: string, value: string): boolean {
  const at = sentence.lastIndexOf(value);
  return at >= 0 && afterDisowning(sentence.slice(at + value.length)) !== undefined;
}

function readQualified(text: string, isMath: IsMath, isClaim: boolean, emphasised = text): string | undefined {
  const number = isClaim ? LEADING_NUMBER.exec(text)?.[0] : undefined;
  if (number !== undefined && qualifierBehind(text.slice(number.length)) === '\\ne') return undefined;
  const leading = leadingQualifier(text);
  if (leading === undefined) return valueIn(text, isMath, isClaim, emphasised);
  const rest = text.slice(leading.length);
  if (!isClaim && (leading.kind === '\\ge' || leading.kind === '\\le') && NEEDED.test(text))
    return valueIn(rest, isMath, true, emphasised);
  if (leading.kind === '\\ne') return isClaim ? undefined : valueIn(text, isMath, isClaim, emphasised);
  if (leading.kind === 'other') return text;
  const value = valueIn(rest, isMath, isClaim, emphasised);
  return value === undefined ? undefined : qualified(leading.kind, value, text);
}

function valueIn(sentence: string, isMath: IsMath, isClaim: boolean, emphasised: string): string | undefined {
  const asserted = withoutNegated(sentence);
  const reasoned = withoutReasons(asserted).trim();
  const restated = lastRestatement(reasoned);
  if (restated !== undefined) {
    const value = valueAtEnd(restated, isMath, isClaim, restated);
    if (value !== undefined && isMath(value)) return value;
  }
  const value = valueAtEnd(reasoned, isMath, isClaim, emphasised);
  // `x is not 8` denies and states nothing else.
  return asserted !== sentence && value !== undefined && !isMath(value) ? undefined : value;
}

function lastRestatement(claim: string): string | undefined {
  let end = -1;
  for (const match of outsideFormulas(claim).matchAll(RESTATED))
    if (match.index > 0) end = match.index + match[0].length;
  return end < 0 ? undefined : claim.slice(end);
}

/** `858 sweets in 26 bags`: the number that comes first. */
const LEADING_NUMBER =
  /^(?:[$€£¥]\s?)?[-−]?\d[\d,.]*(?:\/\d+)?%?(?=\s+\p{L}|\s*\(\s*\\?(?:b?mod|modulo)\s|\p{Script=Han}|\p{Script=Hangul})/u;

const TIME = /(?<!\d)\d{1,2}(?::\d{2})?\s*[ap]\.?\s?m\b\.?/i;
/** Several values with their names. */
const NAMED_VALUES = /=[^=]{1,60}(?:,|;|\band\b|\bor\b|和|或)[^=]{1,30}=/;

function valueAtEnd(claim: string, isMath: IsMath, isClaim: boolean, emphasised: string): string | undefined {
  if (isMath(claim)) return claim;
  const direct = isClaim ? atStart(claim, claim, isMath, isClaim) : undefined;
  if (direct !== undefined) return direct.value;
  const subject = /^([-−]?[\d$\\(](?:\S*|[^\p{L},;]{1,30}))\s+(?:is|are)\s+(?:the|our|my)(?![a-z])/iu.exec(claim)?.[1];
  if (subject !== undefined && isMath(subject)) return subject;
  const joints = [...outsideFormulas(claim).matchAll(JOINT)].slice(-6).reverse();
  if (NAMED_VALUES.test(claim)) {
    // `we get x = 3, y = 4`: all of it.
    for (const joint of [...joints].reverse()) {
      const after = withoutStop(claim.slice(joint.index + joint[0].length).replace(CARRIED, ''));
      if (NAMED_VALUES.test(after) && isMath(after)) return after;
    }
  }
  for (const joint of joints) {
    const end = joint.index + joint[0].length;
    const found = atStart(claim.slice(end), claim, isMath, isClaim);
    if (found === undefined) continue;
    const kind = qualifierBefore(claim.slice(0, end));
    if (kind === '\\ne') return undefined;
    const isBound = kind !== undefined && kind !== 'other' && !(!isClaim && NEEDED.test(claim));
    return isBound && found.value !== undefined ? `${kind} ${found.value}` : found.value;
  }
  const spans = mathSpans(claim);
  const lastSpan = spans.at(-1);
  if (lastSpan) {
    const value = lastSpans(claim, spans) ?? claim;
    return around(value, claim.slice(0, lastSpan.start), claim.slice(lastSpan.end), claim, isClaim);
  }
  const emphasis = lastEmphasis(emphasised);
  const number = /\d:\d\d/.test(claim) && !isClaim && !isResult(claim) ? undefined : lastNumber(claim);
  const time = TIME.exec(claim)?.[0];
  if (time !== undefined) return time;
  const value = (emphasis !== undefined && isMath(emphasis) ? emphasis : undefined) ?? lastTuple(claim) ?? number;
  if (value === undefined) return claim;
  const at = claim.lastIndexOf(value);
  return at < 0 ? value : around(value, claim.slice(0, at), claim.slice(at + value.length), claim, isClaim);
}

/** A value directly behind a joint, with qualifiers; undefined where none stands there. */
function atStart(
  behind: string,
  claim: string,
  isMath: IsMath,
  isClaim: boolean,
): { readonly value: string | undefined } | undefined {
  let after = withoutStop(behind.replace(CARRIED, ''));
  if (after === '') return undefined;
  const leading = leadingQualifier(after);
  const isNeeded = !isClaim && (leading?.kind === '\\ge' || leading?.kind === '\\le') && NEEDED.test(claim);
  if (leading) after = after.slice(leading.length);
  const kind = isNeeded ? undefined : leading?.kind;
  if ((MATHEMATICAL_START.test(after) || WORDED.test(after) || isWordedNumber(after)) && isMath(after))
    return { value: qualified(kind, lastRow(after), claim) };
  const time = TIME.exec(after);
  if (time?.index === 0) return { value: qualified(kind, time[0], claim) };
  const number = LEADING_NUMBER.exec(after)?.[0];
  if (number !== undefined) {
    const value = number.replace(/[.,]$/, '');
    const behindKind = relevant(qualifierBehind(after.slice(number.length)), isClaim);
    return { value: qualified(kind ?? behindKind, value, claim) };
  }
  const worded = leadingWordedNumber(after) ?? leadingHanNumber(after);
  if (worded !== undefined) return { value: qualified(kind, worded, claim) };
  return leading && kind !== undefined && isClaim ? { value: claim } : undefined;
}

/** In a statement `8 times as many` is a value: only an announcement is taken at its word. */
function relevant(kind: Qualifier | undefined, isClaim: boolean): Qualifier | undefined {
  return kind === 'other' && !isClaim ? undefined : kind;
}

const REFERENCE =
  /(?:problem|exercise|question|page|line|code|step|case|example|figure|table|chapter|section|item|task|part|after|first|aufgabe|problème|problema|ejercicio|esercizio|задач[аиу]|問題|题|第|to|for|of the|from|with|和)\s*\(?#?$/i;

/** Whether a sentence without a verb before its number may state it: a conclusion, or one in another language. */
export function isResult(claim: string): boolean {
  if (REFERENCE.test(beforeLastNumber(claim)) || NEGATED.test(claim)) return false;
  return CONCLUDES.test(claim) || /[^\0-\u024f]/.test(claim) || !ENGLISH.test(claim);
}

/** Words of denial: a number in such a sentence is not stated by it. */
const NEGATED =
  /(?<!\p{L})(?:without|none|nor|never|doubt|nicht|keine?|ohne|sans|jamais|impossible|imposible|sin|nunca|não|sem|senza|non|mai|не|нет|без|нельзя|unmöglich|nie|inte|ikke|niet|geen|değil)(?!\p{L})|(?<![分区])[不没无]|ません|ない|않|없|못|لا(?!\p{L})|ليس/iu;

const ENGLISH = /(?<![A-Za-z])(?:the|at|after|with|see|of|left|code|exited|to|be|remain|and|would|more)(?![A-Za-z])/i;

function beforeLastNumber(claim: string): string {
  const number = lastNumber(claim);
  return number === undefined ? claim : claim.slice(0, claim.lastIndexOf(number));
}

const UNREAD_RELATION =
  /(?:[<>≤≥≠≪≫]|!=|\\(?:n?leq?|n?geq?|neq?|nless|ngtr|lt|gt|ll|gg|lll|ggg|lesssim|gtrsim|propto|sim|prec|succ|n?mid|notin|not\s*\\?\S{1,8}))\s*$/;

function around(value: string, before: string, behind: string, claim: string, isClaim: boolean): string | undefined {
  if (UNREAD_RELATION.test(before)) return undefined;
  // `9+` is no number.
  if (/^\s?[+*](?!\s*[\w\\(])/.test(behind)) return isClaim ? claim : undefined;
  const kind = qualifierBefore(before);
  const isNeeded = !isClaim && (kind === '\\ge' || kind === '\\le') && NEEDED.test(claim);
  return qualified((isNeeded ? undefined : kind) ?? relevant(qualifierBehind(behind), isClaim), value, claim);
}

/** `… the point (3, 4)`: the sentence ends with something in brackets. */
function lastTuple(claim: string): string | undefined {
  return /[([{（][^()[\]{}（）]*[,，][^()[\]{}（）]*[)\]}）](?=[.。]?\s*$)/.exec(claim)?.[0];
}

/** `I was not sure at first, but …`: what stands before the main clause. */
const CONCEDED = /^[^.!?。]{0,200}?,? (?:but|yet|pero|mais|aber|sondern|но) (?=[^.!?。]*\d)/iu;
/** `If we add these, …`. */
const CONDITION = /^(?:if|when|once|wenn|si|если|如果|若)(?!\p{L})[^,.!?，。]{0,120}[,，]\s*(?:then(?!\p{L})\s*)?/iu;

/** The main clause of a sentence that first refuses or supposes. */
function mainClause(sentence: string): string {
  const conceded = isRefusal(sentence) ? CONCEDED.exec(sentence)?.[0] : undefined;
  const main = conceded !== undefined && isRefusal(conceded) ? sentence.slice(conceded.length) : sentence;
  return main.replace(CONDITION, '');
}

/** `The naive answer is 26, but it is 25`: what follows the contrast. */
function afterContrast(sentence: string): string {
  return sentence.replace(/^.*(?:[,;]\s*|\s)(?:but|yet|however|pero|mais|aber|но|但|而)\s/iu, '');
}

/** Number of sentences from the end that are looked at for a statement. */
const SENTENCES = 3;
const CONCLUDES =
  /(?<!\p{L})(?:so(?! far)|thus|hence|therefore|finally|donc|also|daher|entonces|por tanto|portanto|quindi|итак|значит|поэтому)(?!\p{L})|=|所以|因此|故/iu;
const READABLE = /[\d$\\*π√]|\\frac/;

/** What a text states at its end. `isOpen`: it ends with a refusal, a plan or the problem, so that nothing before it counts. */
export function lastStatement(
  text: string,
  isMath: IsMath,
): { readonly sentence?: string; readonly values: readonly string[]; readonly isOpen: boolean } {
  const sentences = lastSentences(text, SENTENCES);
  for (const [k, sentence] of sentences.entries()) {
    const plain = withoutEmphasis(sentence).trim();
    const instead = afterRetraction(plain);
    const stated = mainClause(instead ?? sentence);
    if (
      isRefusal(stated === sentence ? plain : stated) ||
      (isPlan(plain) && !endsComputed(plain)) ||
      isRepetition(plain)
    )
      return { sentence, values: [], isOpen: true };
    const isQuestion = /[?？؟]\s*$/.test(plain);
    const value =
      isQuestion || isSupposed(afterContrast(plain))
        ? undefined
        : readStatement(stated, isMath, text.slice(0, Math.max(0, text.lastIndexOf(sentence))));
    // Before the last sentence only a conclusion is the answer; the others report what is known.
    if (k > 0 && !CONCLUDES.test(plain)) return { sentence, values: [], isOpen: true };
    if (value === undefined || (instead !== undefined && !isMath(value))) {
      if (isQuestion && !READABLE.test(sentence)) continue;
      return { sentence, values: [], isOpen: true };
    }
    // `I don't know. There are 24 students.` concludes nothing.
    const isAfterRefusal = !CONCLUDES.test(plain) && sentences.slice(k + 1).some((earlier) => isRefusal(earlier));
    if (isAfterRefusal) return { sentence, values: [], isOpen: true };
    if (READABLE.test(sentence) || isMath(value))
      return { sentence, values: readings(value, '', isMath), isOpen: false };
  }
  return { values: [], isOpen: false };
}
