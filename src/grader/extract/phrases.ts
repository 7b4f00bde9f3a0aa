import { firstSentence, withoutReasons } from './sentences.ts';

/** Words with which texts announce an answer, by language. The last one in a text counts. */
const PHRASES: readonly string[] = [
  'final answer',
  'answer',
  'answers',
  'final answers',
  'correct option',
  'correct choice',
  'option',
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
  '选择',
  '因此选',
  '所以选',
  '选项',
  '选',
  '正确的是',
  '結果は',
  '答え',
  '正解',
  '정답',
  '답',
  'réponse',
  'réponses',
  'respuesta',
  'respuestas',
  'resposta',
  'risposta',
  'antwort',
  'lösung',
  'antwoord',
  'svar',
  'ответ',
  'відповідь',
  'odpowiedź',
  'odpowiedź to',
  'odpowiedzią jest',
  'odpověď',
  'cevap',
  'đáp án',
  'câu trả lời',
  'jawaban',
  'jibu',
  'vastaus',
  'الإجابة',
  'الاجابة',
  'الجواب',
  'إجابة',
  'جواب',
  'پاسخ',
  'उत्तर',
  'উত্তর',
  'คำตอบ',
  'సమాధానం',
  'απάντηση',
]; // prettier-ignore

/** Words that join a phrase to its answer. */
const IS =
  '(?:(?:should be|would be|must be|will be|is equal to|is given by|is|are|was|be|equals|est|sont|est donc|es|son|é|è|ist|lautet|sind|to jest|jest|это|есть|равен|adalah|ni)(?![A-Za-zà-ÿ])|は|는|은|是|为|為|就是|应该是|应为|هو|هي|هوّ|है|হল|হলো|คือ)';
const FILLER =
  '(?:therefore|thus|then|that|the|approximately|about|exactly|indeed|simply|option|choice|letter|number|donc|dunque|la|le|choix|opción|opção|Antwort|вариант|الخيار|选项)';
const SPACE = '[\\s*_:：=`"\'“”】\\-]*';
const ADJECTIVE =
  '(?:\\s+(?:correct\\w*|corret\\w*|final\\w*|exact\\w*|juste|richtige?|benar|sahihi|đúng|сорректный|صحيح|الصحيحة|النهائية)(?![\\p{L}]))?';
const LINK = new RegExp(`^${ADJECTIVE}${SPACE}(?:${IS}${SPACE})?(?:${FILLER}(?![A-Za-zà-ÿ])${SPACE}){0,3}`, 'iu');
const DIRECT = new RegExp(
  `^${ADJECTIVE}[\\s*_\`"')\\]】]*(?:[:：=】]|${IS}|\\s*$|\\s+\\(?[A-J]\\)?(?![a-z])|\\s+[\\-$\\d\\\\]|[A-J](?![a-z]))`,
  'iu',
);
const NEGATION = /^\s*(?:is|are|不是|n'est|est)?\s*(?:not|pas|nicht|不)(?![a-z])/i;

/** `… of the question about x is 5`: the last joint of the sentence. */
const FAR = new RegExp(`(?:(?<![A-Za-zà-ÿ])${IS}|[:：=])`, 'gi');

const PATTERN = new RegExp(
  `(?<![A-Za-zÀ-ÿ])(?:${[...PHRASES].sort((a, b) => b.length - a.length).join('|')})(?![a-zà-ÿ])`,
  'gi',
);

/** Number of characters from the end that are searched. */
const WINDOW = 20_000;

/** The text after the last answer phrase and its linking words; undefined without one. */
export function afterAnswerPhrase(text: string): string | undefined {
  const tail = text.slice(-WINDOW);
  let found: string | undefined;
  for (const match of tail.matchAll(PATTERN)) {
    const value = linked(tail.slice(match.index + match[0].length, match.index + match[0].length + 2000));
    if (value !== undefined && value !== '') found = value;
  }
  return found;
}

function linked(rest: string): string | undefined {
  // `the answer is not 5`.
  if (NEGATION.test(rest)) return undefined;
  if (DIRECT.test(rest)) return rest.slice(LINK.exec(rest)?.[0].length ?? 0).trim();
  const sentence = withoutReasons(firstSentence(rest));
  let joint = -1;
  for (const match of sentence.matchAll(FAR)) joint = match.index + match[0].length;
  return joint < 0 || joint > 240 ? undefined : sentence.slice(joint).trim();
}
