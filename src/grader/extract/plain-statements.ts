import { isUnitWord } from '../structure/units.ts';
import { DENIAL } from './denial.ts';
import { isCounted, isNoPredicate } from './noun-phrases.ts';
import { isTail } from './tails.ts';

/**
 * The sentences that state a value without a box or an answer phrase. A value counts only in a sentence of one of these shapes; in any
 * other it is only mentioned.
 */

/** Words that begin a conclusion. */
const CONCLUDING =
  /(?<!\p{L})(?:so(?! far)|thus|hence|therefore|finally|consequently|accordingly|in (?:total|all|conclusion|summary|the end)|altogether|overall|all (?:told|in all)|we (?:conclude|deduce)|it follows|which (?:means|gives|leaves|makes|implies)|meaning|leaving|giving|i\.?e\.?|that is|donc|ainsi|par conséquent|au total|en tout|finalement|soit|also|daher|somit|folglich|deshalb|insgesamt|zusammen|schließlich|entonces|luego|por (?:lo )?tanto|en total|finalmente|quindi|dunque|perciò|pertanto|in totale|portanto|logo|assim|ao todo|no total|итак|значит|поэтому|следовательно|таким образом|всего|итого|в итоге|vậy|jadi|maka|ostatecznie|zatem|więc|tedy|dus|alltså|derfor|tehát|yani|إذن|لذا|لذلك|بالتالي|इसलिए|अतः|তাই|সুতরাং)(?!\p{L})|ดังนั้น|ทั้งหมด|所以|因此|故|从而|于是|综上|总之|一共|总共|共|合计|よって|したがって|ゆえに|全部で|合計|따라서|그러므로|모두|총/iu;

/** Nouns that name what is asked for. */
const RESULT =
  /(?<!\p{L})(?:it|this|that|here|total|totals|sum|number|numbers|value|values|result|answer|count|probability|chance|odds|area|perimeter|volume|length|lengths|width|height|depth|distance|speed|velocity|rate|time|duration|cost|costs|price|profit|loss|age|average|mean|median|mode|range|difference|product|quotient|remainder|ratio|percentage|percent|fraction|proportion|maximum|minimum|max|min|supremum|infimum|(?:least upper|greatest lower|lower|upper) bound|root|roots|solution|solutions|zero|zeros|degree|slope|gradient|intercept|intercepts|vertex|vertices|cent(?:er|re)|radius|diameter|circumference|angle|measure|magnitude|norm|determinant|rank|trace|eigenvalue|eigenvalues|limit|integral|derivative|coefficient|exponent|base|digit|digits|integer|expression|function|formula|equation|point|points|intersection|coordinate|coordinates|domain|codomain|image|set|interval|period|amplitude|frequency|temperature|displacement|weight|mass|salary|income|revenue|amount|bill|change|balance|score|size|dimension|order|index|multiple|output|factor|factors|divisor|gcd|lcm|hcf|term|ways|possibilities|inverse|matrix|vector|polynomial|series|sequence|constant|parameter|form|simplification|identity|answer|one|k|n|x|y|z|valeur|nombre|résultat|somme|total|probabilité|aire|coût|prix|solution|maximum|minimum|moyenne|différence|produit|rapport|longueur|distance|vitesse|âge|wert|zahl|anzahl|ergebnis|summe|wahrscheinlichkeit|fläche|kosten|preis|lösung|maximum|minimum|mittelwert|differenz|produkt|länge|betrag|alter|valor|número|resultado|suma|total|probabilidad|área|costo|coste|precio|solución|máximo|mínimo|media|promedio|diferencia|producto|edad|valore|numero|risultato|somma|totale|probabilità|costo|prezzo|soluzione|massimo|minimo|differenza|prodotto|età|soma|probabilidade|custo|preço|solução|média|diferença|produto|idade|значение|число|количество|результат|сумма|вероятность|площадь|стоимость|цена|решение|корень|максимум|минимум|среднее|разность|произведение|длина|расстояние|скорость|возраст|المجموع|الناتج|القيمة|العدد|النتيجة|kết quả|totalnya|jumla|jumlahnya|कुल|মোট|ทั้งหมด)(?!\p{L})/iu;
/** `what my first guess was`: nouns that name no result. */
export const NO_RESULT =
  /(?<!\p{L})(?:calculator|computer|checker|tool|somebody|someone|anyone|others|classmates?|candidate|guess|guesses|estimate|attempt|attempts|try|trial|hypothesis|assumption|conjecture|suspicion|hunch|problem|question|exercise|task|prompt|puzzle|statement|step|page|case|line|code|error(?! in the (?:measurement|position|momentum|velocity|reading))|input|example|notes?|option|hint|subtotal|placeholder|default|seed|version|bound on|solver|script|program|log|timeout|iteration|progress|first|initial|tentative|preliminary|partial|intermediate|naive|previous|earlier|former|wrong|incorrect|false|tempting|supposed|alleged|claimed|given|known|original|(?<!least )upper bound|(?<!greatest )lower bound|remaining (?:steps?|cases?))(?!\p{L})/iu;

const IS =
  "(?:is|are|was|were|will be|would be|must be|has to be|have to be|should be|can only be|comes? (?:out )?(?:to|as)(?: be)?|works out (?:to|as)(?: be)?|turns out to be|to be|amounts? to|equals?|(?:is|are) (?:therefore |thus |then |hence |also |exactly |simply |just |precisely |only |now )*(?:equal to|given by|found to be)?|becomes?|remains?|totals?|lies at|stands at|reaches|it['’]s|that['’]s|there['’]s|est|sont|était|vaut|valent|fait|font|égale|ist|sind|war|beträgt|betragen|lautet|macht|ergibt|es|son|era|equivale a|vale|é|são|vale|è|sono|это|есть|правильно|верно|равн[аоы]?|равен|составляет|jest|wynosi|je|är|er|adalah|ialah|là|ni|هو|هي|يساوي|है|हैं|হল|হলো|คือ)";
const ADVERB =
  '(?:therefore|thus|then|hence|now|also|exactly|precisely|only|just|simply|indeed|always|actually|in fact|finally|in total|altogether|still|about|approximately|around|roughly|a total of|the number|the value|another|an additional|all|at|as|up|out|down|donc|exactement|de|au total|en tout|ainsi|also|daher|somit|genau|insgesamt|zusammen|nur|noch|entonces|exactamente|en total|por tanto|quindi|esattamente|in totale|portanto|exatamente|no total|R|всего|ровно|итого|поэтому|US|the|a|an|kanssa|là|cả)';

/** Verbs by which a writer comes to a value. */
const DERIVES =
  '(?:get|gets|got|obtain|obtains|obtained|find|finds|found|have|has|conclude|deduce|see|compute|computed|calculate|calculated|count|counted|arrive at|end up with|ends up with|end with|are left with|is left with|left with|comes? to|came to|give|gives|gave|yield|yields|yielded|leave|leaves|left|leaving|giving|make|makes|made|produces?|implies|mean|means|result in|results in|lead to|leads to|add up to|adds up to|sum to|sums to|multiply to|reduces? to|simplif(?:y|ies) to|evaluates? to|rounds? to|prints?|printed|returns?|returned|outputs?|total|totals|reads?|shows|expect|think|believe|reach|reaches|need|needs|donne|donnent|obtient|obtenons|trouve|trouvons|reste|restent|reçoit|reçoivent|obtenir|avons|ont|il y (?:en )?a|a|ergibt(?: sich)?|ergeben(?: sich)?|erhält|erhalten(?: wir)?|bekommt|bekommen|bleiben|bleibt|gibt es|hat|haben|sind es|macht|obtenemos|obtiene|se obtienen?|da|dan|queda|quedan|hay|tiene|resulta|otteniamo|si ottiene|ottiene|rimangono|restano|ci sono|ha|dà|obtemos|obtém|há|tem|resulta em|sobram|restam|получаем|получается|получим|получится|выходит|будет|остаётся|останется|имеем|daje|otrzymujemy|uzyskujemy|dostajemy|ger|giver|gir|geeft|krijgen we|hebben|ger|får|antaa|saadaan)';
/** Verbs of everyday problems: what is earned, bought, run or left. */
const DOES =
  '(?:need|travel|run|ran|walk|ride|rode|drive|drove|fly|flew|swim|swam|climb|jump|cover|earn|make|made|pay|paid|spend|spent|cost|save|owe|lose|lost|win|won|gain|receive|get|got|buy|bought|sell|sold|give|gave|take|took|bring|brought|use|eat|ate|drink|drank|bake|cook|read|write|wrote|draw|drew|paint|plant|pick|collect|gather|catch|caught|find|found|hold|held|carry|carried|contain|weigh|measure|last|require|want|have|has|had|keep|kept|leave|left|remain|score|finish|complete|work|sleep|slept|wait|grow|grew|produce|build|built|fill|feed|fed|serve|invite|attend|pass|fail|charge|donate|raise|deposit|withdraw|borrow|return|share|see|saw|count|end up with|start with|left with|put|place|cut|fold|attract|pack|ship|deliver|send|sent|order|hire|move|turn|reach|visit|play|watch|study|learn|teach|taught|solve|answer|mow|wash|clean|type|print|invest|change|increase by|decrease by|rise by|drop by|dropped by|differ by|exceed by|number|total|lasts|takes|expect|burn|add|subtract|lift|consume|generate|capture|yield|lay|laid|throw|threw|pull|push|hit|make up|occupy|use up)';
const CHANGES =
  '(?:(?:drop|fall|fell|rise|rose|increase|decrease|go|goes|went|come|came|climb|sink|sank|grow|grew|shrink|reduce|round|shorten|cool|heat|warm)(?:s|d|ed|ped|ing)?\\s+(?:up\\s+|down\\s+)?(?:to|by))';
const DOES_FORM = `(?:${CHANGES}|${DOES.slice(3, -1)
  .split('|')
  .map((verb) => `${verb}(?:s|es|d|ed|ped|ned|ting|ing)?`)
  .join('|')})`;

const GAP = `(?:[\\s,:]+${ADVERB}(?!\\p{L}))*[\\s:,]*`;
const WORD = '(?<!\\p{L})';
const COPULAR = new RegExp(`^(.{0,160}?)(?:${WORD}${IS}(?!\\p{L})|[=:：→⇒])${GAP}$`, 'iu');
const DERIVED = new RegExp(`${WORD}${DERIVES}(?:\\s+(?:that|us|you|me))?${GAP}$`, 'iu');
const DONE = new RegExp(`${WORD}${DOES_FORM}(?:\\s+(?:me|you|him|her|us|them))?${GAP}$`, 'iu');
const EXISTS =
  /(?<!\p{L})(?:there|we|they|you|il|hay|es)\s+(?:\p{L}+\s+){0,2}(?:are|is|were|was|be|remain|exist|exists|have|has|gibt|y a)(?:\s+(?:exactly|only|a total of|then|thus|therefore|just|in total|still|now))*\s*$/iu;
/** Signs and words after which a value stands in scripts without spaces. */
const HAN_JOINT =
  /(?:[是为為得有共剩需赚花付卖用]|等于|就是|出了?|要|到了?|应为|达|约|收入|获得|总计|合计|每袋|は|で|が|全部で|合計|よって|、|는|은|이|가|모두|총|총합은|합은|:|：|=|,|，)\s*$/u;

/** A name directly before a value: `x =`, `f(2) =`, `AB =`. */
const NAME = /(?:^|[\s,:$(])\$?\\?[A-Za-z]{1,3}(?:_\{?\w{1,3}\}?)?(?:\([\w, ]{1,8}\))?'?\s*(?:=|:)\s*[$\\({]*$/;
/** `60 - 20 =`: the value is computed. */
const COMPUTED = /[\d)}\]%!](?:[^.;!?。]|\.\d){0,120}?=[\s$€£¥\\({[]*(?:R\$)?\s*$/u;
/** Marks that open what a value stands in, and currency. */
const OPENING_MARKS = /(?:[\s$(\\[{*"“«€£¥₹'`]|US|R\$|Rs\.?|\\text\{|\\displaystyle)+$/u;

/** No verb stands before: the value is the subject of what follows. */
const IS_IT =
  /^[\s$)\]}\\*]*(?:(?:is|are|was|must be|has to be|will be)\s+(?:(?:therefore|thus|then|indeed|clearly|also|in fact)\s+)*(?:the|our|my|his|her|their|its|a|what (?:we|was|is|they|the)|correct|right|minimal|maximal|optimal|unique)(?!\p{L})|works?(?!\p{L})|remains?(?=\s*$|[,.])|satisf(?:y|ies)|does it|it is|in (?:total|all)|altogether|est la|ist (?:die|das)|es (?:la|el)|è (?:la|il)|é (?:a|o)|— это|это)/iu;
/** Verbs behind a counted noun: `16 students don't read novels`. */
const COUNTED =
  /^\s*[\p{L}][\p{L}'’ -]{1,60}?\s(?:are|is|were|was|will|would|can|could|have|has|had|do|does|did|don['’]t|doesn['’]t|didn['’]t|won['’]t|aren['’]t|must|remain|remained|passed|left|attend|came|came|like|need|needed|work|are left)(?!\p{L})/iu;

/** Words that suppose or doubt: nothing is stated in their clause. */
export const SUPPOSES =
  /(?<!\p{L})(?:if|perhaps|maybe|possibly|might|may|could|whether|unless|suppose|supposing|assume|assuming|guess|trying|tried|try|attempt|check|test|wonder|imagine|hardly|barely|doubt|almost|nearly|i(?:['’]d| would) (?:start|try|say|guess)|so far|thus far|yet to|si(?! (?:ottien|ha |trova))|quizás?|tal vez|peut-être|wenn|vielleicht|forse|talvez|если|может)(?!\p{L})|如果|若|可能|也许|假设|设|もし|만약/iu;

/** The clause that ends with a value, without what concludes or introduces it. */
function clauseOf(before: string): { readonly lead: string; readonly clause: string } {
  const cut =
    /^[\s\S]*(?:[;；，—]|[,:](?=\s)|\s[–-]\s|(?<=\p{L})\.(?:\s|$)|(?<!\p{L})(?:so(?! far)|thus|hence|therefore|then|that|but|yet|and|which|donc|also|daher|somit|sondern|entonces|quindi|portanto|но|а)(?!\p{L})|所以|因此|故|从而|于是|而)/iu.exec(
      before,
    )?.[0] ?? '';
  return { lead: cut, clause: before.slice(cut.length).trim() };
}

/** Number of characters around a value that are read. */
const NEAR = 400;

/** Where a value stands; the value of a display of several rows is its last row. */
function placeOf(sentence: string, value: string): { readonly start: number; readonly end: number } | undefined {
  const start = sentence.indexOf('\\begin{');
  const end = start < 0 ? undefined : /^[\s\S]*\\end\{[a-z]+\*?\}/.exec(sentence)?.[0].length;
  if (end !== undefined && !/matrix\*?\}$/.test(sentence.slice(0, end))) return { start, end };
  const at = sentence.lastIndexOf(value);
  if (at >= 0) return { start: at, end: at + value.length };
  // A number in words is stated in digits.
  const worded = /^\d+$/.test(value) ? [...sentence.matchAll(NUMBER_WORDS)].at(-1) : undefined;
  return worded && { start: worded.index, end: worded.index + worded[0].length };
}

const NUMBER_WORDS =
  /[零〇一二两三四五六七八九十百千]{1,8}|(?<!\p{L})(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\p{L}+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|and)(?:[- ](?=\p{L})|(?!\p{L})))+/giu;

/** Whether the text before a sentence computes the value: it stands there behind an equals sign. */
function isComputedIn(text: string, value: string): boolean {
  const number = /[-−]?\d[\d,. ]*(?:\/\d+)?/.exec(value)?.[0].replace(/[.,\s]+$/, '');
  if (number === undefined || number.length > 40) return false;
  for (let at = text.lastIndexOf(number); at >= 0; at = at === 0 ? -1 : text.lastIndexOf(number, at - 1))
    if (
      /=\s*[$€£¥\\({]*\s*$/.test(text.slice(Math.max(0, at - 8), at)) &&
      !/^[\d.,]*\d/.test(text.slice(at + number.length))
    )
      return true;
  return false;
}

/**
 * Whether a sentence states a value. It must be one of: a computation (`… 10 + 38 = 48 ways`), a derivation (`we get 48`, `this leaves 48`), a
 * copula behind what names a result (`her total is 48`), `there are 48`, an everyday verb (`she needs 48`), the value with `is the
 * answer` behind it. With a word of conclusion, or where the text before computed the value, any subject and verb will do. Behind the value
 * only a tail may stand.
 *
 * @param sentence - Without emphasis
 * @param value - As it stands in the sentence
 * @param text - What stands before the sentence
 */
export function isStatement(sentence: string, value: string, text: string): boolean {
  const bare = value.replace(/^(?:\\[gl]e|[<>])\s+/, '');
  const place = placeOf(sentence, bare.replace(/[\s,，;；、]+$/, ''));
  // A unit belongs to what stands behind the value.
  const number = /^[$€£¥(]*[-−]?\d[\d.,/]*%?(?=\s+\p{L}[^\d=]*$)/u.exec(bare)?.[0];
  const at = place && number !== undefined ? { start: place.start, end: place.start + number.length } : place;
  if (at === undefined) return false;
  const before = sentence
    .slice(Math.max(0, at.start - NEAR), at.start)
    .replace(COMMANDS, ' ')
    .replace(OPENING_MARKS, '')
    .trimStart();
  const behind = sentence.slice(at.end, at.end + NEAR).replace(ROWS, ' ');
  // Minutes of arc or feet: another unit, not a closing quote.
  if (/^['′]/.test(behind) && !/['‘]/.test(before)) return false;
  const isEnded = isTail(behind);
  // What is computed in the sentence is stated by it, whatever is said of what is counted.
  if (COMPUTED.test(before)) return isEnded || isCounted(behind);
  const name = NAME.exec(before)?.[0];
  if (name === undefined && OWN_WORK.test(`${before} `) && WORK.test(behind)) return false;
  const { lead, clause } = clauseOf(name === undefined ? before : before.slice(0, -name.length));
  if (DENIAL.test(clause) || SUPPOSES.test(clause) || NO_RESULT.test(clause)) return false;
  const isEvident = CONCLUDING.test(before) || isComputedIn(text, bare);
  if (!isEvident && TO_DO.test(behind)) return false;
  if (!isEnded || (name !== undefined && !isNoPredicate(behind))) {
    const isSubject = clause === '';
    return isSubject && (IS_IT.test(behind) || (isEvident && name === undefined && COUNTED.test(behind)));
  }
  if (!/\p{L}{2}/u.test(before) || LABELLED.test(before)) return true;
  if (CALLED.test(sentence.slice(0, at.start)) && /\($|^\(/.test(sentence.slice(at.start - 1, at.start + 1).trim()))
    return true;
  if (clause === '') return name !== undefined || CONCLUDING.test(lead) || (REPLACES.test(lead) && DENIAL.test(lead));
  if (EXISTS.test(clause) || DERIVED.test(clause) || PARTICIPLE.test(clause)) return true;
  const subject = COPULAR.exec(clause)?.[1];
  if (
    subject !== undefined &&
    (isEvident || RESULT.test(subject) || RESULT.test(lead) || FOREIGN_IS.test(clause) || isMeasured(behind))
  )
    return true;
  if (DONE.test(clause)) return isEvident || !/(?<!\p{L})(?:ha[sd]|have|contains?|holds?)\s*$/iu.test(clause);
  if (ALONE.test(clause) || HAN_JOINT.test(clause)) return true;
  if (/[ap]\.?\s?m|\d:\d\d/i.test(bare)) return /(?<!\p{L})(?:at|um|à|alle|às|las|в)$/iu.test(clause);
  return isEvident && /[\p{L}\p{M}]{2}$/u.test(clause) && !ENDS_APART.test(clause);
}

const COMMANDS = /\\begin\{[a-z]+\*?\}(?:\{[^{}]*\})?|\\[A-Za-z]+/g;
/** A known unit stands behind the value. */
function isMeasured(behind: string): boolean {
  return isUnitWord(/^\s*(\p{L}+)/u.exec(behind)?.[1] ?? '');
}

const ROWS = /\\(?:end\{[a-z]+\*?\}|hline(?![a-z])|\\)/g;
/** `(B) 12`, `Point2D(2, 3)`. */
const LABELLED = /^\{?\(?[A-J][).:]?\s*\}?$/;
const CALLED = /^[A-Za-z]\w*(?:\(|$)$/;
/** `30 cases to examine`. */
const TO_DO = /\sto\s+(?!(?:the|an?|his|her|their|its|our|my|each|every|all|\d|\p{Lu})(?!\p{L}))\p{L}+/u;
/** `not 26 but 25`. */
const REPLACES = /(?:but|sondern|sino|mas|ma|mais|а|而是?|rather|instead)\s*$/iu;
const FOREIGN_IS = /^(?:правильно|верно|sind|ist|es|son|são|sono|est|sont|é|è)$/iu;
/** `Il a économisé 4000`. */
const PARTICIPLE =
  /(?:^|\s)(?:il|elle|on|ils|elles|\p{Lu}\p{L}+)\s+(?:a|ont|avait|avaient)\s+(?:\p{L}+\s+)?\p{L}+(?:é|u|is|it)$/u;
/** A noun without a verb: `Total 15`, `Цена 42`, and words of conclusion. */
const ALONE = new RegExp(
  `^(?:(?:the|her|his|their|its|our)\\s+)?(?:${RESULT.source}|${CONCLUDING.source})(?:\\s*:)?$`,
  'iu',
);

/** `This took 45 lines of algebra`: the writer counts the own work. */
const OWN_WORK =
  /(?<!\p{L})(?:(?:this|that|it|these|which|i|we|(?:all|the whole|the entire) (?:this|that|thing)|(?:the|my|our|this|that|his|whole|full|entire)\s(?:\p{L}+\s)?(?:proof|derivation|computation|calculation|search|program|script|code|loop|argument|approach|method|algebra|arithmetic|casework|simplification|expansion|verification|working|work|reasoning|writeup|draft|notes?))(?:['’](?:ve|s))?)\s(?:\p{L}+\s){0,2}?(?:t(?:ook|akes?)|needed|needs?|used?|uses|spans?|spanned|fill(?:s|ed)|cover(?:s|ed)|ran|runs|required|requires|cost|costs|spent|wrote|made|tried|went through|did|had|has|was|is)\s(?:\p{L}+\s){0,3}?$/iu;
const WORK =
  /^[\s$)*]*(?:(?:\p{L}+\s)?(?:lines?|pages?|sheets?|paragraphs?|tokens?|tries|attempts?|guesses|iterations?|sub-?cases|substitutions?|rewrites|drafts|passes|loops|calls|seconds of|minutes of)(?!\p{L})|\p{L}+(?:\s\p{L}+)?\sof\s(?:\p{L}+\s)?(?:algebra|arithmetic|calculus|casework|cases|work|working|computation|computing|calculation|calculating|code|coding|reasoning|thinking|thought|manipulations?|scratch|checking|searching|trial and error|brute force|writing|typing|debugging|simplification|proof))(?!\p{L})/iu;

/** What is counted is described: `13 students who don't read`. */
const DESCRIBED =
  /^\s*(?:[\p{L}\p{M}'’-]+\s+){1,4}?(?:that|who|which|whom|do|does|don['’]t|doesn['’]t|did not|didn['’]t|do not|does not|will not|won['’]t|cannot|can['’]t)(?!\p{L})/u;

/** Whether a sentence computes a value and describes what it counts: no word of the description denies the value. */
export function isComputedCount(sentence: string, value: string): boolean {
  const at = placeOf(sentence, value);
  return (
    at !== undefined &&
    COMPUTED.test(sentence.slice(Math.max(0, at.start - NEAR), at.start)) &&
    DESCRIBED.test(sentence.slice(at.end, at.end + NEAR))
  );
}

/** Words after which a number is no result, whatever is concluded. */
const ENDS_APART =
  /(?<!\p{L})(?:past|beyond|above|below|near|under|over|around|without|except|until|till|since|after|before|than|from|through|via|against|towards?|within|among|between|despite|unlike|across|along|behind|beside|besides|on|by|with|for|at|these|those|my|the|see|cf|step|page|line|eq|equation|case|figure|table|part|section|chapter|no|number|item|question|problem|exercise|version|iteration|attempt|round|of|to|ces|les|des|die|den|los|las|第)\.?$/iu;

/** `the largest number of points that could lie in the domain is`: what is described may be possible, its number is stated. */
const POSSIBLE =
  /(?<=(?:maximum|minimum|largest|smallest|greatest|least|highest|lowest)[^.,;]{0,60})\s(?:that|which|who) (?:could|might|may|can) [^.,;]{1,80}?(?=\s(?:is|are|equals)\s*$)/iu;

/**
 * Whether the words between an answer phrase and its value leave the value as it is: none, a name, a verb, a noun; not a preposition, a denial or a doubt
 * (`north of 17`).
 */
export function isPrefix(words: string): boolean {
  const before = words.replace(COMMANDS, ' ').replace(OPENING_MARKS, '').replace(POSSIBLE, '').trim();
  if (!/\p{L}{2}/u.test(before) || NAME.test(` ${before}`) || COMPUTED.test(before)) return true;
  const { clause } = clauseOf(before);
  if (DENIAL.test(clause) || SUPPOSES.test(clause)) return false;
  return (
    !ENDS_APART.test(clause) ||
    /(?:total|sum|value|values|number|numbers|count|set|pair|point|cost|price|probability|amount) of$|^(?:the|for|at|by|on|with)$/iu.test(
      clause,
    )
  );
}
