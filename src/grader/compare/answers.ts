import { type Answer, type Relation, type Scalar, UNNAMED, UNNAMED_SYMBOL } from '../structure/structure.ts';
import { isCongruence } from './congruences.ts';
import { facts } from './facts.ts';
import { labelled, withoutLabel } from './labels.ts';
import { compareLists, hasPlusMinus } from './lists.ts';
import { asRatio, compareRatios, compareTimes, compareWithUnits } from './measures.ts';
import { compareTwoRelations } from './named-values.ts';
import { type Comparison, correct, every, incorrect, type Outcome, undecided } from './outcome.ts';
import { compareRegions, isRegion, toRegion, withSymbolForCall } from './regions.ts';
import { asPlainList, asRows, asVector, eachOfChain, withoutConditions } from './reshape.ts';
import { compareTexts } from './text.ts';
import { asTuple, compareGroups, compareMatrices, compareOrderedValues, isOpenTuple } from './tuples.ts';
import { asProduct, inSymbols } from './words.ts';

/** Gold and answer, as structures. Every rule is symmetric but where a convention says otherwise. */
export function compareAnswers(gold: Answer, answer: Answer, how: Comparison): Outcome {
  if (--how.budget.left < 0) return undecided('work-limit');
  if ((gold.kind === 'text') !== (answer.kind === 'text')) {
    const [a, b] = [asProduct(gold, answer) ?? inSymbols(gold), asProduct(answer, gold) ?? inSymbols(answer)];
    if (a !== gold || b !== answer) return compareAnswers(a, b, how);
  }
  const [plainGold, plainAnswer] = [asPlainList(gold, answer), asPlainList(answer, gold)];
  if (plainGold || plainAnswer) return compareAnswers(plainGold ?? gold, plainAnswer ?? answer, how);
  if (gold.kind === 'scalar' && answer.kind === 'scalar' && !hasPlusMinus(gold) && !hasPlusMinus(answer))
    return compareWithUnits(gold, answer, how);
  if (gold.kind === 'named-set' || answer.kind === 'named-set') {
    const [a, b] = [setName(gold), setName(answer)];
    if (a !== undefined && a === b) return correct('set-equal');
  }
  if (gold.kind === 'relation' && answer.kind === 'relation') {
    if (hasPlusMinus(gold) || hasPlusMinus(answer)) return compareLists(gold, answer, how);
    if (isRegion(gold) && isRegion(answer)) {
      const [a, b] = [toRegion(gold), toRegion(answer)];
      if (a && b) return compareRegions(a, b, how);
    }
    return compareTwoRelations(gold, answer, how);
  }
  if ((gold.kind === 'list') !== (answer.kind === 'list')) {
    const [a, b] = [withoutConditions(gold), withoutConditions(answer)];
    if (a !== gold || b !== answer) return compareAnswers(a, b, how);
  }
  const [goldChain, answerChain] = [eachOfChain(gold), eachOfChain(answer)];
  if (goldChain && (asTuple(answer) ?? listItems(answer))?.length === goldChain.length)
    return compareAnswers({ kind: 'list', items: goldChain }, answer, how);
  if (answerChain && (asTuple(gold) ?? listItems(gold))?.length === answerChain.length)
    return compareAnswers(gold, { kind: 'list', items: answerChain }, how);
  if (isRegion(gold) || isRegion(answer)) {
    const [a, b] = [toRegion(withSymbolForCall(gold)), toRegion(withSymbolForCall(answer))];
    if (a && b && gold.kind !== 'scalar' && answer.kind !== 'scalar') return compareRegions(a, b, how);
  }
  // `7 (mod 10)` for 7.
  if (isCongruence(answer) && gold.kind === 'scalar' && isUnnamed(answer.sides[0]) && answer.sides[1])
    return compareAnswers(gold, answer.sides[1], how);
  // `2x + 1` for an equation in x and y.
  if (gold.kind === 'relation' && answer.kind === 'scalar' && isUnsolvedFor(gold, 'y', answer))
    return compareAnswers(gold, { kind: 'relation', sides: [Y, answer], signs: ['='] }, how);
  // `3k + 1` for n ≡ 1 (mod 3).
  if (isCongruence(gold) && answer.kind === 'scalar' && facts(answer.expression).symbols.size === 1)
    return compareAnswers(gold, { kind: 'relation', sides: [UNNAMED, answer], signs: ['='] }, how);
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
  if (gold.kind === 'matrix' && answer.kind === 'group') {
    const rows = asRows(answer);
    if (rows && gold.rows.length > 1) return compareAnswers(gold, rows, how);
  }
  const [goldList, answerList] = [listItems(gold), listItems(answer)];
  const [goldTuple, answerTuple] = [
    asTuple(gold) ?? asVector(gold, asTuple(answer)?.length ?? 0),
    asTuple(answer) ?? asVector(answer, asTuple(gold)?.length ?? 0),
  ];
  if (goldTuple && answerTuple)
    return gold.kind === 'matrix' && answer.kind === 'matrix'
      ? compareMatrices(gold, answer, how)
      : compareGroups(gold, answer, goldTuple, answerTuple, how);
  if (gold.kind === 'matrix' && answer.kind === 'matrix') return compareMatrices(gold, answer, how);
  const isSet = (side: Answer) => side.kind === 'group' && side.open === '{';
  if (goldTuple && isOpenTuple(gold) && !hasPlusMinus(gold) && answerList?.length === goldTuple.length)
    return compareOrderedValues(goldTuple, answerList, how);
  if (answerTuple && isOpenTuple(answer) && !hasPlusMinus(answer) && goldList?.length === answerTuple.length)
    return compareOrderedValues(goldList, answerTuple, how);
  const isMany = [gold, answer].some((side) => side.kind === 'list' || hasPlusMinus(side) || isSet(side));
  if (isMany) return compareLists(gold, answer, how);
  const ratios = [gold, answer].map((side) => (side.kind === 'time' ? (asRatio(side) ?? side) : side));
  if (gold.kind === 'ratio') return compareRatios(gold, ratios[1] ?? answer, how);
  if (answer.kind === 'ratio') return compareRatios(answer, ratios[0] ?? gold, how);
  if (gold.kind === 'time') return compareTimes(gold, answer);
  return incorrect('kind-differs');
}

const Y: Scalar = { kind: 'scalar', expression: { kind: 'symbol', name: 'y' } };

/** An equation that holds a name next to other terms on a side, where the answer has all other names and not this one. */
function isUnsolvedFor({ sides, signs }: Relation, name: string, answer: Scalar): boolean {
  if (signs.length !== 1 || signs[0] !== '=') return false;
  const symbols = new Set(
    sides.flatMap((side) => (side.kind === 'scalar' ? [...facts(side.expression).symbols] : [''])),
  );
  const isAlone = sides.some((side) => side.kind === 'scalar' && side.expression.kind === 'symbol');
  const others = facts(answer.expression).symbols;
  return (
    !isAlone &&
    symbols.delete(name) &&
    others.size > 0 &&
    others.size === symbols.size &&
    [...others].every((other) => symbols.has(other))
  );
}

function isUnnamed(side: Answer | undefined): boolean {
  return side?.kind === 'scalar' && side.expression.kind === 'symbol' && side.expression.name === UNNAMED_SYMBOL;
}

/** `\mathbb{Z}`, `\mathbf{Z}` and `Z`. */
function setName(side: Answer): string | undefined {
  if (side.kind === 'named-set') return side.name;
  return side.kind === 'scalar' && side.expression.kind === 'symbol' ? side.expression.name : undefined;
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
  // `three` for 3, `all real numbers` for an interval.
  const [goldSymbols, answerSymbols] = [inSymbols(gold), inSymbols(answer)];
  if (goldSymbols.kind !== 'text' && answerSymbols.kind !== 'text')
    return goldSymbols.kind === 'named-set' && answerSymbols.kind === 'named-set'
      ? goldSymbols.name === answerSymbols.name
        ? correct('text-equal')
        : incorrect('text-differs')
      : compareAnswers(goldSymbols, answerSymbols, how);
  const [a, b] = [text(gold), text(answer)];
  return a !== undefined && b !== undefined ? compareTexts(a, b, how) : incorrect('kind-differs');
}

function listItems(answer: Answer): readonly Answer[] | undefined {
  const isSystem =
    answer.kind === 'group' && answer.open === '{' && answer.items.every((item) => item.kind === 'relation');
  return answer.kind === 'list' || isSystem ? answer.items : undefined;
}
