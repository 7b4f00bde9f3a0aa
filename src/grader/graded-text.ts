/** Which of a rollout's texts is graded, where it ran code. */
import { readAnswer } from './compile.ts';
import { findBoxes } from './extract/boxed.ts';
import { withoutEmphasis } from './extract/emphasis.ts';
import { finalPart } from './extract/final-part.ts';
import { findClaims } from './extract/phrases.ts';
import { afterRetraction, isRefusal } from './extract/refusals.ts';
import { readClaim } from './extract/statements.ts';
import { isProse } from './normalise/prose.ts';

/** Says that a check succeeded. */
const CONFIRMS =
  /\b(?:agrees?|agreed|confirm(?:s|ed|ing)?|match(?:es|ed)?|verif(?:y|ies|ied)|correct|consistent|checks? out|as expected|holds?|same|pass(?:es|ed)|valid|right|equals? (?:our|the|my))\b|一致|正确|验证|确认|吻合|符合|相同|confirm[ae]|bestätig|stimmt|подтвержда|совпада|верно/i;

/** Says that something is not as it was thought to be, or goes on to something else. */
const DOUBTS =
  /\b(?:mismatch\w*|disagree\w*|contradict\w*|differ(?:s|ent|ed)?|wrong|incorrect\w*|mistakes?|mistaken|errors?|fail(?:s|ed|ure)?|instead|however|but|unexpected\w*|inconsistent|not|n['’]t|never|no longer|should be|should have|recheck|re-check|recount\w*|reconsider|wait|hmm+|oops|actually|rather|correction|off by|invalid|unequal|except|crash\w*|exception|traceback|timed? ?out)\b|n['’]t\b|≠|不一致|不符|不同|不对|错|但|然而|应该?是|其实|pero|mais|cependant|aber|jedoch|falsch|но |однако|неверн|ошиб/i;

/** Denies a fault, in words that alone would be a doubt. */
const NO_FAULT =
  /\b(?:no|not any|without(?: any)?|not (?:raise|throw|report|find)(?: an?| any)?|zero|0) (?:errors?|mistakes?|exceptions?|mismatch\w*|contradictions?|failures?)\b/gi;

const MARKED = /####\s*\S|<\/(?:answer|final|result)/i;

function isValue(text: string): boolean {
  return !isProse(text) && readAnswer(text)?.readings.some(({ kind }) => kind !== 'text') === true;
}

/** Whether a turn says anything about the answer itself but that it holds. */
function touches(turn: string): boolean {
  const said = finalPart(turn);
  const plain = withoutEmphasis(said).trim();
  // A thought that ends here began in an earlier turn: nothing of that turn was said.
  if (/<\s*\/\s*think|\[\/THINK\]/i.test(turn) && !/<\s*think|\[THINK\]/i.test(turn)) return true;
  if (plain === '') return false;
  const { boxes, isLastVoid } = findBoxes(said);
  if (isLastVoid || boxes.length > 0 || MARKED.test(said)) return true;
  if (
    findClaims(plain).some(
      ({ text, isDenied, isStrong }) =>
        isStrong && !CONFIRMS.test(text) && (isDenied || readClaim(text, isValue).some(isValue)),
    )
  )
    return true;
  if (afterRetraction(plain) !== undefined || isRefusal(plain) || DOUBTS.test(plain.replace(NO_FAULT, ''))) return true;
  return !CONFIRMS.test(plain) && /\d|\$|\\[a-zA-Z([]/.test(plain);
}

/**
 * The text of a rollout that is graded, given what the model wrote in each turn, without code and tool output: the last turn. Where the last
 * turn only confirms an answer or doesn't touch it, and so do the turns before it, the last boxed answer before them counts: code that
 * verifies an answer doesn't take it away. A turn touches the answer if it gives one of its own (a box, `####`, `<answer>`, an
 * answer phrase with a value), takes something back, doubts, refuses, or states numbers or formulas without a word of confirmation.
 *
 * @example gradedText(['So \\boxed{42}. Verify:', 'The check agrees.']) // 'So \\boxed{42}. Verify:'
 */
export function gradedText(turns: readonly string[]): string {
  const last = turns.at(-1) ?? '';
  for (let k = turns.length - 1; k > 0; k--) {
    if (touches(turns[k] ?? '')) return last;
    const before = turns[k - 1] ?? '';
    const { boxes, isLastVoid } = findBoxes(finalPart(before));
    if (isLastVoid) return last;
    if (boxes.length > 0) return before;
  }
  return last;
}
