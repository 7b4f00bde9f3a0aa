import { canonicalText, some, withSign } from '../expression/expression.ts';
import type { Answer } from '../structure/structure.ts';
import { areIndexed, inNameOrder, labelled, withoutLabel } from './labels.ts';
import { type Comparison, correct, every, incorrect, type Outcome } from './outcome.ts';
import { plainText } from './text.ts';

const MAX_PAIRS = 4_000;

export function hasPlusMinus(answer: Answer): boolean {
  if (answer.kind === 'relation') return answer.sides.some((side) => side.kind === 'scalar' && hasPlusMinus(side));
  if (answer.kind === 'group')
    return answer.open !== '{' && answer.items.some((item) => item.kind === 'scalar' && hasPlusMinus(item));
  return answer.kind === 'scalar' && some(answer.expression, (part) => part.kind === 'plus-minus');
}

/** Values with `\pm` written out, duplicates kept. */
function expanded(items: readonly Answer[]): Answer[] {
  return items.flatMap((item): Answer[] => {
    const value = item.kind === 'relation' ? item : item;
    if (value.kind === 'relation') {
      if (hasPlusMinus(value))
        return ([1, -1] as const).map((sign) => ({
          ...value,
          sides: value.sides.map((side) =>
            side.kind === 'scalar' ? { ...side, expression: withSign(side.expression, sign) } : side,
          ),
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

/** Every member has its own partner on the other side. */
function compareUnordered(
  gold: readonly Answer[],
  answer: readonly Answer[],
  how: Comparison,
  reason: string,
): Outcome {
  const [single] = gold;
  // `1/2 or 0.5`: one value, written twice.
  if (gold.length === 1 && single && answer.length > 1 && answer.length <= 3) {
    const outcome = every(
      answer.map((item) => (item.kind === 'scalar' ? how.compare(single, item, how) : incorrect('count-differs'))),
      reason,
    );
    return outcome.verdict === 'incorrect' ? incorrect('count-differs') : outcome;
  }
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
      const outcome = how.compare(item, other, how);
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
  return a.some((item) => !b.some((other) => how.compare(item, other, how).verdict === 'correct'));
}

export function compareOrdered(
  gold: readonly Answer[],
  answer: readonly Answer[],
  how: Comparison,
  reason: string,
): Outcome {
  if (gold.length !== answer.length) return incorrect('count-differs');
  return every(
    (function* () {
      for (let k = 0; k < gold.length; k++) {
        const [a, b] = [gold[k], answer[k]];
        if (a && b) yield how.compare(a, b, how);
      }
    })(),
    reason,
  );
}

export function labelText(label: Answer): string {
  if (label.kind === 'scalar') return canonicalText(label.expression);
  return label.kind === 'text' ? plainText(label.text) : '';
}

function isNamed(item: Answer, isGold: boolean): boolean {
  return item.kind === 'relation' && labelled(item, isGold) !== undefined;
}

/** `x = 1, y = 2, x = 3, y = 4` as (1, 2), (3, 4): the names come round again. */
function inRows(items: readonly Answer[], isGold: boolean): readonly Answer[] {
  if (items.length < 4) return items;
  const names = items.map((item) => (item.kind === 'relation' && item.sides[0] ? labelText(item.sides[0]) : ''));
  const period = names.indexOf(names[0] ?? '', 1);
  const isPeriodic =
    period > 1 && items.length % period === 0 && names.every((name, k) => name !== '' && name === names[k % period]);
  if (!isPeriodic || new Set(names.slice(0, period)).size < period) return items;
  return Array.from(
    { length: items.length / period },
    (_, row): Answer => ({
      kind: 'group',
      open: '(',
      close: ')',
      items: items.slice(row * period, (row + 1) * period).map((item) => withoutLabel(item, isGold)),
    }),
  );
}

/** Lists and sets: by name where both are labelled, in order where one names symbols, else in any order. */
export function compareLists(gold: Answer, answer: Answer, how: Comparison): Outcome {
  const [a, b] = [inRows(members(gold), true), inRows(members(answer), false)];
  const aNamed = a.every((item) => isNamed(item, true));
  // The indices of an answer only count its values: `x_1 = 6, x_2 = -4` for `-4, 6`.
  const bNamed = b.every((item) => isNamed(item, false));
  const hasEquations = (aNamed ? b : a).some((item) => item.kind === 'relation');
  if (aNamed !== bNamed && !hasEquations) {
    const named = aNamed ? a : b;
    const names = named.map((item) => (item.kind === 'relation' && item.sides[0] ? labelText(item.sides[0]) : ''));
    const isSymbolic = named.every((item) => item.kind === 'relation' && item.sides[0]?.kind === 'scalar');
    const values = (items: readonly Answer[], isGold: boolean) => items.map((item) => withoutLabel(item, isGold));
    if (isSymbolic && new Set(names).size === names.length && names.length > 1 && !(bNamed && areIndexed(b)))
      return compareOrdered(values(inNameOrder(a), true), values(inNameOrder(b), false), how, 'list-equal');
    return compareUnordered(values(a, true), values(b, false), how, 'list-equal');
  }
  // `x = 1, 2, 3`: only the first carries the name.
  const strip = (items: readonly Answer[], isGold: boolean) =>
    items[0] && isNamed(items[0], isGold) && !items.slice(1).some((item) => item.kind === 'relation')
      ? items.map((item) => withoutLabel(item, isGold))
      : items;
  const [left, right] = [strip(a, true), strip(b, false)];
  if (how.options.listOrder === 'fixed' && gold.kind === 'list' && answer.kind === 'list')
    return compareOrdered(left, right, how, 'list-equal');
  return compareUnordered(left, right, how, 'list-equal');
}
