import { withoutEmphasis } from './emphasis.ts';
import { leadingQualifier } from './qualifiers.ts';
import { firstSentence, withoutReasons } from './sentences.ts';

/** Words with which texts announce an answer, by language. */
const STRONG: readonly string[] = [
  'final answer',
  'final answers',
  'answer',
  'answers',
  'ans\\.?',
  'result(?=\\s*[:=])',
  'conclusion(?=\\s*:)',
  'final result',
  'correct option',
  'correct choice',
  'right option',
  'right choice',
  'best option',
  'best choice',
  'solution is',
  'solutions are',
  'solution set is',
  'result is',
  '最终答案',
  '正确答案',
  '答案',
  '答',
  '正确选项',
  '故选',
  '应选',
  '因此选',
  '所以选',
  '正确的是',
  '結果は',
  '答え',
  '解答は',
  '正解',
  '정답',
  '답',
  'réponse',
  'réponses',
  'respuesta',
  'respuestas',
  'resposta',
  'respostas',
  'risposta',
  'risposte',
  'antwort',
  'antworten',
  'lösung',
  'endergebnis',
  'antwoord',
  'svar',
  'svaret',
  'ответ',
  'ответы',
  'відповідь',
  'отговор',
  'отговорът',
  'odpowiedź',
  'odpowiedzią',
  'odpověď',
  'odpoveď',
  'odgovor',
  'одговор',
  'válasz',
  'răspuns',
  'răspunsul',
  'cevap',
  'yanıt',
  'cavab',
  'đáp án',
  'đáp số',
  'câu trả lời',
  'jawaban',
  'jawabannya',
  'jibu',
  'sagot',
  'vastaus',
  'الإجابة',
  'الاجابة',
  'الجواب',
  'إجابة',
  'جواب',
  'پاسخ',
  'תשובה',
  'התשובה',
  'उत्तर',
  'উত্তর',
  'คำตอบ',
  'సమాధానం',
  'பதில்',
  'απάντηση',
]; // prettier-ignore

/** These also name what is discussed: they count where no other phrase announces anything. */
const WEAK: readonly string[] = ['option', 'choice', '选择', '选项', '选'];

/** Words that join a phrase to its answer. */
const IS =
  '(?:(?:should (?:then |therefore )?be|would (?:then |therefore )?be|must (?:then |therefore )?be|will be|can only be|is equal to|is given by|comes (?:out )?to(?: be)?|turns out to be|works out to(?: be)?|is|are|was|be|equals|est donc|est|sont|son|es|sería|é|è|sono|são|ist|lautet|lauten|sind|beträgt|to jest|jest|to|je|је|är|er|on|ay|este|είναι|это|есть|є|равен|равна|равно|равны|е(?=\\s)|adalah|ialah|là|ni)(?![A-Za-zà-ÿ])|は|는|은|是|为|為|就是|应该?是|应为|選|选|هو|هي|هوّ|है|হল|হলো|คือ|=)';
const FILLER =
  '(?:therefore|thus|then|that|the|approximately|about|exactly|precisely|indeed|simply|just|clearly|also|now|found to be|equal to|given by|option|choice|letter|number|numbers|value|values|following|donc|dunque|quindi|portanto|entonces|also|somit|la|le|el|lo|il|die|der|das|choix|opción|opção|lettre|letra|lettera|Buchstabe|Antwort|вариант|буква|الخيار|选项|等于)';
const OPENING = '[\\s:：=`"\'“‘«”】}]*';
const ADJECTIVE =
  '(?:\\s+(?:to (?:the|this|that|our|your) (?:\\w+ )?(?:question|problem|exercise|puzzle)|correct\\w*|corret\\w*|corrett\\w*|final\\w*|exact\\w*|juste|richtige?|benar|sahihi|đúng|cuối cùng|akhir|сорректный|صحيح|الصحيحة|النهائية|النهائي|الصحيح|here)(?![\\p{L}])|\\s*\\([^()\\n]{2,30}\\)(?=\\s*[:=]))*';
/** `Answer - 24`: a dash with spaces on both sides joins, where nothing else does. */
const DASH = '\\s+[-–—]\\s+';
const JOINED = new RegExp(
  `^${ADJECTIVE}(?:${DASH}|${OPENING}(?:${IS}${OPENING}){0,2})(?:${FILLER}(?![A-Za-zà-ÿ])[,:：]?${OPENING}){0,4}`,
  'iu',
);
const DIRECT = new RegExp(
  `^${ADJECTIVE}[\\s"')\\]】}]*(?:[:：=】→⇒]|${IS}|\\s*$|\\s+(?:\\([A-J]\\)|[A-J](?![A-Za-z)]))|\\s+[-−–—$\\d\\\\]|[A-J](?![a-z]))`,
  'iu',
);
const NEGATION =
  /^\s*(?:(?:final\w*|correct\w*)\s+)?(?:(?:(?:is|are|was|were|be|can|could|would|should|must|does|do)(?:\s(?:surely|certainly|definitely|clearly|obviously|therefore|simply))?\snot|(?:is|are|was|were|ca|could|would|should|does|do)n['’]t)(?: be| equal)?|cannot(?: be)?|can never be|is never|不是|不可能是|不为|不等于|并不是|并非|绝不是|n['’]est(?: donc| certainement)? pas|ne peut pas être|no (?:es|puede ser)|não (?:é|pode ser)|non (?:è|può essere)|ist (?:sicher )?(?:nicht|keine)|kann nicht|не(?=\s)|неравен|nie jest|není|är inte|er ikke|is niet|ei ole|nu este|nije|bukan|không phải|لیس|ليس(?:ت)?|nem)(?![a-z])/iu;
/** A denial that says what it is instead: `not 5 but 6`. */
const BUT =
  /^[^.!?。\n]{1,60}?(?:,?\s(?:but(?: rather)?|sondern|mais|sino|mas|ma|а)\s|[,;]\s*(?:it(?:['’]s| is)|rather|instead)\s|，?而是)/iu;

/** `… of the question about x is 5`: the last joint of the sentence. */
const FAR = new RegExp(`(?:(?<![A-Za-zà-ÿ])(?!(?:to|ni|on|ay|e|je|är|er|la|le|el)(?![A-Za-zà-ÿ]))${IS}|[:：=])`, 'gi');

const byLength = (phrases: readonly string[]) => [...phrases].sort((a, b) => b.length - a.length).join('|');
const anyOf = (strong: readonly string[], weak: readonly string[]) =>
  new RegExp(`(?<![A-Za-zÀ-ÿ\\\\])(?:(?<strong>${byLength(strong)})|(?<weak>${byLength(weak)}))(?![a-zà-ÿ])`, 'gi');
const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);
const PATTERN = anyOf(STRONG, WEAK);
/** For texts in ASCII: few alternatives make a fast search. */
const ASCII_PATTERN = anyOf(STRONG.filter(isAscii), WEAK.filter(isAscii));

function phrasesIn(text: string): Iterable<RegExpExecArray> {
  return text.matchAll(isAscii(text) ? ASCII_PATTERN : PATTERN);
}

/** Before a phrase that announces nothing: a supposition, somebody's error, an instruction. */
const SUPPOSED =
  /(?:\b(?:if|suppose|supposing|assum(?:e|ing)|whether|unless|even if|were)(?: that)?(?: (?:the|your|my|our|this))?(?: (?:final|correct|right))?|\b(?:might|could|may|would|to) (?:think|say|guess|expect|assume|believe|be tempted|suspect)[^.!?\n]{0,40}|\bto|\b(?:wrong|incorrect|tempting|na(?:i|ï)ve|common|first|initial|earlier|previous|original|preliminary|tentative|false|mistaken|flawed|faulty|bogus|careless|hasty|partial|intermediate|box|enter|check|verify|simplify|guess(?:ed|ing)?|如果|假设|若|错误的?|wenn|falls|si|se|если|supposons que|angenommen|предположим,? что)(?: (?:the|an?|la|el|die|l['’]))?(?: (?:final|correct))?|(?<!today|let|it|here|that|problem|question)['’]s(?: (?:wrong|own|first|final))?)\s*$/i;

/** `would be 25 if repetition were allowed`, `Without the constraint the answer would be 25`, `is 25 if we ignore …`. */
const HYPOTHETICAL =
  /^[^.!?\n。]{0,20}?(?:would|could|might)(?: (?:have been|be)|\s)[^.!?\n。]{0,80}?(?:\b(?:if|were|had|unless|without)\b)|^[^.!?\n。;]{0,60}?\b(?:if|when) (?:we|you|one) (?:\w+ )?(?:ignor|neglect|forg[eo]t|drop|disregard|allow|omit|count(?:ed)? only)/i;
const CONDITION_BEFORE = /(?:^|[.!?\n。;]\s*)(?:without|if|had|were|ignoring|were it not)\b[^.!?\n。;]*$/i;

/** Whether an announcement depends on something that isn't so. */
function isConditional(text: string, at: number, rest: string): boolean {
  if (HYPOTHETICAL.test(rest.slice(0, 200))) return true;
  return (
    /^[^.!?\n。]{0,12}?(?:would|could|might) (?:have been|be)(?![a-z])/i.test(rest) &&
    CONDITION_BEFORE.test(text.slice(Math.max(0, at - 120), at))
  );
}

/** Number of characters from the end that are searched. */
const WINDOW = 20_000;
/** Most announcements of which the last are read. */
const MOST = 12;

/** What an answer phrase announces. */
export interface Claim {
  /** The text behind the phrase and its linking words, without emphasis. */
  readonly text: string;
  /** The announcement denies: `The answer is not 5`. */
  readonly isDenied: boolean;
  readonly isStrong: boolean;
  /** Called final. */
  readonly isFinal: boolean;
  /** Where the phrase starts, and where its sentence ends, in the text that was searched. */
  readonly start: number;
  readonly end: number;
}

/** The last announcements of a text without emphasis, in order. Weak phrases count only where there are no strong ones. */
export function findClaims(text: string): readonly Claim[] {
  const offset = Math.max(0, text.length - WINDOW);
  const tail = offset === 0 ? text : text.slice(offset);
  const matches = [...phrasesIn(tail)];
  const strong = matches.filter((match) => match.groups?.strong !== undefined);
  const claims: Claim[] = [];
  for (const found of [strong, matches]) {
    for (const match of found.slice(-MOST)) {
      const after = match.index + match[0].length;
      if (SUPPOSED.test(tail.slice(Math.max(0, match.index - 80), match.index))) continue;
      const rest = tail.slice(after, after + 2_000);
      if (isConditional(tail, match.index, rest)) continue;
      const claim = linked(rest, isJoined(match[0], tail.slice(Math.max(0, match.index - 40), match.index), rest));
      if (claim === undefined || claim.text === '') continue;
      claims.push({
        ...claim,
        isStrong: match.groups?.strong !== undefined,
        isFinal: /final|最终|última|définitive/i.test(match[0]),
        start: offset + match.index,
        end: offset + after + claim.end,
      });
    }
    if (claims.length > 0) break;
  }
  return claims;
}

/** Whether a sentence names an answer only as somebody's, a wrong or a supposed one: `The naive answer is 25`. */
export function isSupposed(sentence: string): boolean {
  if (!/answer|result|guess|答案|antwort|réponse|respuesta|ответ/i.test(sentence)) return false;
  for (const match of phrasesIn(sentence))
    if (
      SUPPOSED.test(sentence.slice(Math.max(0, match.index - 80), match.index)) ||
      isConditional(sentence, match.index, sentence.slice(match.index + match[0].length))
    )
      return true;
  return false;
}

/** Whether a text names an answer at all: `correct option`, `ответ`. */
export function namesAnswer(text: string): boolean {
  for (const match of phrasesIn(text)) if (match.groups?.strong !== undefined) return true;
  return false;
}

/** Whether the last words of a text announce an answer. */
export function announces(text: string): boolean {
  return findClaims(`${withoutEmphasis(text)} 0`).some(({ isStrong }) => isStrong);
}

/** The text after the last answer phrase and its linking words; undefined without one. For golds that are whole sentences. */
export function afterAnswerPhrase(text: string): string | undefined {
  return findClaims(withoutEmphasis(text)).findLast(({ isDenied }) => !isDenied)?.text;
}

/** Whether the answer follows without a word or a sign: `The result is`, `答案24`, a phrase alone on its line. */
function isJoined(phrase: string, before: string, rest: string): boolean {
  if (/(?:is|are|\.)$/i.test(phrase)) return true;
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}]$/u.test(phrase) && /^\s*[\d$\\(−-]/.test(rest)) return true;
  return /(?:^|\n)[\s\d.)]*(?:(?:the|my|our|and|so) )*$/i.test(before) && /^[\s:：.]*\n/.test(rest);
}

/** `- 1` and `- 2` in lines of their own: the items, and the length of what they take up. */
function listed(text: string): { readonly items: string; readonly length: number } | undefined {
  const items: string[] = [];
  let length = 0;
  let at = 0;
  for (const line of text.split('\n', 50)) {
    const item = /^\s*(?:[-•+*–]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+(\S.*)$/.exec(line)?.[1];
    if (item !== undefined) {
      items.push(item.replace(/[.,;]\s*$/, ''));
      length = at + line.length;
    } else if (line.trim() !== '' || items.length > 0) break;
    at += line.length + 1;
  }
  return items.length === 0 ? undefined : { items: items.join(', '), length };
}

/** Where the first sentence of what stands last in `rest` ends, its full stop included. */
function endOf(rest: string, behind: string): number {
  const start = behind.trimStart();
  return Math.min(rest.length, rest.length - start.length + firstSentence(start).length + 1);
}

/** `end`: length of what belongs to the announcement. */
function linked(rest: string, isDirect: boolean): { text: string; isDenied: boolean; end: number } | undefined {
  const denied = NEGATION.exec(rest);
  if (denied) {
    const behind = rest.slice(denied[0].length);
    const instead = BUT.exec(behind);
    const text = instead ? behind.slice(instead[0].length) : behind;
    return { text: text.trim(), isDenied: !instead, end: endOf(rest, text) };
  }
  // `答案至少是8`: the qualifier stands before the joint.
  if (leadingQualifier(rest.trimStart())) return { text: rest.trim(), isDenied: false, end: endOf(rest, rest) };
  if (isDirect || DIRECT.test(rest)) {
    const joint = JOINED.exec(rest)?.[0] ?? '';
    const behind = rest.slice(joint.length);
    const list = joint.includes('\n') ? listed(behind) : undefined;
    const text = list?.items ?? behind;
    const isDenied = leadingQualifier(text.trimStart())?.kind === '\\ne';
    const end = list === undefined ? endOf(rest, behind) : joint.length + list.length;
    return { text: text.trim(), isDenied, end };
  }
  const sentence = withoutReasons(firstSentence(rest));
  let joint = -1;
  for (const match of sentence.matchAll(FAR)) joint = match.index + match[0].length;
  if (joint < 0 || joint > 240) return undefined;
  const text = sentence.slice(joint).trim();
  return { text, isDenied: leadingQualifier(text)?.kind === '\\ne', end: sentence.length };
}
