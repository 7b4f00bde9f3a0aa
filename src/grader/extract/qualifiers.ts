/** Words around a value that make it something else: a bound, a denial, a multiple, an estimate. */

/** `other`: the value is not what is stated, and what is stated instead isn't read. */
export type Qualifier = '>' | '<' | '\\ge' | '\\le' | '\\ne' | 'other';

/** Bounds before a value, strongest match first: `greater than or equal to` before `greater than`. */
const BEFORE: readonly (readonly [Qualifier, string])[] = [
  [
    '\\ge',
    'at least|(?:greater|more|larger|bigger|higher) than or (?:exactly )?equal to|(?:no|not) (?:less|fewer|smaller|lower) than|not (?:below|under)|au moins|supérieure?s? ou égale?s? à|al menos|por lo menos|como mínimo|mayor(?:es)? o igual(?:es)? (?:a|que)|pelo menos|no mínimo|maior ou igual a|mindestens|größer (?:oder )?gleich|nicht weniger als|wenigstens|almeno|maggiore o uguale a|не менее(?: чем)?|не меньше(?: чем)?|как минимум|минимум(?=\\s*[\\d$\\\\])|больше или равно|щонайменше|co najmniej|nejméně|alespoň|minst|mindst|ten minste|minstens|vähintään|legalább|en az|ít nhất|setidaknya|paling sedikit|sekurang-kurangnya|至少[是为有]?|不少于|不小于|不低于|大于(?:或)?等于|少なくとも|最低でも|최소(?:한)?|적어도|على الأقل|लगभग कम से कम|कम से कम',
  ],
  [
    '\\le',
    'at (?:the )?most|(?:less|fewer|smaller|lower) than or (?:exactly )?equal to|(?:no|not) (?:more|greater|larger|higher|bigger) than|not (?:above|over|exceeding)|up to|не (?:превышает|превосходит)|ne dépasse pas|no (?:supera|excede)|übersteigt nicht|au plus|au maximum|inférieure?s? ou égale?s? à|como máximo|a lo sumo|menor(?:es)? o igual(?:es)? (?:a|que)|no máximo|menor ou igual a|höchstens|maximal|kleiner (?:oder )?gleich|nicht mehr als|al massimo|minore o uguale a|не более(?: чем)?|не больше(?: чем)?|максимум(?=\\s*[\\d$\\\\])|меньше или равно|щонайбільше|co najwyżej|nejvýše|høyst|højst|högst|ten hoogste|hoogstens|enintään|legfeljebb|en fazla|nhiều nhất|paling banyak|至多[是为有]?|最多[是为有]?|不超过|不多于|不大于|不高于|小于(?:或)?等于|せいぜい|多くとも|最大でも|최대(?:한)?|많아야|على الأكثر|अधिक से अधिक',
  ],
  [
    '>',
    '(?:(?:strictly|slightly|much|a (?:bit|little)) )*(?:more|greater|larger|bigger|higher|longer|older) than|bounded (?:from )?below by|over|above|(?:has to |must |should |will |does )?exceeds?|exceeding|surpass(?:es|ing)?|tops|outnumbers|overtakes|dépasse|excède|übersteigt|überschreitet|supera(?! a la)|excede|sobrepasa|ultrapassa|oltrepassa|превышает|превосходит|перевищує|przekracza|overstijgt|in excess of|upwards? of|beyond|(?:au[- ]|en )?dessus de|plus (?:grande? )?(?:de|que)|supérieure?s? à|más de|mayor(?:es)? (?:que|a)|superior(?:es)? a|mais de|maior(?:es)? (?:que|do que)|mehr als|größer als|über|più di|maggiore di|больше(?: чем)?|более(?: чем)?|свыше|більше|więcej niż|większ[aey] niż|více než|větší než|mer än|större än|mere end|større end|større enn|mer enn|meer dan|groter dan|enemmän kuin|suurempi kuin|több mint|nagyobb mint|nhiều hơn|lớn hơn|lebih (?:dari|besar dari)|大于|多于|超过|高于|大於|超過|比(?=\\s*[\\d$\\\\].{0,20}[大多高])|أكثر من|أكبر من|से अधिक',
  ],
  [
    '<',
    '(?:(?:strictly|slightly|much|a (?:bit|little)) )*(?:less|fewer|smaller|lower|shorter|younger) than|bounded (?:from )?above by|under|below|(?:just|well|slightly|strictly) under|just short of|shy of|(?:en|au)[- ]dessous de|moins (?:grande? )?(?:de|que)|inférieure?s? à|menos de|menor(?:es)? (?:que|a)|inferior(?:es)? a|menos do que|menor(?:es)? do que|weniger als|kleiner als|unter|meno di|minore di|меньше(?: чем)?|менее(?: чем)?|менше|mniej niż|mniejsz[aey] niż|méně než|menší než|mindre än|mindre end|mindre enn|minder dan|kleiner dan|vähemmän kuin|pienempi kuin|kevesebb mint|kisebb mint|ít hơn|nhỏ hơn|kurang dari|lebih kecil dari|小于|少于|不到|不足|低于|小於|少於|比(?=\\s*[\\d$\\\\].{0,20}[小少低])|أقل من|أصغر من|से कम',
  ],
  [
    '\\ne',
    "(?:(?:is|are|was|were|be|can|ca|could|would|should|do|does|did|has|have|wo)(?:\\s?n['’]t| not)|(?:must|may|might|will) not|differs? from|unlikely(?: to)?|impossible(?: to| for it to)?|never \\p{L}+|cannot|never|not|neither|nor|anything but|nothing but not|anything other than|other than|any(?:thing)? except|except(?: for)?|by no means|different from|distint[ao]s? (?:de|a)|diferentes? (?:de|a)|différente? de|divers[ao] da|ungleich|verschieden von|отлич(?:ен|на|но|ны|ается) от|unequal to|instead of|rather than|far from)(?: (?:be|been|exactly|simply|just|equal(?: to)?|the (?:number|value)|really|actually|necessarily|likely))*|n['’]est pas(?: égale?s? à)?|ne (?:peut|vaut|fait|font|sont) pas(?: être)?|pas|non|no (?:es|son|puede (?:ser|valer)|vale|era)|não (?:é|são|pode ser)|não|(?:ist|sind|war|kann|beträgt) nicht|nicht|keine(?:s(?:falls|wegs))?|niemals|non è|non sono|non può essere|не(?: равн[ао]?[оы]?| равен| является| может быть)?|ні|nie jest|nie|není|inte|är inte|er ikke|ikke|is niet|niet|ei ole|nem|nu este|nije|değil|bukan(?:lah)?|không phải(?: là)?|ไม่ใช่|ไม่เท่ากับ|不可以?等于|不是|不等于|不等於|不为|不可能[是为]?|不会是|并非|绝非|不能(?:是|为|等于)|不應是|不应该?[是为]|而非|ليس(?:ت)?|ليس هو|لا (?:ت|ي)ساوي|نہیں|نیست|नहीं",
  ],
  [
    'other',
    '(?:minus|negative) (?:one|two|three|\\d+) times|twice|double|thrice|triple|quadruple|half(?: of)?|one[- ](?:half|third|quarter|fourth|fifth) of|(?:(?:a|the) )?(?:half|third|quarter|fourth|fifth|square|cube|double|reciprocal|inverse|opposite|negative|root|multiple|factor|divisor|power|complement|logarithm|log|sine|cosine|tangent|factorial|double|triple|successor|predecessor|additive inverse) of|(?:two|three|four|five|six|seven|eight|nine|ten|\\d+|several|many|a few) times(?=\\s+(?:\\d|\\$|\\\\|[a-z](?![a-z])))|(?:square|cube|cubic|fourth|n-th|nth) (?:root )?(?:of )?|multiples? of|(?:factors?|divisors?|powers?|digits?|remainders?) of|divisible by|(?:one|two|three|\\d+) (?:more|less|fewer|greater|smaller) than(?=\\s+(?:\\d|\\$|[a-z](?![a-z])))|almost|nearly|not quite|practically|virtually|just (?:about )?(?:above|below|over|under)|close to|near|around the|double of|minus the|one(?=\\s+\\d+th)|as (?:many|much|large|big) as|(?:le )?(?:double|triple) de|(?:la )?moitié de|presque|(?:el )?(?:doble|triple) de|(?:la )?mitad de|casi|(?:o )?(?:dobro|triplo) de|metade de|quase|(?:das )?(?:doppelte|dreifache) von|(?:die )?hälfte von|doppelt|fast|beinahe|(?:il )?doppio di|(?:la )?metà di|quasi|почти|вдвое больше|удвоенное|половина от?|几乎[是为]?|将近|接近|不止|的?倍数?|约等于|ほぼ|거의|(?:(?:strictly|somewhere|anywhere) )?between|from|within|among|(?:roughly|approximately|about)(?=\\s+\\S{1,20}, but not)',
  ],
];

/** Letters of scripts that put spaces between words. */
const LETTER = '[\\p{Script=Latin}\\p{Script=Cyrillic}\\p{Script=Arabic}\\p{Script=Greek}\\p{M}]';
const WORDS = BEFORE.map(([, words], k) => `(?<q${k}>${words})`).join('|');
const LINK = '(?:\\s+(?:about|approximately|exactly|the (?:number|value)|a|an|of|some|is|be))*[\\s:：]*';
const AT_START = new RegExp(`^(?:${WORDS})(?!${LETTER})${LINK}`, 'iu');
const AT_END = new RegExp(`(?<!${LETTER})(?:${WORDS})(?!${LETTER})${LINK}$`, 'iu');

/** Qualifiers behind a value. */
const AFTER: readonly (readonly [Qualifier, string])[] = [
  [
    '\\ge',
    'or (?:more|greater|above|higher|larger|over|up|bigger|older|longer)|and (?:above|up|over|more|higher|greater)|at (?:the )?(?:very )?(?:least|minimum)|ou (?:plus|davantage|mais)|o más|o mayor|oder (?:mehr|größer)|o (?:di )?più|или (?:больше|более)|and upwards?|or upwards?|veya daha (?:fazla|büyük)|أو أكثر|以上|或(?:更多|以上|更大)|及以上|이상',
  ],
  [
    '\\le',
    'or (?:less|fewer|lower|below|under|smaller|shorter)|and (?:below|under|less|fewer)|at (?:the )?(?:very )?(?:most|maximum)|tops|ou moins|o menos|ou menos|oder weniger|o meno|или (?:меньше|менее)|veya daha az|أو أقل|以下|或(?:更少|以下)|以内|이하',
  ],
  ['<', "未満|미만|より(?:も)?(?:小さい|少ない)|보다 ?(?:작|적)|['’]?[dt][ea]n (?:daha )?(?:küçük|az)"],
  [
    '>',
    "より(?:も)?(?:大きい|多い)|を(?:超え|上回)|보다 ?(?:큰|크|많|큽)|을? ?초과|['’]?[dt][ea]n (?:daha )?(?:büyük|fazla|çok)",
  ],
  [
    '\\ne',
    "(?:is|are|was|were|can|could|would|will|should|must|do|does|did|has|have)(?: not|n['’]t)|cannot|(?:is|are|was|were|would be|looks|seems)(?: also| clearly| definitely| therefore)? (?:wrong|incorrect|impossible|false|invalid|excluded|ruled out|eliminated|rejected|too (?:large|small|big|high|low))|fails|(?:では|でも|じゃ|で)(?:ない|ありません|なく)|(?:이|가)?\\s?아[니닙]|değil|নয়|नहीं|نہیں|نیست|不对|不正确|不是(?:答案|正确)|是(?:错|不)|(?:est|es|é|è) (?:faux|fausse|incorrect\\w*|falso|falsa|errad\\w|sbagliat\\w)|ist (?:falsch|nicht)|неверно|неправильно",
  ],
  [
    'other',
    'or (?:maybe|perhaps|possibly|even|so(?![a-z])|thereabouts)|and (?:change|counting)(?![a-z])|give or take|up to (?:a )?(?:sign|constant|multiple|factor)|ish(?![a-z])|plus something|and then some|-?fold(?![a-z])|(?:more|less|fewer) than the (?:previous|last|first|next|other|original)|的?(?:两|二|三|四|五|\\d+|几)倍|的(?:一半|平方|立方|倍数|相反数|倒数)|の\\d*倍|の半分|의 ?\\d*배|(?:times|x) (?:as|larger|more|greater|bigger|smaller|less|that|the|what)|(?:more|less|fewer|greater|larger|smaller) than (?:\\d|\\$|[a-hj-z](?![a-z])|twice|half|the (?:square|cube|sum|product|number))|plus(?! or minus)|minus|squared|cubed|factorial|doubled|halved|tripled|short of|shy of|away from|divided by|multiplied by|to the (?:power|\\d)|over \\d|off by|fois plus|veces (?:más|mayor)|vezes mais|mal so|раза? больше|倍(?:大|多)',
  ],
];
const WORDS_AFTER = AFTER.map(([, words], k) => `(?<a${k}>${words})`).join('|');
/** A counted noun may stand between. */
const BEHIND = new RegExp(
  `^[\\s()}\\]$*,，]*-?(?:\\p{L}+[\\s,]+|[\\p{Script=Han}\\p{Script=Hangul}]{1,2}?)?(?:${WORDS_AFTER})`,
  'iu',
);

function kindOf(
  groups: Record<string, string | undefined> | undefined,
  table: readonly (readonly [Qualifier, string])[],
  prefix: string,
): Qualifier | undefined {
  if (groups === undefined) return undefined;
  return table.find((_, k) => groups[`${prefix}${k}`] !== undefined)?.[0];
}

/** The qualifier that a claim begins with, and its length. */
export function leadingQualifier(claim: string): { readonly kind: Qualifier; readonly length: number } | undefined {
  const match = AT_START.exec(claim.slice(0, 80));
  const kind = kindOf(match?.groups, BEFORE, 'q');
  return match && kind !== undefined ? { kind, length: match[0].length } : undefined;
}

/** The qualifier directly before a value. */
export function qualifierBefore(before: string): Qualifier | undefined {
  return kindOf(AT_END.exec(before.slice(-60))?.groups, BEFORE, 'q');
}

/** The qualifier directly behind a value. */
export function qualifierBehind(behind: string): Qualifier | undefined {
  return kindOf(BEHIND.exec(behind.slice(0, 48))?.groups, AFTER, 'a');
}
