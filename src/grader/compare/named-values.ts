import { canonicalText, type Expression, transform } from '../expression/expression.ts';
import type { Answer, Relation } from '../structure/structure.ts';
import { asCongruence, compareCongruences, isCongruence } from './congruences.ts';
import { contentWords } from './content-words.ts';
import { derivative, labelled } from './labels.ts';
import { labelText } from './lists.ts';
import { type Comparison, every, incorrect, type Outcome } from './outcome.ts';
import { compareRelations } from './relations.ts';
import { plainText } from './text.ts';

/** Of `f(x)`, and of a sequence `a_n`. */
function argumentsOf(of: Expression): readonly Expression[] {
  if (of.kind === 'call') return of.arguments;
  const index = of.kind === 'symbol' ? /^\w_([a-z])$/.exec(of.name)?.[1] : undefined;
  return index === undefined ? [] : [{ kind: 'symbol', name: index }];
}

/** The same function under another name of its variable: `f(z) = z` for `f(x) = x`. */
function withVariables(relation: Relation, like: Relation): Relation {
  const [from, to] = [relation.sides[0], like.sides[0]];
  if (from?.kind !== 'scalar' || to?.kind !== 'scalar') return relation;
  const renames = new Map<string, Expression>();
  argumentsOf(from.expression).forEach((argument, k) => {
    const target = argumentsOf(to.expression)[k];
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

export function compareTwoRelations(gold: Relation, answer: Relation, how: Comparison): Outcome {
  if (isCongruence(gold) || isCongruence(answer)) {
    const [a, b] = [gold, answer].map((side) => (isCongruence(side) ? side : asCongruence(side, how.budget)));
    if (a && b) return compareCongruences(a, b, how);
  }
  const renamed = withVariables(answer, gold);
  const [a, b] = [labelled(gold, true), labelled(renamed, false)];
  if (a && b) {
    const [goldLabel, answerLabel] = [labelText(a.label), labelText(b.label)];
    const chain = every(
      b.others.map((other) => how.compare(b.value, other, how)),
      'chain',
    );
    if (chain.verdict === 'incorrect') return incorrect('chain-inconsistent');
    const outcome = how.compare(a.value, b.value, how);
    if (goldLabel === answerLabel || isSameName(a.label, b.label)) return outcome;
    if (outcome.verdict !== 'correct') {
      const swapped = compareRelations(gold, renamed, how);
      return swapped.verdict === 'undecided' && outcome.verdict === 'incorrect' ? outcome : swapped;
    }
    return incorrect('label-differs');
  }
  // The same left sides, `a - b = 1.732`: the values, with their rounding.
  const [c, d] = [labelled(gold, false), labelled(renamed, false)];
  if (c && d && labelText(c.label) !== '' && labelText(c.label) === labelText(d.label)) {
    const outcome = how.compare(c.value, d.value, how);
    if (outcome.verdict === 'correct') return outcome;
  }
  return compareRelations(gold, renamed, how);
}

/** `r` and `R`, `y` and `f(x)`, `Area` and `S`: close enough to be the asker's and the answerer's name of one thing. */
function isSameName(gold: Answer, answer: Answer): boolean {
  if (gold.kind === 'text' && answer.kind === 'text')
    return contentWords(plainText(gold.text)) === contentWords(plainText(answer.text));
  if (gold.kind === 'text' || answer.kind === 'text')
    return [gold, answer].some((side) => side.kind === 'scalar' && side.expression.kind === 'symbol');
  if (gold.kind !== 'scalar' || answer.kind !== 'scalar') return gold.kind === answer.kind;
  const name = (of: Expression) => {
    if (of.kind === 'symbol')
      return of.name
        .replace(/^(?:angle|vec|overrightarrow|overline|bar):/, '')
        .toLowerCase()
        .replace(/_.*$/, '');
    if (derivative(of)) return "y'";
    // `a(n)` for `a_n`.
    if (of.kind === 'call' && /^function:[a-e]$/.test(of.name)) return of.name.slice(-1);
    if (of.kind === 'call' && /^function:\w'$/.test(of.name)) return "y'";
    return of.kind === 'call' && of.name.startsWith('function:') ? 'y' : canonicalText(of);
  };
  const letter = (of: Expression) =>
    of.kind === 'call' ? /^function:(\w)$/.exec(of.name)?.[1]?.toLowerCase() : undefined;
  const [a, b] = [name(gold.expression), name(answer.expression)];
  return a === b || letter(gold.expression) === b || letter(answer.expression) === a;
}
