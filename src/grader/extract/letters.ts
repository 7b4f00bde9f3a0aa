import { afterJudgement } from './aftermath.ts';
import { isHeldBack } from './assertions.ts';
import { DENIAL } from './denial.ts';
import { announces, namesAnswer } from './phrases.ts';

/** Multiple choice: the letter a text settles on. Letters of several scripts; Greek and accented ones are no choices. */

const SCRIPTS = [
  'A-J',
  'А-Ж',
  'أإابجدهـو',
  'অআকখগঘঙচছ',
  'कखगघङच',
  'ก-ง',
  'కఖగఘఙ',
  'Α-Ε',
  'ㄱ-ㅎ',
  '가나다라마',
  'ア-オ',
] as const;
const LETTER = `[${SCRIPTS.join('')}]`;

/** The script that a choice letter is of. */
function scriptOf(letter: string): string {
  return SCRIPTS.find((script) => new RegExp(`[${script}]`, 'u').test(letter)) ?? 'A-J';
}

function plain(answer: string): string {
  return answer
    .replace(/\\(?:text(?:bf|it|rm|sf|normal)?|math(?:rm|bf|sf|it)|left|right|quad|[,;!() ])(?![a-zA-Z])\s*/g, '')
    .replace(/[{}$\s*_"'`]+/g, ' ')
    .trim();
}

const BARE = /^[([（]?\s*(\p{L})\s*[)\]）]?[.:,。：]*$/u;

/** `C`, `(C)`, `\text{(C)}`, `\textbf{C}`, `C.`; the upper-case letter, or undefined. */
export function bareLetter(answer: string): string | undefined {
  if (answer.length > 40) return undefined;
  const letter = BARE.exec(plain(answer))?.[1];
  return letter !== undefined && new RegExp(`^(?:${LETTER}|[A-Z])$`, 'u').test(letter) ? letter : undefined;
}

const LEADING = new RegExp(
  `^[(（]?(${LETTER})(?:[)）.:：、](?![\\d.])|\\s*[-–]\\s|\\s+(?=[A-Z][a-z]|[($\\p{Lo}])|$)`,
  'u',
);

/** `C. text`, `(C) text`, `C: text`, `C Cecile`: the letter. */
export function leadingLetter(answer: string): string | undefined {
  return LEADING.exec(plain(answer.slice(0, 300)))?.[1];
}

const WRONG =
  "\\(?(?:not|n['’]t|wrong|incorrect|false|fausse?|falsch|fals[aoie]s?|fausses|incorret[ao]s?|incorrect[ao]s?|ошибочн\\w*|sbagliat\\w|errat\\w|errad\\w|błędn\\w*|fałszyw\\w*|nieprawid\\w*|nespráv\\w*|fel|fout|onjuist|forkert|feil|salah|sai|yanlış\\w*|невер\\w*|неправ\\w*|ошиб\\w*|خطأ|خاطئة?|غلط|ग़?लत|错|不)";
/** `A jest błędna`, `A est fausse`. */
const RULED_OUT = new RegExp(
  `^[(（]?${LETTER}[)）]?(?:\\s*(?:,|\\/|and|or|und|oder|et|ou|y|e|o|и|или|和|与|、)\\s*[(（]?${LETTER}[)）]?){0,4}\\s*[:：]?\\s*(?:[\\p{L}'’]{1,6}\\s+)?${WRONG}(?![a-zà-ÿ])`,
  'iu',
);

/** `D: no. A: yes.`; `B: No` alone is the text of an option. */
const VOTED_DOWN = new RegExp(
  `^[(（]?(${LETTER})[)）]?\\s*[:：]\\s*(?:no|nope|✗|✘|❌|non|nein|нет|不对?|否)(?!\\p{L})[\\s\\S]{0,200}(?<!\\p{L})(?!\\1)${LETTER}[)）]?\\s*[:：]\\s*(?:yes|true|correct|right|✓|✔|✅|oui|ja|sí|да|对|正确|是)(?!\\p{L})`,
  'iu',
);

/** Whether a text begins with a letter that it calls wrong. */
export function isRuledOut(text: string): boolean {
  return RULED_OUT.test(text) || VOTED_DOWN.test(text);
}

/** The letter of the gold's script that a text begins with, if no other is named as well: `B because …`, not `A or B`. */
export function firstLetter(text: string, gold: string): string | undefined {
  const script = scriptOf(gold);
  return new RegExp(
    `^[([（{*"“「]*([${script}])(?![\\p{Script=Latin}${BESIDE[script] ?? ''}\\p{M}\\d'’])(?!\\s*(?:,|or|and|oder|ou|et|o|或|和|、|/|&)\\s*[${script}](?!\\p{L}))`,
    'u',
  ).exec(text)?.[1];
}

/** What stands behind the letter in `(C) text`; undefined if nothing does. */
export function textAfterLetter(answer: string): string | undefined {
  const text = plain(answer.slice(0, 300));
  const rest = bareLetter(answer) === undefined ? text.slice(LEADING.exec(text)?.[0].length ?? text.length).trim() : '';
  return rest === '' ? undefined : rest;
}

/** Letters of the same script that may not stand directly before a choice letter. */
const BESIDE: Readonly<Record<string, string>> = {
  'А-Ж': '\\p{Script=Cyrillic}',
  أإابجدهـو: '\\p{Script=Arabic}',
  অআকখগঘঙচছ: '\\p{Script=Bengali}',
  कखगघङच: '\\p{Script=Devanagari}',
  'ก-ง': '\\p{Script=Thai}',
  కఖగఘఙ: '\\p{Script=Telugu}',
  'Α-Ε': '\\p{Script=Greek}',
};
/** `B, not A`; `it can't be A or B`; `B不是A`. */
const NEGATED_LETTER =
  /(?:(?<!\p{L})(?:not|(?:can['’]t|cannot|could\s?n['’]t|not) be|is\s?n['’]t|rather than|instead of|unlike|except|(?:anything|all|everything|any) but|other than|apart from|doubt|reject(?:s|ed)?|exclud(?:e|es|ed|ing)|eliminat(?:e|es|ed|ing)|discard(?:s|ed|ing)?|rul(?:e|es|ed|ing) out|cross(?:ed|ing)? out|avoid|pas|nicht|no es|non è|не)|而?不是|而非|不选|排除)\s*(?:(?:option|choice|answer|选项)\s*)?[([]?[A-J](?![a-z])[)\]]?(?:\s*(?:,|\/|or|nor|and|或|和|、)\s*[([]?[A-J](?![a-z])[)\]]?)*/giu;

/** `If it were A, …`, `Why not (A)?`. */
const SUPPOSED =
  /(?<![A-Za-z])(?:if|were it|suppose|note that|why not|how about|what about|not the case that)\s[^.!?。\n]*/gi;

/** A letter that is discussed, with its verb: `A ignores the sign`, `B and C are too small`, `选项 A 的错误`. */
const LIST =
  '[(\\[]?(?:[A-J])[)\\]]?(?:\\s*(?:,|\\/|or|nor|and|or|、|和|及|与|,? and)\\s*[(\\[]?[A-J](?![a-z])[)\\]]?)*';
const RIGHT =
  '(?:(?:the|also|indeed|clearly|definitely|therefore|thus|only|most|likely|probably)\\s+){0,3}(?:correct|right|true|best|answer|solution|valid|one|choice|option|it(?![A-Za-z]))';
const DISCUSSED = new RegExp(
  `(?<![\\p{Script=Latin}'’\\\\\\d])${LIST}(?:\\s*\\([^()\\n]{0,60}\\))?(?:\\s*[:：]\\s*(?:no|false|wrong|incorrect|✗|✘|错|不)|\\s+(?:each|all|both)\\s|\\s+(?:(?:is|are|was|were|would|looks?|seems?|must|can|could|does|do|did|has|have|will|cannot)(?:n['’]t|\\s+not)?(?!\\s+(?:be\\s+)?${RIGHT})|fails?|failed|ignores?|ignored|overlooks?|forgets?|contradicts?|violates?|gives?|yields?|doubles?|uses?|assumes?|counts?|misses|adds?|subtracts?|contains?|includes?|mistakes?|confuses?|results?|swaps?|reverses?|drops?|omits?|comes?|follows|corresponds|would|describes?|applies|treats?|takes?|leads?|only|n['’]est|est (?:faux|fausse|incorrecte?|trop|erron\\w+)|ist (?:falsch|nicht|zu)|es (?:falsa|incorrecta|demasiado)|è (?:sbagliata|falsa|errata)|é (?:falsa|incorreta|errada)|неверн\\w*|неправильн\\w*|не\\s|ошибочн\\w*|falsch|faux|wrong|incorrect|خطأ|غلط)|\\s*(?:项|選項|选项)?\\s*(?:的?错|错误|不对|不正确|不成立|不符|有误|忽略|漏|是错|中|不满足|は(?:間違|誤|不正)|는 (?:틀|오)|은 (?:틀|오)|也?不))`,
  'giu',
);

/** `A, B, C and D`: letters in a row settle on none. */
const ENUMERATED =
  /(?<![\p{Script=Latin}'’\\\d])[([]?[A-J][)\]]?(?:\s*(?:,|\/|,? and|,? or|、|和|或|,? maybe)\s+[([]?[A-J](?![\p{Script=Latin}'’])[)\]]?)+/gu;

/** `it is C`, `choose C`, `so C`, `C is correct`, `选C`. */
function assertion(script: string): RegExp {
  const letter = `[*([“"'\`$]*\\\\?(?:text(?:bf)?\\{|mathrm\\{|mathbf\\{)?\\(?([${script}])(?!['’]?[\\p{Script=Latin}\\p{M}\\d])[)\\]}*”"'\`$.]*`;
  return new RegExp(
    `(?:(?<![\\p{L}])(?:so|thus|hence|therefore|it['’]s|it is|it must be|it has to be|it should be|this is|that is|must be|has to be|should be|leaves?(?: us with)?|leaving|left with|choose|chose|pick|picked|select|selected|go(?:ing)? with|went with|opt for|settle on|conclude|mark)(?:,|:)?\\s+(?:(?:that|only|just|with|option|choice|answer|letter|the)\\s+){0,3}|(?:故|应|所以|因此|就|只能|只有|必)?(?:选择?|是|为)(?:选项)?\\s*)${letter}(?!\\s*(?:and|or|,|\\/|、|或|和)\\s*[(]?[A-J](?![\\p{L}]))(?!\\s*(?:项|选项)?\\s*(?:不|错|忽|漏|中|的))(?!\\s+(?:is|are|was)\\s+(?:not|wrong|incorrect|false|too))|(?<![\\p{Script=Latin}\\d'’\\\\])${letter}\\s*(?:(?:is|was|must be|seems|looks|has to be|should be)\\s+(?:to be\\s+)?${RIGHT}|项?(?:是)?(?:正确|对的?|成立)(?!的?是)|选项(?:是)?正确|[:：]\\s*(?:yes|true|correct|right|✓|✔|对|正确)|\\s*(?:works|remains|fits|is the only|holds))`,
    'giu',
  );
}

/**
 * The letter that a text settles on where no answer phrase names one: the last that is asserted, else the last of the gold's script that
 * stands alone and isn't ruled out or discussed. An `A` or `I` followed by a small letter is a word unless it is bracketed,
 * emphasised or followed by punctuation.
 */
export function lastLetter(text: string, gold: string): string | undefined {
  const tail = text.slice(-2000).replace(SUPPOSED, ' ').replace(NEGATED_LETTER, ' ');
  const script = scriptOf(gold);
  if (script === 'A-J') {
    const asserted = [...tail.matchAll(assertion(script))].findLast(
      ({ index }) =>
        !isHeldBack(sentenceBefore(tail, index)) && !/(?:never|not|n['’]t)\s*$/i.test(tail.slice(0, index)),
    );
    const letter = asserted?.[1] ?? asserted?.[2];
    if (letter !== undefined && new RegExp(`[${script}]`).test(letter)) return letter;
  }
  return lastAlone(script === 'A-J' ? tail.replace(DISCUSSED, ' ').replace(ENUMERATED, ' ') : tail, script);
}

function sentenceBefore(text: string, at: number): string {
  return /[^.!?。！？\n]{0,200}$/.exec(text.slice(0, at))?.[0] ?? '';
}

function lastAlone(tail: string, script: string): string | undefined {
  const mention = new RegExp(
    `(?<![\\p{Script=Latin}${BESIDE[script] ?? ''}\\p{M}'’\\\\\\d])([([（{*"“「]*)([${script}])(?!['’]?[\\p{Script=Latin}\\p{Script=Arabic}\\p{Script=Cyrillic}\\p{M}\\d](?<!['’][dt]))([)\\]）}*.:,。"”」]*)`,
    'gu',
  );
  let found: string | undefined;
  for (const match of tail.matchAll(mention)) {
    const [whole, before, letter, after] = match;
    const isWord =
      /^[AIОИВАСК]$/u.test(letter ?? '') &&
      before === '' &&
      after === '' &&
      /^\s+(?!(?:is|was|would|must|should|has|because|since|as|seems|looks|and|or|but|est|ist|es)\b)\p{Ll}/u.test(
        tail.slice(match.index + whole.length),
      );
    const behind = tail.slice(match.index + whole.length);
    if (
      !isWord &&
      afterJudgement(behind) === undefined &&
      !/^\s*\((?:wrong|incorrect|false|falsch|faux|错)/i.test(behind) &&
      !isHeldBack(sentenceBefore(tail, match.index)) &&
      isPicked(sentenceBefore(tail, match.index), whole, behind)
    )
      found = letter;
  }
  return found;
}

/** Words that a sentence may say beside a letter that it picks. */
const PICKING =
  /^(?:so|thus|hence|therefore|then|finally|that|it|is|it['’]?s|this|would|must|has|to|be|will|should|can|only|just|the|we|i|my|our|a|an|choose|chose|chosen|pick|picked|select|selected|take|go|going|with|for|get|conclude|say|mark|option|choice|letter|answer|one|correct|right|best|true|final|possible|remaining|remains|left|leaves|leaving|because|since|as|and|in|case|definitely|clearly|certainly|surely|donc|ainsi|c['’]est|la|le|l|lettre|option|réponse|bonne|correcte|est|choisis|choisir|also|daher|es|ist|die|der|das|wähle|antwort|option|richtig|richtige|buchstabe|nur|entonces|luego|opción|letra|elijo|respuesta|correcta|es|quindi|opzione|scelgo|è|corretta|giusta|portanto|logo|opção|é|correta|certa|значит|поэтому|вариант|буква|это|верен|верный|правильный|правильно|wybieram|zatem|yes|works|fits|matches|agrees|result|holds|survives|satisfies|both|all|consistent|valid|conditions?|equations?|four|of|shows|gives|key|computation|calculation|i['’]d|computing|after)$/iu;
const UNSPACED_PICKING =
  /^(?:[选選项項是为為故所以因此答案应该應該就只有能本题題正确確的对對択肢が正解です답은정답번、，。:：\s]*|[입니다이다]*)$/u;

const CLAUSE_START =
  /^[\s\S]*(?:[,;:，；—(]|(?<!\p{L})(?:but|so|sondern|mais|sino|ma|mas|а|но|then|which|that)(?!\p{L})|而)/iu;
const REASONED =
  /^\s*[)\]}*.]*\s*(?:[,;，；—(]|(?:because|since|as|given|weil|da|denn|car|parce que|puisque|porque|pues|perché|pois|так как|потому что|因为|由于|rather than|instead of|and not|not|nicht|pas|no|non|не|而不是|but not)(?!\p{L}))[\s\S]*$/iu;

/** Whether the clause of a letter does nothing but pick it: the letter alone, with words of choice, or with its own text behind it. */
function isPicked(before: string, mark: string, behind: string): boolean {
  const [rest = ''] = behind.split(/[.!。！？\n]/u, 1);
  if (/[?？]/.test(rest)) return false;
  const clause = before.replace(CLAUSE_START, '');
  const isTitle = clause.trim() === '' && /^[.):：]|[).:：]$/u.test(mark.at(-1) ?? '');
  const said = isTitle ? clause : `${clause} ${rest.replace(REASONED, '')}`;
  if ((announces(said) || (/[^\0-\u024f]/.test(said) && namesAnswer(said))) && !DENIAL.test(said)) return true;
  const words = said.replace(/(?<!\p{L})[ldLD]['’]/gu, ' ').match(/[\p{L}\p{M}'’]+/gu) ?? [];
  return words.every((word) => PICKING.test(word) || UNSPACED_PICKING.test(word));
}

/** `A'dır`, `क है`, `Bです`: nothing but a copula. */
const COPULA_BEHIND =
  /^[\s)\]}*]*(?:['’]?d[ıiuü]r|है|हैं|です|でした|である|だ|で|입니다|이다|است|est|ist|es|è|é|項|项|選項|选项)/u;
/** `A. Paris`, `(D) 12`: the text of the option, to the end of the line. */
const OWN_TEXT = /^(?:[)\]}.:：]+|\s+(?=[A-Z\d$\\]))\s*[^.!?。\n]{1,60}[.。]?\s*(?=\n|$)/u;

/**
 * What stands behind a letter that an answer phrase announces, without its own text and without the clauses that speak of other letters:
 * those say nothing against it.
 */
export function behindLetter(behind: string, letter: string, gold: string): string {
  const own = OWN_TEXT.exec(behind)?.[0];
  const rest =
    own !== undefined && !AGAINST.test(own) && !DENIAL.test(own)
      ? behind.slice(own.length)
      : behind.replace(COPULA_BEHIND, '');
  const script = scriptOf(gold);
  const other = new RegExp(`(?<![\\p{Script=Latin}])(?!${letter})[${script}](?!['’]?[\\p{Script=Latin}\\p{M}])`, 'u');
  const same = new RegExp(`(?<![\\p{Script=Latin}])${letter}(?!['’]?[\\p{Script=Latin}\\p{M}])`, 'u');
  return rest
    .split(
      /(?<=[.!?。！？;；，,])\s*|(?=[(（【])|\n|(?=\s(?:because|since|as|not|rather|weil|denn|car|parce|porque|pois|perché|koska|ponieważ|так|потому|เพราะ)\s)/u,
    )
    .filter((clause) => !(other.test(clause) && !same.test(clause) && !CORRECTS.test(clause)) && !/^【/.test(clause))
    .join(' ');
}

/** Replaces a letter by another one. */
const CORRECTS =
  /^[\s.…]*(?:(?:no|non|nein|nope|нет|não|wait|actually|sorry|oops|hmm+|不)\s*[,.:;!…，—–]|(?:wait|rather|or|instead|make that|i mean|oder|ou|或)(?!\p{L}))/iu;

const TAKES_BACK =
  "(?:(?:no|non|nein|nope|нет|não|nee|nej|不对?)(?=\\s*[.…,;:!，—–-])|(?:wait|hmm+|oops|sorry|pardon|actually|rather|or rather|instead|better|correction|scratch that|make (?:that|it)|i mean|it(?:['’]s| is)))";
const DOUBTS = '(?:or|maybe|perhaps|possibly|then|oder|ou|или|或)';
const SEPARATORS = '[\\s.…,;:!?—–>-]*';
const NEXT_LETTER = `^[)\\]}*"”']*(?<marks>${SEPARATORS}[(]?)(?<words>(?:(?:${TAKES_BACK}|${DOUBTS})(?!\\p{L})${SEPARATORS})*)(?:the )?(?:(?:option|choice|answer|letter)\\s)?[(\\[*]*`;
const LETTER_ENDS = `[)\\]*]*(?=\\s*[.…!]*\\s*(?:$|\\n|[,;.…—–(-]+\\s*(?:${TAKES_BACK}|${DOUBTS})(?!\\p{L})))`;

/**
 * What a text says in place of a letter, where nothing but another letter stands behind it: the last one where each was taken back, else
 * all that were named. undefined where the letter stands.
 *
 * @example replacedLetter('... no, C', 'B', 'B') // 'C'
 */
export function replacedLetter(behind: string, letter: string, gold: string): string | undefined {
  const next = new RegExp(`${NEXT_LETTER}(?<other>[${scriptOf(gold)}])${LETTER_ENDS}`, 'iu');
  const doubts = new RegExp(`(?<!\\p{L})${DOUBTS}(?!\\p{L})(?! rather)`, 'iu');
  const named = [letter];
  let isTakenBack = true;
  let rest = behind.slice(0, 200);
  for (let round = 0; round < 8; round++) {
    const found = next.exec(rest);
    const { marks = '', words = '', other } = found?.groups ?? {};
    if (found === null || other === undefined || other !== other.toUpperCase()) break;
    if (words === '' && marks.trim() === '') break;
    isTakenBack &&= words !== '' && !doubts.test(words);
    named.push(other);
    rest = rest.slice(found[0].length);
  }
  const last = named.at(-1);
  if (named.every((name) => name === letter)) return undefined;
  return isTakenBack ? last : named.join(', ');
}

const AGAINST = /(?<!\p{L})(?:wrong|incorrect|false|wait|but|however|mistake|sorry|actually|fails?)(?!\p{L})|错|不/iu;
