/** Words with which texts announce an answer, by language. The last one in a text counts. */
const PHRASES: readonly string[] = [
  // English
  'final answer',
  'correct answer',
  'the answer',
  'answer',
  'correct option',
  'correct choice',
  'the correct option',
  'solution is',
  'the result is',
  'the solution is',
  'option is',
  'choice is',
  // Chinese, Japanese, Korean
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
  '結果は',
  '答えは',
  '答え',
  '정답',
  '답',
  // French, Spanish, Portuguese, Italian, German, Dutch
  'la réponse finale',
  'la réponse correcte',
  'la bonne réponse',
  'la réponse',
  'réponse finale',
  'réponse',
  'la respuesta final',
  'la respuesta correcta',
  'la respuesta',
  'respuesta',
  'a resposta',
  'resposta',
  'la risposta',
  'risposta',
  'die antwort',
  'antwort',
  'lösung',
  'het antwoord',
  // Russian, Ukrainian, Polish, Turkish, Vietnamese, Indonesian
  'правильный ответ',
  'ответ',
  'відповідь',
  'odpowiedź',
  'cevap',
  'đáp án',
  'câu trả lời',
  'jawaban',
  'jawabannya',
  // Arabic, Persian, Hindi, Bengali
  'الإجابة النهائية',
  'الإجابة الصحيحة',
  'الإجابة',
  'الاجابة',
  'الجواب',
  'إجابة',
  'پاسخ',
  'उत्तर',
  'উত্তর',
]; // prettier-ignore

/** Between phrase and answer: `is`, a colon, markup. */
const LINK =
  /^[\s*_:：=`"'()\]-]*(?:(?:should be|would be|must be|will be|is therefore|is thus|is simply|is equal to|is given by|is option|is choice|is|are|was|be|equals|to the (?:question|problem)(?: above)? is|est donc|est|sont|es|é|è|ist|lautet|sind|是|为|為|：|は|есть|равен|هو|هي|है|option|choice|letter)\b|是|为|為|就是|选|هي|هو|है|は)?[\s*_:：=`"'-]*(?:therefore|thus|then|that|the|approximately|about|exactly|indeed|option|choice|donc|dunque)?(?:\s+option)?[\s*_:：=-]*/i;

const PATTERN = new RegExp(`(?<![A-Za-zÀ-ÿ])(?:${[...PHRASES].sort((a, b) => b.length - a.length).join('|')})`, 'gi');

/** Number of characters from the end that are searched. */
const WINDOW = 20_000;

/** The text after the last answer phrase and its linking words; undefined without one. */
export function afterAnswerPhrase(text: string): string | undefined {
  const tail = text.slice(-WINDOW);
  let found: string | undefined;
  PATTERN.lastIndex = 0;
  for (let match = PATTERN.exec(tail); match !== null; match = PATTERN.exec(tail)) {
    const rest = tail.slice(PATTERN.lastIndex, PATTERN.lastIndex + 2000);
    const isEnglishNoun = /^[a-z]/i.test(rest);
    if (isEnglishNoun) continue;
    const sentence = linked(rest);
    if (sentence !== '') found = sentence;
  }
  return found;
}

/** `: 5`, ` is 5`, ` of the question about x is 5`. */
function linked(rest: string): string {
  const direct = LINK.exec(rest)?.[0] ?? '';
  const [, far] = /^[^.\n$\\]{0,160}?(?:\b(?:is|are|est|es|ist|is:|é)\b|是|为|[:：=])\s*(.{1,2000})$/s.exec(rest) ?? [];
  const value = rest.slice(direct.length);
  const isDirect =
    /^[\s*_:：=`"'()-]*(?:\b(?:is|are|est|es|ist|should|would|must|will|equals|option)\b|是|为|為|就是|هو|هي|है|は|[:：=])/i.test(
      rest,
    );
  return (isDirect ? value : (far ?? value)).trim();
}

const CHATTER = /(?:\bI hope\b|<\|im_|\[Note|\[END|\bThank you\b|\bPlease\b).*$/s;

/** The first sentence of a text: up to a full stop that ends one, a blank line or chatter. */
export function firstSentence(text: string): string {
  const trimmed = text.replace(CHATTER, '').trim();
  const end = /(?:\.(?=\s+[A-Z<[]|\s*$)|。|\n\s*\n|\n(?=[A-Z#*-])|।|！)/.exec(trimmed);
  return (end ? trimmed.slice(0, end.index) : trimmed).trim();
}
