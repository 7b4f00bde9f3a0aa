import { tellsAgainst } from './aftermath.ts';
import { DENIAL } from './denial.ts';

/** Whether a sentence without an answer phrase states the value in it, or only tries, doubts, denies or mentions it. */

/** Words with which a value is supposed, tried or guessed. */
const TENTATIVE =
  /(?<!\p{L})(?:perhaps|maybe|possibly|conceivably|might|may|could|whether|unless|suppos(?:e|ing)|assum(?:e|ing)|guess|tr(?:y|ied)|attempt(?:s|ed)?|check(?:ed)?|tested|(?:am|are|was|were|still|been|keep) (?:check|test|try|guess)ing|todo|tbd|wonder|imagine|say|so far|thus far|up to now|until now|peut-être|supposons|essay\p{L}+|quizás?|tal vez|supongamos|prob(?:ar|emos|é)|vielleicht|womöglich|angenommen|versuch\p{L}*|forse|provo|talvez|tent\p{L}+|может|возможно|допустим|попроб\p{L}+)(?!\p{L})|可能|也许|或许|大概|假设|试试|如果|もし|たぶん|아마|만약/iu;
/** Where the clause of a value begins. */
const CLAUSE =
  /[,;:，；：—–(]|(?<!\p{L})(?:so(?! far)|thus|hence|therefore|then|but|yet|and|finally|that|donc|also|daher|somit|entonces|luego|quindi|portanto|итак|значит|поэтому)(?!\p{L})|所以|因此|故|从而|于是|即|得/giu;
/** What the writer does with a value and thereby states it. */
const WRITER =
  /^(?:I|we)\s+(?:(?:can|must|will|should|do|also|then|thus|therefore|now|finally|indeed|in fact|only|actually|easily|just|would)\s+)*(\p{L}+)/iu;
const STATES =
  /^(?:are|am|have|had|has|get|gets|got|obtain\w*|find|finds|found|see|sees|conclude\w*|deduce\w*|need|needs|know|knows|arrive\w*|count\w*|compute\w*|calculate\w*|derive\w*|determine\w*|reach\w*|end|ends|ended|infer\w*|establish\w*|discover\w*|think|believe|say|claim|set|reduce\w*|add|sum|multiply|divide|subtract|round\w*|simplify|receive\w*|pay|paid|owe|spend|spent|earn\w*|save\w*|buy|bought|make|makes|made|take|takes|took|use|used|sell|sold|expect|require|want|choose|pick|select|read|want|come|came|be|answer|notice|observe|saw|produce\w*|recover|solve\w*|evaluate\w*|total|totals|give|gives)$/iu;
const ORDER =
  /^(?:(?:next|now|then|first|please|also|let['’]s|ok|okay|and),?\s+)*(?:try|check|test|verify|consider|see|cf|note|recall|compare|skip|drop|use|divide|multiply|apply|put|write|reject|discard|exclude|eliminate|ignore|avoid|remember|assume|suppose|imagine|take|plug|substitute|look|todo|fixme|tbd|proceed|continue|read|refer|turn|go)(?!\p{L})/iu;
/** An order that comes to its result. */
const YIELDS = /(?<!\p{L})(?:to (?:get|obtain|find|have|give|yield)|gives?|gets?|yields?|obtains?)(?!\p{L})/iu;
/** What holds of any number names none. */
const ANY =
  /^(?:any|every)\s+(?:\p{L}+\s+)?(?:integer|number|value|natural|real|multiple|prime|even|odd|positive|[a-z])s?(?!\p{L})/iu;
/** Prepositions after which a number is no result. */
const APART =
  /(?<!\p{L})(?:past|beyond|above|below|near|under|over|around|without|except|until|till|since|after|before|than|from|through|via|against|towards?|within|among|between|despite|unlike|across|along|behind|beside|besides|on|by|(?<!(?:left|up|leaving \p{L}{2,5}) )with|for|at|these|those|my|see|cf|step|page|line|eq|equation|case|figure|table|part|section|chapter|no|number|item|question|problem|exercise|version|iteration|attempt|round)\.?\s*[(#$\\]*\s*$/iu;
/** `at 9 a.m.` */
const TIME = /\d\s*[ap]\.?\s?m\b|\d:\d{2}/i;
/** `The 30 students`: a number that is known. */
const KNOWN = /^\s*the\s+$/i;
/** Something is still to be done with the value. */
const OPEN =
  /^[\s$)}\]*]*(?:\p{L}+\s+){0,3}?(?:(?:left|remaining|still|yet|more) to\s|(?:so|thus) far|(?:next|first)(?!\p{L})|\.{3}$|(?:out )?of (?:\d+|them|these|the \d+) (?:done|checked|finished|complete))/iu;

/** A verb between a denial and a value: the denial is of something else (`those who did not come are 16`). */
const COPULA =
  /(?:[=:：]|(?<!\p{L})(?:is|are|was|were|it['’]s|that['’]s|has|have|had|equals?|est|sont|ist|sind|es|son|é|são|è|sono|это|равн\p{L}+)(?!\p{L})|[是为])[^\p{L}]*\S{0,12}$/iu;
/** `60 - 20 =`: a value that is computed is stated. */
const COMPUTED = /\d[^=.;!?。]{0,60}?(?:[-+*/×÷·–−%]|\sx\s|\\(?:times|cdot|div))[^=;!?。]{1,80}=[\s$€£\\(]*$/u;

/** Whether a text ends with the result of a computation, perhaps with its unit: `120 boxes + 15 boxes = 135 boxes`. */
export function endsComputed(text: string): boolean {
  const at = text.lastIndexOf('=');
  return (
    at >= 0 &&
    COMPUTED.test(text.slice(0, at + 1)) &&
    /^=[\s$€£\\(]*[-−]?\d[\d.,]*%?(?:\s+\p{L}+){0,3}(?:\/\p{L}+)?[\s$).]*$/u.test(text.slice(at))
  );
}

/** Whether a clause denies the value that it ends with. */
function denies(clause: string): boolean {
  let last: RegExpExecArray | null = null;
  for (let from = 0; ; ) {
    const match = DENIAL.exec(clause.slice(from));
    if (match === null) break;
    from += match.index + match[0].length;
    last = match;
    last.index = from;
  }
  if (last === null) return false;
  const between = clause.slice(last.index);
  return !(/\S\s+\S/.test(between) && COPULA.test(between));
}

/** The part of a sentence before a value that belongs to its clause. */
function clauseBefore(before: string): string {
  let from = 0;
  for (const match of before.matchAll(CLAUSE)) from = match.index + match[0].length;
  return before.slice(from).trim();
}

/** Whether the clause that ends here denies what comes next, or only supposes it: `I doubt`. */
export function isHeldBack(before: string): boolean {
  const clause = clauseBefore(before);
  return denies(clause) || TENTATIVE.test(clause);
}

/** `sentence` states `value`, which stands in it and may follow a name (`x = 15`). */
export function states(sentence: string, value: string): boolean {
  const at = sentence.lastIndexOf(value);
  if (at < 0) return true;
  const before = sentence.slice(0, at);
  const behind = sentence.slice(at + value.length);
  if (tellsAgainst(behind) || KNOWN.test(before)) return false;
  if (!/\p{L}{2}/u.test(before) || COMPUTED.test(before)) return true;
  if (OPEN.test(behind) || (ORDER.test(before.trimStart()) && !YIELDS.test(before))) return false;
  // `This one is hard (worth 30 points).`
  if (before.lastIndexOf('(') > before.lastIndexOf(')') && /\p{L}{2}[^(]*\([^(]*\p{L}{2}[^(]*$/u.test(before))
    return false;
  const clause = clauseBefore(before);
  if (
    denies(clause) ||
    (ANY.test(clause) && !COPULA.test(clause)) ||
    TENTATIVE.test(clause) ||
    (APART.test(clause) && !TIME.test(value))
  )
    return false;
  const verb = WRITER.exec(clause)?.[1];
  return verb === undefined || STATES.test(verb);
}
