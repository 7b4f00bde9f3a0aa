import { withoutEmphasis } from './emphasis.ts';
import { findClaims } from './phrases.ts';
import { qualifierBefore } from './qualifiers.ts';
import { isPlan, isRefusal, isRepetition } from './refusals.ts';
import { firstSentence, lastSentences, withoutReasons } from './sentences.ts';

/** Words that a text answers with, for golds that are words. */

const EMPHASISED = /\*\*([^*\n]{1,80})\*\*|__([^_\n]{1,80})__|(?<![\w*])\*([^*\n]{1,80})\*(?![\w*])/g;
const JOINT =
  /(?:(?<![\p{L}])(?:is|are|was|were|will be|must be|be|becomes?|remains?|get|gets|lands? on|falls? on|lies in|called|est|sont|ist|sind|es|son|é|è)(?![\p{L}])|[:：=→⇒]|[是为為]|は|는|은)\s*/gu;
/** `decreasing on the whole line`: where it is so isn't part of the answer. */
const PLACE =
  /(?:,|;|\s+(?:on|in|at|for|over|by|with|when|whenever|throughout|everywhere|because|since|as|if|and therefore|and so|to)\s|，).*$/su;

/** What a sentence may say in few words, most likely first. Empty for a question, a plan, or the problem's words. */
function saidIn(sentence: string): string[] {
  const plain = withoutEmphasis(sentence).trim();
  if (/[?？؟]\s*$/.test(plain) || isRefusal(plain) || isPlan(plain) || isRepetition(plain)) return [];
  const said: string[] = [];
  const emphasised = [...sentence.matchAll(EMPHASISED)];
  const [only] = emphasised;
  if (only !== undefined && emphasised.length === 1 && qualifierBefore(sentence.slice(0, only.index)) !== '\\ne')
    said.push((only[1] ?? only[2] ?? only[3] ?? '').replace(/[.:,]\s*$/, ''));
  const claim = withoutReasons(plain).replace(/[.。!！]\s*$/, '');
  const joint = [...claim.matchAll(JOINT)].at(-1);
  if (joint !== undefined) {
    const predicate = claim.slice(joint.index + joint[0].length);
    said.push(predicate, predicate.replace(PLACE, ''));
  }
  return said.filter((words) => words.trim() !== '');
}

/** What an answer phrase announces in words, else what the last sentence says in few words. */
export function wordsSaid(text: string): string[] {
  const plain = withoutEmphasis(text);
  const claims = findClaims(plain);
  const claim = claims.at(-1);
  if (claim !== undefined) {
    if (claim.isDenied) return [];
    const sentence = firstSentence(claim.text);
    const reasoned = withoutReasons(sentence);
    return [sentence, reasoned, reasoned.replace(PLACE, ''), ...saidIn(sentence)];
  }
  const [last] = lastSentences(text, 1);
  return last === undefined ? [] : saidIn(last);
}
