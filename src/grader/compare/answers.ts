import { canonicalText, type Expression, some, transform, withSign } from '../expression/expression.ts';
import { readNumberWords } from '../normalise/number-words.ts';
import type { Answer, List, Matrix, Ratio, Relation, Scalar, Time } from '../structure/structure.ts';
import { readUnit } from '../structure/units.ts';
import { labelled, withoutLabel } from './labels.ts';
import { type Comparison, correct, every, incorrect, type Outcome, undecided } from './outcome.ts';
import { compareRegions, isRegion, toRegion } from './regions.ts';
import { compareRelations } from './relations.ts';
import { compareExpressions, compareScalars } from './scalars.ts';
import { compareTexts, plainText } from './text.ts';

function hasPlusMinus(answer: Answer): boolean {
  return answer.kind === 'scalar' && some(answer.expression, (part) => part.kind === 'plus-minus');
}

/** Values with `\pm` written out, duplicates kept. */
function expanded(items: readonly Answer[]): Answer[] {
  return items.flatMap((item): Answer[] => {
    const value = item.kind === 'relation' ? item : item;
    if (value.kind === 'relation') {
      const inner = value.sides.at(-1);
      if (inner && hasPlusMinus(inner) && inner.kind === 'scalar')
        return ([1, -1] as const).map((sign) => ({
          ...value,
          sides: [...value.sides.slice(0, -1), { ...inner, expression: withSign(inner.expression, sign) }],
        }));
    }
    if (value.kind === 'scalar' && hasPlusMinus(value))
      return ([1, -1] as const).map((sign) => ({ ...value, expression: withSign(value.expression, sign) }));
    if (value.kind === 'group' && value.items.some(hasPlusMinus))
      return ([1, -1] as const).map((sign) => ({
        ...value,
        items: value.items.map((part) =>
          part.kind === 'scalar' ? { ...part, expression: withSign(part.expression, sign) } : part,
        ),
      }));
    return [value];
  });
}

/** A list, set or single value as its members. */
function members(answer: Answer): readonly Answer[] {
  if (answer.kind === 'list') return expanded(answer.items);
  if (answer.kind === 'group' && answer.open === '{') return expanded(answer.items);
  return expanded([answer]);
}

function distinct(items: readonly Answer[]): readonly Answer[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    if (item.kind !== 'scalar') return true;
    const key = canonicalText(item.expression);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const MAX_PAIRS = 4_000;

/** Every member has its own partner on the other side. */
function compareUnordered(
  gold: readonly Answer[],
  answer: readonly Answer[],
  how: Comparison,
  reason: string,
): Outcome {
  // Repetitions count only where the gold has them.
  const [a, b] = distinct(gold).length < gold.length ? [gold, answer] : [gold, distinct(answer)];
  if (a.length !== b.length) return incorrect('count-differs');
  if (a.length * b.length > MAX_PAIRS) return compareOrdered(a, b, how, reason);
  const left = [...b];
  let open: Outcome | undefined;
  for (const item of a) {
    let found = -1;
    let maybe = -1;
    for (let k = 0; k < left.length && found < 0; k++) {
      const other = left[k];
      if (other === undefined) continue;
      const outcome = compareAnswers(item, other, how);
      if (outcome.verdict === 'correct') found = k;
      else if (outcome.verdict === 'undecided') {
        maybe = k;
        open ??= outcome;
      }
    }
    if (found < 0 && maybe < 0) return incorrect('element-differs');
    left.splice(found < 0 ? maybe : found, 1);
  }
  return open && left.length === 0 && a.length > 0 && open.verdict === 'undecided' && hasOpen(a, b, how)
    ? open
    : correct(reason);
}

/** Whether some member has no surely equal partner. */
function hasOpen(a: readonly Answer[], b: readonly Answer[], how: Comparison): boolean {
  return a.some((item) => !b.some((other) => compareAnswers(item, other, how).verdict === 'correct'));
}

function compareOrdered(gold: readonly Answer[], answer: readonly Answer[], how: Comparison, reason: string): Outcome {
  if (gold.length !== answer.length) return incorrect('count-differs');
  return every(
    (function* () {
      for (let k = 0; k < gold.length; k++) {
        const [a, b] = [gold[k], answer[k]];
        if (a && b) yield compareAnswers(a, b, how);
      }
    })(),
    reason,
  );
}

function labelText(label: Answer): string {
  if (label.kind === 'scalar') return canonicalText(label.expression);
  return label.kind === 'text' ? plainText(label.text) : '';
}

function isNamed(item: Answer, isGold: boolean): boolean {
  return item.kind === 'relation' && labelled(item, isGold) !== undefined;
}

/** Lists and sets: by name where both are labelled, in order where one names symbols, else in any order. */
function compareLists(gold: Answer, answer: Answer, how: Comparison): Outcome {
  const [a, b] = [members(gold), members(answer)];
  const aNamed = a.every((item) => isNamed(item, true));
  const bNamed = b.every((item) => isNamed(item, false));
  if (aNamed !== bNamed) {
    const named = aNamed ? a : b;
    const names = named.map((item) => (item.kind === 'relation' && item.sides[0] ? labelText(item.sides[0]) : ''));
    const isSymbolic = named.every((item) => item.kind === 'relation' && item.sides[0]?.kind === 'scalar');
    const values = (items: readonly Answer[], isGold: boolean) => items.map((item) => withoutLabel(item, isGold));
    if (isSymbolic && new Set(names).size === names.length && names.length > 1)
      return compareOrdered(values(a, true), values(b, false), how, 'list-equal');
    return compareUnordered(values(a, true), values(b, false), how, 'list-equal');
  }
  // `x = 1, 2, 3`: only the first carries the name.
  const strip = (items: readonly Answer[], isGold: boolean) =>
    items[0] && isNamed(items[0], isGold) && !items.slice(1).some((item) => isNamed(item, isGold))
      ? items.map((item) => withoutLabel(item, isGold))
      : items;
  const [left, right] = [strip(a, true), strip(b, false)];
  if (how.options.listOrder === 'fixed' && gold.kind === 'list' && answer.kind === 'list')
    return compareOrdered(left, right, how, 'list-equal');
  return compareUnordered(left, right, how, 'list-equal');
}

function asTuple(answer: Answer): readonly Answer[] | undefined {
  if (answer.kind === 'group' && answer.open !== '{') return answer.items;
  if (answer.kind === 'matrix') {
    if (answer.rows.every((row) => row.length === 1))
      return answer.rows.map((row) => row[0] ?? { kind: 'text', text: '' });
    if (answer.rows.length === 1) return answer.rows[0];
  }
  return undefined;
}

function compareMatrices(gold: Matrix, answer: Matrix, how: Comparison): Outcome {
  const isDeterminant = (matrix: Matrix) => matrix.environment === 'vmatrix';
  if (isDeterminant(gold) !== isDeterminant(answer)) return incorrect('kind-differs');
  if (gold.rows.length !== answer.rows.length) return incorrect('shape-differs');
  return every(
    gold.rows.map((row, k) => compareOrdered(row, answer.rows[k] ?? [], how, 'matrix-equal')),
    'matrix-equal',
  );
}

function quotient(numerator: Expression, denominator: Expression): Expression {
  return { kind: 'divide', numerator, denominator };
}

function compareRatios(gold: Ratio, answer: Answer, how: Comparison): Outcome {
  const [a, b] = gold.parts;
  if (answer.kind === 'scalar' && gold.parts.length === 2 && a && b)
    return compareExpressions(quotient(a, b), answer.expression, how);
  if (answer.kind !== 'ratio') return incorrect('kind-differs');
  if (answer.parts.length !== gold.parts.length) return incorrect('count-differs');
  const outcomes: Outcome[] = [];
  for (let k = 1; k < gold.parts.length; k++) {
    const [g0, gk, a0, ak] = [gold.parts[0], gold.parts[k], answer.parts[0], answer.parts[k]];
    if (g0 && gk && a0 && ak)
      outcomes.push(
        compareExpressions({ kind: 'multiply', factors: [g0, ak] }, { kind: 'multiply', factors: [a0, gk] }, how),
      );
  }
  return every(outcomes, 'ratio-equal');
}

function compareTimes(gold: Time, answer: Answer): Outcome {
  if (answer.kind !== 'time') return incorrect('kind-differs');
  const minutes = (time: Time) =>
    time.half === undefined ? time.minutes : (time.minutes % 720) + (time.half === 'pm' ? 720 : 0);
  const isSame =
    gold.half !== undefined && answer.half !== undefined
      ? minutes(gold) === minutes(answer)
      : gold.minutes % 720 === answer.minutes % 720;
  return isSame ? correct('time-equal') : incorrect('time-differs');
}

function compareWithUnits(gold: Scalar, answer: Scalar, how: Comparison): Outcome {
  const [a, b] = [
    gold.unit === undefined ? undefined : readUnit(gold.unit),
    answer.unit === undefined ? undefined : readUnit(answer.unit),
  ];
  if (how.options.units === 'required' && a && !b) return incorrect('unit-missing');
  if (!a || !b || (a.dimension === b.dimension && a.factor === b.factor)) return compareScalars(gold, answer, how);
  if (a.isKnown && b.isKnown) {
    if (a.dimension !== b.dimension) return incorrect('unit-differs');
    const scaled: Expression = { kind: 'multiply', factors: [answer.expression, unitFactor(b.factor / a.factor)] };
    const outcome = compareExpressions(gold.expression, scaled, how);
    return outcome.verdict === 'correct' ? outcome : incorrect('unit-differs');
  }
  const words = new Set(a.dimension.split(' ').map((word) => word.replace(/s$/, '')));
  const shares = b.dimension.split(' ').some((word) => words.has(word.replace(/s$/, '')));
  return shares || a.isKnown !== b.isKnown ? compareScalars(gold, answer, how) : incorrect('unit-differs');
}

function unitFactor(ratio: number): Expression {
  // Factors of the table are decimal: ten digits make them exact again.
  const digits = 10n ** 12n;
  return { kind: 'divide', numerator: integer(BigInt(Math.round(ratio * 1e12))), denominator: integer(digits) };
}

function integer(value: bigint): Expression {
  return { kind: 'number', value: { numerator: value, denominator: 1n }, decimals: 0, significant: 12 };
}

/** The same function under another name of its variable: `f(z) = z` for `f(x) = x`. */
function withVariables(relation: Relation, like: Relation): Relation {
  const [from, to] = [relation.sides[0], like.sides[0]];
  if (
    from?.kind !== 'scalar' ||
    to?.kind !== 'scalar' ||
    from.expression.kind !== 'call' ||
    to.expression.kind !== 'call'
  )
    return relation;
  const renames = new Map<string, Expression>();
  from.expression.arguments.forEach((argument, k) => {
    const target = to.expression.kind === 'call' ? to.expression.arguments[k] : undefined;
    if (argument.kind === 'symbol' && target?.kind === 'symbol' && argument.name !== target.name)
      renames.set(argument.name, target);
  });
  if (renames.size === 0) return relation;
  const rename = (side: Answer): Answer =>
    side.kind === 'scalar'
      ? {
          ...side,
          expression: transform(side.expression, (part) =>
            part.kind === 'symbol' ? (renames.get(part.name) ?? part) : part,
          ),
        }
      : side;
  return { ...relation, sides: relation.sides.map(rename) };
}

function compareTwoRelations(gold: Relation, answer: Relation, how: Comparison): Outcome {
  const renamed = withVariables(answer, gold);
  const [a, b] = [labelled(gold, true), labelled(renamed, false)];
  if (a && b) {
    const [goldLabel, answerLabel] = [labelText(a.label), labelText(b.label)];
    const chain = every(
      b.others.map((other) => compareAnswers(b.value, other, how)),
      'chain',
    );
    if (chain.verdict === 'incorrect') return incorrect('chain-inconsistent');
    const outcome = compareAnswers(a.value, b.value, how);
    if (goldLabel === answerLabel || isSameName(a.label, b.label)) return outcome;
    if (outcome.verdict !== 'correct') {
      const swapped = compareRelations(gold, renamed, how);
      return swapped.verdict === 'undecided' && outcome.verdict === 'incorrect' ? outcome : swapped;
    }
    return incorrect('label-differs');
  }
  return compareRelations(gold, renamed, how);
}

/** `r` and `R`, `y` and `f(x)`, `Area` and `S`: close enough to be the asker's and the answerer's name of one thing. */
function isSameName(gold: Answer, answer: Answer): boolean {
  if (gold.kind !== 'scalar' || answer.kind !== 'scalar')
    return gold.kind === answer.kind || gold.kind === 'text' || answer.kind === 'text';
  const name = (of: Expression) =>
    of.kind === 'symbol' ? of.name.toLowerCase().replace(/_.*$/, '') : of.kind === 'call' ? 'y' : canonicalText(of);
  return name(gold.expression) === name(answer.expression);
}

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
  const isListLike = (side: Answer): side is List => side.kind === 'list' || hasPlusMinus(side);
  const [goldTuple, answerTuple] = [asTuple(gold), asTuple(answer)];
  if (goldTuple && answerTuple)
    return gold.kind === 'matrix' && answer.kind === 'matrix'
      ? compareMatrices(gold, answer, how)
      : compareGroups(gold, answer, goldTuple, answerTuple, how);
  if (gold.kind === 'matrix' && answer.kind === 'matrix') return compareMatrices(gold, answer, how);
  const isSet = (side: Answer) => side.kind === 'group' && side.open === '{';
  if (goldTuple && isOpenTuple(gold) && isListLike(answer) && answer.items?.length === goldTuple.length)
    return compareOrderedValues(goldTuple, answer.items, how);
  if (answerTuple && isOpenTuple(answer) && isListLike(gold) && gold.items?.length === answerTuple.length)
    return compareOrderedValues(gold.items, answerTuple, how);
  if (isListLike(gold) || isListLike(answer) || isSet(gold) || isSet(answer)) return compareLists(gold, answer, how);
  if (gold.kind === 'ratio') return compareRatios(gold, answer, how);
  if (answer.kind === 'ratio') return compareRatios(answer, gold, how);
  if (gold.kind === 'time') return compareTimes(gold, answer);
  return incorrect('kind-differs');
}

/** `(1, 2)`, not `[1, 2]`, which may be an interval. */
function isOpenTuple(side: Answer): boolean {
  return (
    side.kind === 'matrix' ||
    (side.kind === 'group' && (side.open === '(' || side.open === '<' || side.items.length > 2))
  );
}

function compareOrderedValues(gold: readonly Answer[], answer: readonly Answer[], how: Comparison): Outcome {
  return compareOrdered(
    gold.map((item) => withoutLabel(item, true)),
    answer.map((item) => withoutLabel(item, false)),
    how,
    'tuple-equal',
  );
}

function compareGroups(
  gold: Answer,
  answer: Answer,
  a: readonly Answer[],
  b: readonly Answer[],
  how: Comparison,
): Outcome {
  if (gold.kind === 'group' && answer.kind === 'group') {
    const isInterval = isRegion(gold) || isRegion(answer);
    if (isInterval && (gold.open !== answer.open || gold.close !== answer.close)) return incorrect('boundary-differs');
    const isPair = a.length === 2 && b.length === 2;
    const isBracketChange = gold.open !== answer.open && gold.open !== '<' && answer.open !== '<';
    // `(1, 2)` and `[1, 2]` of two numbers may be intervals.
    if (isBracketChange && isPair) return incorrect('boundary-differs');
  }
  return compareOrderedValues(a, b, how);
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
