import { readNumberWords } from '../normalise/number-words.ts';
import type { Answer } from '../structure/structure.ts';
import { labelled, withoutLabel } from './labels.ts';
import { compareLists, hasPlusMinus } from './lists.ts';
import { compareRatios, compareTimes, compareWithUnits, integer } from './measures.ts';
import { compareTwoRelations } from './named-values.ts';
import { type Comparison, every, incorrect, type Outcome, undecided } from './outcome.ts';
import { compareRegions, isRegion, toRegion } from './regions.ts';
import { compareTexts } from './text.ts';
import { asTuple, compareGroups, compareMatrices, compareOrderedValues, isOpenTuple } from './tuples.ts';

/** Gold and answer, as structures. Every rule is symmetric but where a convention says otherwise. */
export function compareAnswers(gold: Answer, answer: Answer, how: Comparison): Outcome {
  if (--how.budget.left < 0) return undecided('work-limit');
  if (gold.kind === 'scalar' && answer.kind === 'scalar' && !hasPlusMinus(gold) && !hasPlusMinus(answer))
    return compareWithUnits(gold, answer, how);
  if (gold.kind === 'relation' && answer.kind === 'relation') {
    if (isRegion(gold) && isRegion(answer)) {
      const [a, b] = [toRegion(gold), toRegion(answer)];
      if (a && b) return compareRegions(a, b, how);
    }
    return compareTwoRelations(gold, answer, how);
  }
  if (isRegion(gold) || isRegion(answer)) {
    const [a, b] = [toRegion(gold), toRegion(answer)];
    if (a && b && gold.kind !== 'scalar' && answer.kind !== 'scalar') return compareRegions(a, b, how);
  }
  if (gold.kind === 'relation' || answer.kind === 'relation') {
    const [a, b] = [withoutLabel(gold, true), withoutLabel(answer, false)];
    if (answer.kind === 'relation') {
      const parts = labelled(answer, false);
      if (
        parts &&
        every(
          parts.others.map((other) => compareAnswers(parts.value, other, how)),
          'chain',
        ).verdict === 'incorrect'
      )
        return incorrect('chain-inconsistent');
    }
    if (a !== gold || b !== answer) return compareAnswers(a, b, how);
    if (gold.kind !== 'list' && answer.kind !== 'list') return incorrect('kind-differs');
  }
  if (gold.kind === 'text' || answer.kind === 'text') return compareAsText(gold, answer, how);
  const [goldList, answerList] = [listItems(gold), listItems(answer)];
  const [goldTuple, answerTuple] = [asTuple(gold), asTuple(answer)];
  if (goldTuple && answerTuple)
    return gold.kind === 'matrix' && answer.kind === 'matrix'
      ? compareMatrices(gold, answer, how)
      : compareGroups(gold, answer, goldTuple, answerTuple, how);
  if (gold.kind === 'matrix' && answer.kind === 'matrix') return compareMatrices(gold, answer, how);
  const isSet = (side: Answer) => side.kind === 'group' && side.open === '{';
  if (goldTuple && isOpenTuple(gold) && answerList?.length === goldTuple.length)
    return compareOrderedValues(goldTuple, answerList, how);
  if (answerTuple && isOpenTuple(answer) && goldList?.length === answerTuple.length)
    return compareOrderedValues(goldList, answerTuple, how);
  const isMany = [gold, answer].some((side) => side.kind === 'list' || hasPlusMinus(side) || isSet(side));
  if (isMany) return compareLists(gold, answer, how);
  if (gold.kind === 'ratio') return compareRatios(gold, answer, how);
  if (answer.kind === 'ratio') return compareRatios(answer, gold, how);
  if (gold.kind === 'time') return compareTimes(gold, answer);
  return incorrect('kind-differs');
}

function compareAsText(gold: Answer, answer: Answer, how: Comparison): Outcome {
  const text = (side: Answer): string | undefined => {
    if (side.kind === 'text') return side.text;
    if (side.kind === 'named-set')
      return side.name === 'empty' ? '\\emptyset' : side.name === 'R' ? 'reals' : side.name;
    if (side.kind === 'scalar' && side.expression.kind === 'constant' && side.expression.name === 'infinity')
      return 'infinity';
    if (side.kind === 'scalar' && side.expression.kind === 'symbol') return side.expression.name;
    return undefined;
  };
  // `three` for 3.
  const asNumber = (side: Answer): Answer => {
    const value = side.kind === 'text' ? readNumberWords(side.text.replace(/[^a-zA-Z\s-]/g, '')) : undefined;
    return value === undefined ? side : { kind: 'scalar', expression: integer(BigInt(value)) };
  };
  const [goldNumber, answerNumber] = [asNumber(gold), asNumber(answer)];
  if (
    goldNumber.kind === 'scalar' &&
    answerNumber.kind === 'scalar' &&
    (goldNumber !== gold || answerNumber !== answer)
  )
    return compareWithUnits(goldNumber, answerNumber, how);
  const [a, b] = [text(gold), text(answer)];
  return a !== undefined && b !== undefined ? compareTexts(a, b, how) : incorrect('kind-differs');
}

function listItems(answer: Answer): readonly Answer[] | undefined {
  return answer.kind === 'list' ? answer.items : undefined;
}
