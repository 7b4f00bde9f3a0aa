import { DENIAL } from './denial.ts';
import { afterRetraction } from './refusals.ts';
import { withoutReasons } from './sentences.ts';

/** What the words behind a value make of it, in its own sentence and after it. */

/** Judges a value, directly behind it. */
const REJECTED =
  /^[\s$)}\]*"'”]*(?:\p{L}+[\s,]+){0,2}?(?:(?:also|clearly|actually|then|therefore|thus|obviously|certainly|definitely)\s+)?(?:(?:is|are|was|were|must be|has to be|can be|should be|would be|gets?|looks|seems|turns out(?: to be)?|est|es|é|è|ist|wird|wurde|является|será|sarà|sera)\s+(?:(?:also|clearly|thus|therefore|obviously|then|however|simply|definitely|actually|donc|also|daher)\s+)?)?(?:wrong|incorrect|false|invalid|impossible|reject\p{L}*|excluded|ruled out|discarded|eliminated|dismissed|disqualified|extraneous|spurious|inadmissible|unacceptable|a red herring|out of (?:range|the question)|(?<=(?:is|are|was|were|be|looks|seems) )too (?:large|small|big|high|low|many|few|much)|отпада\p{L}+|выпада\p{L}+|исключ\p{L}+|отбрасыва\p{L}+|отброш\p{L}+|посторонн\p{L}+|лишн\p{L}+|противореч\p{L}+|неверен|неверн\p{L}+|ошибоч\p{L}+|не\s+(?:подход\p{L}+|верно|является|решени\p{L}+|годится|удовлетвор\p{L}+)|faux|fausse|exclue?|rejeté\p{L}*|(?:à|a) (?:rejeter|exclure|écarter)|ne (?:convient|marche|vérifie) pas|entfällt|scheidet aus|fällt (?:weg|aus|heraus)|falsch|ausgeschlossen|verworfen|unmöglich|falso|falsa|incorrect[ao]|se (?:descarta|rechaza|excluye|elimina)|queda (?:descartad[ao]|excluid[ao]|fuera)|no (?:sirve|vale|cumple|funciona)|si (?:scarta|esclude)|va scartat[ao]|non (?:va bene|soddisfa|funziona)|não (?:serve|satisfaz|vale|funciona)|excluíd[ao]|excluid[ao]|descartad[ao]|imposible|impossibile|escluso|esclusa|errad[ao]|sbagliat[ao]|不对|错(?:误|了)?|不正确|不成立|不符|不满足|不是(?:解|根|答案|正确)|舍去?|应舍|不合题意|排除|は(?:誤|間違|不適|違)|(?:은|는|이|가) (?:틀|아니|아닙))(?![a-zà-ÿ])/iu;

/** A correction in the same breath; what follows it counts: `15, no, 16`, `15... or not: 16`. */
const CORRECTION =
  /^[\s$)}\]*"'”]*(?:[,;:?!]|\.{1,3}|…|\s[—–-]|\s*\()\s*(?:(?:no|non|nein|нет|não|nee|nej|nie|nope|or not|isn['’]t it|sorry|pardon|perdón|oops|wait|pardon me|actually|in fact|make that|entschuldigung|извините|scusate|desculpe|not quite|wrong|falsch|faux|いや|不对|不|错了?|更正)\s*(?:[,;:.?!—–，。：…]|\.{3}|$)|(?:actually|in fact|make (?:that|it)|or rather|better|no wait|I mean|je veux dire|ich meine|quiero decir|то есть нет)[,:]?\s)/iu;

/** `15, up to sign`: not quite the value. */
const LOOSE =
  /^[\s$)}\]*]*,?\s*(?:up to (?:a |the |an overall )?(?:sign|constant|multiple|factor|permutation)|give or take|or (?:so|thereabouts)|and change|or something|more or less)(?![a-z])/i;

const ANAPHOR =
  '(?:this|that|it|these|those|they|(?:this|that|the|my|our) (?:answer|result|value|solution|number|count|total|figure|sum)|esto|eso|ello|ça|cela|ce|das|dies|es|er|questo|ciò|isso|isto|это|оно|он|这|那|它|这个|该|これ|それ|이는|이것)(?!\\p{L})';
const ADVERSATIVE =
  '(?:but|however|yet|although|though|except(?: that)?|only|unfortunately|sadly|alas|whereas|pero|sin embargo|aunque|mais|cependant|pourtant|aber|jedoch|allerdings|obwohl|doch|ma|però|tuttavia|mas|porém|contudo|но|однако|хотя|但是?|然而|不过|可是|しかし|ですが|でも|하지만|그러나)';
/** `…, however this overcounts by 1`: whatever is said of the value in contrast to it, but praise. */
const CONTRASTED = new RegExp(
  `(?:^[^.!?。！？\\n\\d]{0,40}?(?<!\\p{L})|[.!?。！？\\n]\\s*)${ADVERSATIVE}(?:\\s*[,，、])?\\s*(?:(?:in fact|actually|then|sadly|here|clearly|of course|now),?\\s+)?${ANAPHOR}[^.!?。！？\\n;；]*`,
  'iu',
);
const PRAISED =
  /match|agree|confirm|correct|right|true|works?(?!\p{L})|holds?(?!\p{L})|fine|consist|valid|unique|easy|simpl|equal|equivalent|written|same|depends?|not (?:matter|affect|change|contradict)|reasonable|sense|plausible|attained|achiev|optimal|enough|suffic|known|possible(?! only)|一致|正确|成立|подход|верн/iu;

/** `…, which contradicts n > 20`, `It would exceed the total.` */
const JUDGED = new RegExp(
  `(?:^[^.!?。！？\\n\\d]{0,30}?[,，\\s(]\\s*which|(?:^|[,;:.!?。，；：\\n([—–]\\s*|\\s(?:and|as|so)\\s+)${ANAPHOR})((?:[’']s)?[^.!?。！？\\n;；,]*)`,
  'giu',
);
const FAULT =
  /(?:contradict|conflict(?:s|ing)?(?!\p{L})|violat(?!\p{L}+ no(?!\p{L}))|(?<!no )(?:over|under|double|mis)[- ]?count|impossib|inconsist|absurd|nonsens|invalid|inadmiss|extraneous|reject|exclud|rul(?:es|ed) (?:it )?out|discard|unacceptabl|(?<!nothing )(?<!not )(?:wrong|incorrect|mistaken|false)|off by|wrongly|mistakenly|erroneous|distractor|red herring|(?:thrown|tossed|cast|set|crossed|struck|left|taken|weeded) (?:away|out|aside)|must be (?:dropped|removed|deleted|ignored)|(?:is|are|was|were|be|way|far|looks?|seems?) too (?:large|small|big|high|low|many|few|much)|can(?: ?not|['’]t) be(?! (?:reduced|simplified|improved|written|factored|expressed|beaten|lower|higher|smaller|larger|exceeded|less|more|fewer|greater|bigger|any)|\s*[\d$\\−-]|\s*[A-Ja-z](?![A-Za-z]))|fails?(?!\p{L}| to| only)|widers|contredi|contradic|contraddi|противореч|невозможн|неверн|ошиб|矛盾|不可能|不是解|不成立|不符|不对|不满足|错误)/iu;
const NO_FAULT =
  /(?:fails? only|not|n['’]t|never|no|without|cannot|nor|any|ne|не|nicht|non|不|没有?)\s*(?:\p{L}+\s+){0,2}(?:contradict|conflict|violat|fail|wrong|incorrect|inconsist|exclu|impossib|error|invalid|mistak|widers|contred|contradic|противореч|矛盾)|(?:easy|common|tempting|easily|assumption|otherwise|would|were|if|other|else)/iu;

/** Whether the rest of a sentence behind a value tells against it: `, a contradiction`, ` leads to an absurdity`, ` no es solución`. */
export function tellsAgainst(rest: string): boolean {
  if (!/\p{L}/u.test(rest)) return false;
  const [clause = ''] = withoutReasons(rest)
    .replace(
      /(?<!\p{L})(?:without|sans|ohne|sin|senza|sem|без)\s+\p{L}+|(?<!\p{L})(?:and |but )?(?:not|no|nicht|non|pas|не|rather than|instead of)\s+[$\d\\(−-]\S*|而?不是\s*[$\d]\S*/giu,
      ' ',
    )
    .split(/[.;!?。；！？]\s|,\s+(?:and|but|so|und|et|y|e|и)\s|(?:所以|因此|故)/u, 1);
  return DENIAL.test(clause) || (FAULT.test(clause) && !NO_FAULT.test(clause));
}

/** What stands behind words that judge the value before them wrong: ` is incorrect; …`. */
export function afterJudgement(behind: string): string | undefined {
  const match = REJECTED.exec(behind.slice(0, REACH));
  return match === null ? undefined : behind.slice(match[0].length);
}

/** `that doesn't satisfy the condition`: a denied verb, but those that say nothing against a value. */
const FALLS_SHORT =
  /^\s*(?:(?:also|actually|clearly|then|still)\s+)?(?:does|do|did|would|will|wo|can)(?:\s?n['’]t|\s+not)\s+(?:(?:really|actually|quite|even|seem to|appear to)\s+)?(?!depend|matter|change|affect|contradict|exceed|violat|require|need|conflict|include|use|mean|imply|involve|count|rely|influence|alter|happen|hurt|fail|be\s|overlap|repeat)\p{L}+/iu;

const CHATTER = /\bI hope\b[\s\S]*$/;

/** Number of characters behind a value that are read for a judgement of it. */
const REACH = 400;

/**
 * What stands in place of a value that the text behind it takes back, judges wrong or corrects: the text behind those words; undefined where
 * the value stands.
 *
 * @example afterDisowning(', however this overcounts by 1. So 14.') // '. So 14.'
 */
export function afterDisowning(behind: string): string | undefined {
  if (!/[\p{L}?]/u.test(behind)) return undefined;
  const near = behind.slice(0, REACH).replace(CHATTER, '');
  for (const sign of [REJECTED, CORRECTION, LOOSE]) {
    const match = sign.exec(near);
    if (match) return behind.slice(match[0].length);
  }
  const contrast = CONTRASTED.exec(near);
  if (contrast && !PRAISED.test(contrast[0])) return behind.slice(contrast.index + contrast[0].length);
  for (const judged of near.matchAll(JUDGED)) {
    const predicate = judged[1] ?? '';
    if ((FAULT.test(predicate) && !NO_FAULT.test(predicate)) || FALLS_SHORT.test(predicate))
      return behind.slice(judged.index + judged[0].length);
  }
  return afterRetraction(behind);
}
