import { afterDisowning } from './aftermath.ts';
import { DENIAL } from './denial.ts';
import { isCounted, isNounPhrase } from './noun-phrases.ts';

/**
 * What may stand behind a value in its sentence and after it. Nothing else may: a value with other words behind it isn't taken for the
 * answer, whatever they say.
 */

/** Marks that close what a value stands in. */
const CLOSING_MARKS =
  /^(?:[\s$)}\]*"'”’»`_]|\\[)\]]|\\[ ,;:!](?:\s*,)?|\\text\{\}|\\end\{[a-z]+\*?\}|[.,]\s*(?=\\end|\\\]|\$))+/;

/** Behind a comma, a semicolon, a dash or an opening bracket, or as conjunctions of their own. */
const REASON =
  /^(?:no matter|however (?:we|you|one)|(?:not )?(?:counting|including|excluding)|because|since|as(?! well| if| though)|for(?=\s)|given that|due to|thanks to|so that|where|when(?:ever)?|with|by|using|from|after|without|attained|achieved|obtained|reached|occurring|corresponding|taking|giving|making|namely|i\.?\s?e|that is|in other words|equivalently|or equivalently|e\.g|for example|rounded|in (?:total|all|lowest|simplest|simplified|full|exact|decimal|interval|degrees|radians|square|cubic|cm|terms|this|the)|to (?:the|two|three|four|one|\d|[34] )|at|on|of|per|if|for all|for every|for any|mod(?:ulo)?|parce qu\p{L}*|car(?!\p{L})|puisqu\p{L}*|soit|c['’]est[- ]à[- ]dire|où|weil|denn|da(?=\s)|wobei|also|d\.\s?h|das heißt|porque|ya que|pues|donde|es decir|perché|poiché|cioè|dove|pois|ou seja|onde|потому|так как|поскольку|ведь|то есть|где|因为|由于|其中|即|也就是|ので|から|なぜなら|ここで|すなわち|왜냐하면|즉|共\d+\S{1,4}$)(?!\p{Script=Latin})/iu;
/** A clause that agrees or ends. */
const AGREES =
  /^(?:(?:and|which|that|this|it|what|so|the|a|an|is|was|are|were|all|also|indeed|exactly|clearly|in fact|can be|we|there|our|my|final|nothing|no|et|und|y|e|и)\s+){0,5}?(?:(?<=no )(?:more|others?)|(?:that|this) is (?:it|all)|(?<=that is )(?:it|all)|as (?:required|desired|claimed|expected|requested|needed|wanted|asked|shown|stated|computed|found|we|the|it|they|one|in|can|above|before|well)|(?:match|agree|confirm|fit|check|satisf|verif|equal|simplif|round|correspond|coincid|belong|consist|work|hold|follow|complet|conclud)(?:e?s|e?d|y|ies|ied|ing|e|t?ted|t?ting)?(?!\p{L})|correct|right|true|allowed|permitted|valid|the (?:answer|result|solution|required|desired|final|only|unique|correct|same|value|number|sum|total|expected|minimum|maximum|smallest|largest|least|greatest)|our (?:answer|result|solution)|what (?:we|was|is|the)|(?:only|unique|sole) (?:answer|solution|value|option|possibility|root)|an? (?:\p{L}+ )?(?:integer|prime|number|fraction|square|cube|multiple|divisor|solution|answer|whole|root|constant|maximum|minimum|value|possibility|positive|negative|rational)|integer|prime|even(?! though)|odd|positive|negative|whole|(?:we are|we['’]re) done|done|that(?:['’]s| is) (?:it|all)|the proof is complete|q\.?e\.?d|other (?:value|solution|root|option|answer|number)s? (?:works?|exists?|is possible|are possible|is left|remains?|satisf\p{L}+)|else (?:to|works|is)|(?:is|are) (?:no|nothing)|unique|minimal|maximal|possible|optimal|reasonable|plausible|expected|attained|achieved|achievable|attainable|reached|convenu|demandé|voulu|wie (?:gewünscht|verlangt|erwartet)|como se (?:pedía|pedia|quería)|как и|符合|一致|正确|成立|唯一)(?!\p{L})[^.;!?。]*$/iu;
/** `, not 10`: another value is denied. */
const NOT_ANOTHER =
  /^(?:and |but |und |et |y |e |и |а )?(?:not|never|rather than|instead of|unlike|nicht|pas|no|non|não|не|(?:而?不是|而非)(?=\s*[$\d−-]))\s*(?<=[\s是非])[$\\(]*[-−]?\s?(?:[\d\\$({[√]|[a-z]\s*=|[A-J](?![a-z]))[^,;.]{0,40}$/iu;
/** `, more than 16`, `, greater than the bound`: compared with something else. */
const COMPARED =
  /^(?:(?:which|this|that) is )?(?:one |\d+ )?(?:more|less|fewer|greater|larger|smaller|bigger|higher|lower|supérieure?s? à|inférieure?s? à|größer als|kleiner als|mayor que|menor que|maior (?:do )?que|maggiore di|minore di|больше|меньше)(?: than)?\s[^,;.]{1,40}$|^(?:and |but )?(?:not|never|no) (?:less|more|fewer|greater|smaller|larger|higher|lower)$/iu;
/** A clause that goes on with computing: a formula, perhaps with a verb before it. */
const FORMULA = /[=<>≤≥≈∈]|\\(?:frac|sqrt|cdot|times|in|le|ge|approx|equiv|quad)|\d\s*[-+*/×÷·^]\s*[\d(]/;

/** Words that take back, doubt or restrict: a clause with one of them is no explanation. */
const TURNS =
  /(?<!\p{L})(?:but|however|yet|wait|hmm+|oops|sorry|actually|unfortunately|sadly|alas|regrettably|although|though|nevertheless|nonetheless|still|except|unless|only if|otherwise|instead|maybe|perhaps|possibly|probably|might|may not|could be|not sure|unsure|uncertain|guess\p{L}*|doubt\p{L}*|typo|correction|edit|erratum|oversight|overlooked|forgot\p{L}*|missed|mistak\p{L}*|error\p{L}*|wrong\p{L}*|incorrect\p{L}*|false|invalid|flaw\p{L}*|fails?|failed|failing|violat\p{L}*|contradict\p{L}*|disagree\p{L}*|conflict\p{L}*|inconsisten\p{L}*|mismatch\p{L}*|suspicious|impossible|overcount\p{L}*|undercount\p{L}*|miscount\p{L}*|double[- ]count\p{L}*|off by|too (?:big|small|large|high|low|many|few|much)|no good|reject\p{L}*|discard\p{L}*|exclud\p{L}*|retract\p{L}*|withdraw\p{L}*|revis\p{L}*|reconsider\p{L}*|aber|jedoch|doch|leider|allerdings|mais|cependant|pourtant|hélas|pero|sin embargo|lamentablemente|ma|però|tuttavia|mas|porém|contudo|но|однако|увы|к сожалению)(?!\p{L})|但|然而|不过|可惜|可是|しかし|ただし|でも|하지만|그러나/iu;

/** A reason that speaks of the value itself, and of a fault. */
const TURNING =
  /(?<!\p{L})(?:but|however|yet|although|though|(?:this|that|it|which) (?:is|was|does|can|would|has) ?(?:not|n['’]t|never|wrong|impossible|false|incorrect|no))(?!\p{L})/iu;

/** Words of a fault that is denied, or that say nothing of the value. */
const NO_FAULT =
  /(?<!\p{L})(?:(?:no|not an?|not any|without(?: any)?|nothing|never|zero|free of)\s+(?:\p{L}+ ){0,2}?(?:errors?|mistakes?|contradictions?|constraints?|conditions?|conflicts?|oversights?|doubts?|flaws?)|(?:(?:I|we) )?(?:overlooked|forgot|missed) nothing|(?:there(?:['’]s| is) )?no need|no (?:calculators?|computers?|tools?|code|guess\p{L}*)|(?:do not|don['’]t) forget|violat\p{L}* no \p{L}+|contradict\p{L}* nothing|(?:not|n['’]t) (?:contradict|violate|fail|conflict)\p{L}*|fails? only|yet another|I apologi[sz]e for (?:the|my|any) (?:repetition|length|verbosity|delay|formatting)(?: (?:in|of) my \p{L}+ \p{L}+)?|sorry for (?:the|my|being) (?:long|length|verbos|late|slow)\p{L}*|however (?:we|you|one|it is)|still (?:holds?|works?|valid|correct|true)|no matter|only if and)(?!\p{L})/giu;
/** A clause about another value, with what is wrong with it. */
const OTHER =
  /^\(?(?:(?:and|but|so|because|since|even though|though|although|while|whereas|note that|also|clearly),?\s+)*(?:(?:for|with|if|when|at|taking|using|trying|setting|in case|suppose)\s+(?:we (?:had|take|took|try)\s+)?(?:\p{L}{1,8}\s+(?:(?:is|was|were|=)\s+)?)?[$\\(]*(?:[A-Za-z]\s*=\s*)?[-−]?\d|[$\\(]*(?:[A-Za-z]\s*=\s*)?[-−]?\d[\d.,]*\$?\s+(?:is|are|was|would|fails?|failed|violates?|gives?|does|do|did|has|can|cannot|could|looks|seems)|the (?:value|number|case|choice) [$\\(]*[-−]?\d|(?:we|I)\s+(?:discard|reject|exclude|ignore|drop|rule out|eliminate)(?:ed|d)?\s+(?:the\s+)?(?:other|negative|extraneous|second|complex|[$\\(]*[-−\d]|[A-Za-z]\s*=)|the (?:other|negative|second|remaining|extraneous|alternative|complex) (?:\p{L}+ )?(?:roots?|solutions?|values?|cases?|options?|candidates?|choices?|answers?|one)|(?:any|every|all|no) (?:other|larger|smaller|greater|bigger|higher|lower)|(?:an?|the|one) (?:common|tempting|typical|naive|frequent|usual|popular|frequently)|it is (?:easy|tempting|common) to|there are (?:other|many|several|easier|different|two|more)|the (?:derivation|proof|computation|calculation|method|solution|details?|argument|working)s? (?:is|are|was|were)|(?:(?:option|choice)s?\s+)?\(?[A-J]\)?(?:(?:,|\s+and|\s+or)+\s*\(?[A-J]\)?)*\s+(?:is|are|was|were|fails?|ignores?|has|does|do|would|can|gives?|uses?|forgets?|contradicts?|violates?))/iu;
/** What may be said of an answer that is right. */
const MILD =
  /^(?:(?:which|that|it)\s+)?(?:(?:is|was|does|do|can|could|will|would|should|also|indeed|clearly|thus|then|therefore|of course)\s+){0,3}(?:not|n['’]t|cannot|can['’]t|never|no longer)\s+(?:be\s+)?(?:[$\\(]*[-−]?\d|surpris\p{L}+|depend\p{L}*|chang\p{L}+|matter|affect\p{L}*|an? (?:coincidence|accident|surprise|prime|square|multiple)|improv\p{L}+|beaten|exceed\p{L}*|reduced|simplified|(?:less|more|smaller|larger|lower|higher|greater|bigger|fewer|better|increased|decreased)(?: than)?)/iu;
/** The echo of an instruction: `(as requested, inside \boxed{})`. */
const ECHO =
  /(?:,?\s*(?:in|inside|within|into|using|with|format:))?\s*(?:a |the )?\\boxed\{\s*(?:answer|\.{3}|\\?[cl]?dots)?\s*\}(?:\s+form(?:at)?)?/gi;
/** Stands for an echo. */
const ECHOED = '□';

/** Clauses behind a value, without what separates them. */
function clausesOf(text: string): string[] {
  return text
    .split(/\s*(?:[;；，、]|,(?!\d)|\s[—–-]+\s|—|–(?!\d)|(?:^|\s)\((?=\p{L}|\d)|:\s)\s*/u)
    .map((clause) => clause.replace(/[)\]}\s.]+$/u, '').trim())
    .filter((clause) => /[\p{L}\d]/u.test(clause));
}

function isHarmlessClause(written: string): boolean {
  const clause = written.replace(NO_FAULT, ' ').trim();
  if (clause !== written.trim() && !TURNS.test(clause)) return true;
  if (clause === '' || /^see\s/i.test(clause) || clause.includes(ECHOED)) return true;
  if (NOT_ANOTHER.test(clause) || COMPARED.test(clause)) return true;
  if (/^(?:is|are|was) (?:the|our|my)\s/.test(clause) || MILD.test(clause)) return !TURNS.test(clause);
  if (AGREES.test(clause)) return !isAgainst(clause);
  if (OTHER.test(clause)) return !/(?<!\p{L})(?:however|yet|wait|actually)(?!\p{L})/iu.test(clause);
  if (REASON.test(clause)) return !TURNING.test(clause);
  if (TURNS.test(clause)) return false;
  if (!/\p{L}{2}/u.test(clause.replace(/\\[a-z]+/gi, ''))) return FORMULA.test(clause) || !/\d/.test(clause);
  return FORMULA.test(clause) && !DENIAL.test(clause);
}

/** What follows from an assumption that isn't so (`since otherwise …`) may be as wrong as it likes. */
function areHarmless(clauses: readonly string[]): boolean {
  const otherwise = clauses.findIndex(
    (clause, k) =>
      (k > 0 && /^which /.test(clause) && NOT_ANOTHER.test(clauses[k - 1] ?? '')) ||
      (/(?<!\p{L})(?:otherwise|else)(?!\p{L})/iu.test(clause) && REASON.test(clause)),
  );
  return (otherwise < 0 ? clauses : clauses.slice(0, otherwise)).every(isHarmlessClause);
}

/** What is counted is described, in any words: `numbers that don't contain a 5`. */
const DESCRIBED =
  /^\s*(?:[\p{L}\p{M}’-]+\s+){1,5}?(?:that|who|whom|whose|such that|(?:in|for|of|to|with) (?:which|whom)|satisfying|containing|having)\s/u;
const ASTRAY =
  /(?<!\p{L})(?:but|however|yet|wait|actually|sorry|oops|or|if|unless|though|although|maybe|perhaps)(?!\p{L})|[;—]/iu;

/** Denials within a clause that agrees: `which is not the answer`, `that is hardly correct`. */
function isAgainst(clause: string): boolean {
  return (
    TURNS.test(clause) ||
    (DENIAL.test(clause) && !/^(?:and |so )?(?:there (?:is|are) )?no(?:thing)? /iu.test(clause)) ||
    /(?<!\p{L})(?:hardly|barely|scarcely|far from|anything but|if|seems?|almost|nearly)(?!\p{L})/iu.test(clause)
  );
}

/**
 * Whether the rest of a sentence behind its value leaves the value as it is: a unit or a noun phrase, then reasons, what agrees, and formulas.
 *
 * @example isTail(' apples, since 6·7 = 42') // true
 * @example isTail(' or beyond') // false
 */
export function isTail(rest: string): boolean {
  const text = rest
    .replace(CLOSING_MARKS, ' ')
    .replace(/^\s*□/, ' ')
    .replace(/[\s.。．।,;:!！]+$/u, '');
  if (!/[\p{L}\d]/u.test(text)) return !/[?？؟]|\.{3}|…|[<>≤≥≠+*/]/.test(text);
  const reason =
    /(?:^|\s)(?:because|since|as (?:required|desired|asked|requested|expected|claimed|needed|shown|above)|which|and not|but(?= not | the | there | other )|rather than|instead of|even though|though|although|however (?:we|you)|no matter|(?:is|are|was) (?:the|our|my)|and (?:that|we|this|nothing|no|there|it|so|is)|where|when|so that|if and only if|parce que|car|weil|denn|porque|perché|pois|потому что|так как)(?!\p{L})/iu.exec(
      text,
    );
  const cut = /[,;，；、(（:]|\s[—–-]+\s|—/u.exec(text);
  const end = Math.min(reason?.index ?? text.length, cut?.index ?? text.length);
  const noun = text.slice(0, end);
  const described = DESCRIBED.exec(text)?.[0];
  if (described !== undefined && isNounPhrase(described.replace(/\S+\s*$/, ''))) return !ASTRAY.test(text);
  return isNounPhrase(noun) && areHarmless(clausesOf(text.slice(end)));
}

/** `\boxed{16} students don't read novels`: a verb behind what is counted, in a sentence that announces its value. */
const COUNTED =
  /^[\s$)}\]*]*[\p{L}][\p{L}'’ -]{1,60}?\s(?:are|is|were|was|will|would|can|could|have|has|had|do|does|did|don['’]t|doesn['’]t|didn['’]t|won['’]t|aren['’]t|must|remain|remained|passed|left|attend|came|come|like|need|needed|work|satisfy|exist)(?!\p{L})/iu;

function isCountedClause(rest: string): boolean {
  return COUNTED.test(rest) && isCounted(rest.replace(CLOSING_MARKS, ' ')) && !TURNS.test(rest) && !ASTRAY.test(rest);
}

/** Ends a response; nothing behind it is read. */
const FAREWELL =
  /^(?:(?:great|good|nice|interesting|excellent|fun) (?:question|problem|exercise|puzzle)|well done|I hope|hope(?:fully)? (?:this|that)|thank|thanks|please|let me know|feel free|if you (?:have|need|want|would)|(?:good|best) (?:luck|wishes|regards)|cheers|enjoy|have a|happy|done\b|the end|end of|fin\b|ende\b|q\.?e\.?d|that(?:['’]s| is) (?:it|all)|we(?:['’]re| are) done|this (?:completes|concludes)|is there anything|do you|would you like|\[(?:note|end)|note:|references?\b|source|merci|j['’]espère|n['’]hésitez|danke|ich hoffe|viel (?:erfolg|spaß)|gracias|espero|grazie|spero|obrigad|спасибо|надеюсь|希望|谢谢|如果你|如有|以上|解毕|证毕|終わり|以上です|ありがとう|감사)/iu;
/** Opens an explanation: all that follows explains. */
const EXPLAINS =
  /^(?:\W*(?:(?:key|main|quick|short|brief|detailed|full|my) )?(?:explanation|reasoning|justification|proof|verification|check|checking|solution|details|derivation|steps?|method|remark|note|why|work|working|calculation|hint|explication|preuve|vérification|erklärung|begründung|beweis|probe|explicación|comprobación|demostración|spiegazione|verifica|explicação|verificação|проверка|объяснение|решение|доказательство|解析|解释|说明|验证|检验|过程|分析|理由|説明|検算|풀이|설명|검산)\s*\d?\s*[:：.]|to (?:see|verify|check|find|solve|get|show|understand|explain|prove|justify)|here['’]?s? (?:is|how|why)|the (?:reason|idea|key|explanation|reasoning|proof|problem|question|steps?|first step)|because|since|as(?=\s)|indeed|for (?:example|instance|each|every)|recall|note that|notice|observe|remember|by (?:the|using|symmetry|induction|definition)|using|let(?:['’]s)?(?=\s)|first|we (?:know|have|can|use[d]?|see|need|start|begin|first|get|find|found|note|compute[d]?|solve[d]?|add(?:ed)?|multipl\p{L}+|divid\p{L}+|subtract\p{L}*|appl\p{L}+|count(?:ed)?|want|were|are|get|got|obtain\p{L}*)|in this|each|every|this (?:is because|follows|comes|can be|means|matches|agrees|confirms|is (?:the|an?|obtained|found|true|consistent)|gives|equals|satisfies|holds|works|checks|makes sense|value|number|result|answer)|these|they|there (?:is|are)|it (?:is|can|follows|equals|satisfies|works|matches|checks|holds)|check|verify|verified|checked|plugging|substituting|both|all|if|when|in (?:other|fact|total|general|degrees|decimal|particular)|so|then|thus|hence|therefore|also|and|或|因为|由于|所以|因此|注意|根据|设|首先|en effet|car|donc|denn|nämlich|also|porque|en efecto|infatti|perché|pois|de fato|действительно|ведь|так как)/iu;
/** The subject of a sentence that speaks of the answer. */
const OF_ANSWER =
  /^(?:(?:so|and|then|thus|hence|therefore|indeed|also|in fact|clearly|of course|now|on reflection|on (?:second|further|closer) (?:thoughts?|reflection|inspection|look)|having checked|after (?:all|checking)),?\s+)*(?:this|that|it|which|these|those|they|(?:this|that|the|my|our|your)(?: \p{L}+){0,2} (?:answer|result|value|solution|number|count|total|figure|sum|choice|option)|esto|eso|cela|ça|ce|das|dies|es|questo|ciò|isso|isto|это|оно|这|那|它|该|これ|それ|이것|이는)(?:['’]s)?(?!\p{L})/iu;
const I_SAY =
  /(?<!\p{L})I(?:['’]\p{L}+)?\s+(?!hope|used|use|checked|verified|found|computed|multiplied|added|divided|subtracted|counted|solved|get|got|simply|just|also|then|first|have (?:checked|verified)|applied|noticed|started|took|wrote|double[- ]checked|have (?:put|given|written|boxed)|put|am (?:confident|sure|certain)|['’]m (?:confident|sure|certain))/u;

/** How far behind a value sentences are judged, in characters. */
const REACH = 1_500;

const SENTENCES = /(?<=[.!?][")\]$*]*)\s+|(?<=[。！？])|\n+/u;

/** Whether a sentence behind a value leaves it as it is. */
function isFollower(written: string, value: string, isExplaining: boolean): boolean {
  const sentence = written
    .replace(/^[([]+|[)\].!。\s]+$/g, '')
    .replace(NO_FAULT, ' ')
    .trim();
  const letters = sentence.replace(/\\[a-zA-Z]+/g, '');
  if (!/\p{L}{2}/u.test(letters)) return !/\d/.test(letters) || /[=<>≤≥≈]/.test(sentence) || sentence.includes(value);
  if (
    sentence !== written.replace(/^[([]+|[)\].!。\s]+$/g, '').trim() &&
    !TURNS.test(sentence) &&
    !I_SAY.test(sentence)
  )
    return true;
  if (/(?<!\p{L})as (?:required|desired|expected|claimed|needed)(?!\p{L})/iu.test(sentence) && !TURNS.test(sentence))
    return true;
  if (sentence.includes(ECHOED)) return !TURNS.test(sentence);
  if (/[?？؟]\s*$/.test(sentence) || I_SAY.test(sentence)) return false;
  if (/^it is (?:easy|tempting|common) to(?!\p{L})/iu.test(sentence)) return true;
  if (isOfAnother(sentence, value)) return true;
  const subject = OF_ANSWER.exec(sentence)?.[0];
  if (subject !== undefined) {
    const predicate = sentence.slice(subject.length).trim();
    return MILD.test(predicate) || ((AGREES.test(predicate) || EXPLAINS.test(sentence)) && !isAgainst(predicate));
  }
  if (TURNS.test(sentence)) return false;
  if (isExplaining || EXPLAINS.test(sentence) || FORMULA.test(sentence) || /\$[^$]+\$/.test(sentence)) return true;
  return AGREES.test(sentence) || (sentence.includes(value) && !DENIAL.test(sentence));
}

/** `The second case explains it away`: what is said of something else is said against the answer. */
const UNDOES =
  /(?<!\p{L})(?:(?:it|this|that|them|(?:the|my|our|this|that) (?:answer|value|result|solution|number|count|first(?: one)?))\s+(?:away|out|down|off|apart|aside|over|wrong|false|impossible|invalid)|(?:kill|refut|disprov|undo|undermin|destroy|spoil|break|chang|overrid|replac|remov|invalidat|beat|defeat|supersed|trump|outweigh)\p{L}* (?:it|this|that|(?:the|my|our) (?:answer|value|result|solution|number|count|first(?: one)?)))(?!\p{L})/iu;

/** Whether a sentence speaks of another value than the announced one. */
function isOfAnother(sentence: string, value: string): boolean {
  return (
    OTHER.test(sentence) &&
    !UNDOES.test(sentence) &&
    !new RegExp(`(?<![\\d.])${escaped(value)}(?!\\d|\\.\\d)`).test(sentence)
  );
}

/** What stands behind a value without the sentences that speak of another one: what they reject isn't the value. */
export function withoutOthers(behind: string, value: string): string {
  if (!/\p{L}{2}/u.test(behind)) return behind;
  const [first = '', ...rest] = behind.split(/(?<=[.!?。！？]\s)|(?<=\n)/u);
  return first + rest.filter((sentence) => !isOfAnother(sentence.trim().replace(/^[([]+/, ''), value)).join('');
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Whether an announced value stands, given all that is written behind it: the rest of its sentence is a tail, and every sentence after it
 * agrees, explains, computes or says goodbye.
 *
 * @example stands('. On reflection this is off by one.', '31') // false
 */
export function stands(behind: string, value: string): boolean {
  if (!/[\p{L}\d?？؟]/u.test(behind)) return true;
  const [rest = '', ...after] = behind
    .slice(0, REACH)
    .replace(ECHO, ECHOED)
    .replace(/\\end\{[a-z]+\*?\}/g, ' ')
    .replace(/^[\s$)}\]*]*[.。!！]?\s*\n/, '\n')
    .split(SENTENCES);
  if (!isTail(rest) && !isCountedClause(rest)) return false;
  let isExplaining = false;
  for (const raw of after) {
    const sentence = raw.trim();
    if (!/[\p{L}\d]/u.test(sentence)) continue;
    if (FAREWELL.test(sentence)) return true;
    if (!isFollower(sentence, value, isExplaining)) return false;
    isExplaining ||= EXPLAINS.test(sentence);
  }
  return afterDisowning(withoutOthers(behind, value)) === undefined;
}
