/** Two evaluations figure by figure: paired where they measured the same problems. */
import { createRandom } from '../formats/random.ts';
import type { EvaluationMetrics, Measure } from '../protocol/evaluation-metrics.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import { measureItems } from './measure.ts';
import { figuresOf, metricsIn } from './metrics.ts';
import { type Difference, type PairedDifference, pairedDifferences } from './paired.ts';
import { accuracyOf, type EvaluationSampling, type ProblemFigure } from './problem-figures.ts';
import type { ArmResult, ProblemResult } from './problem-results.ts';
import { chosenSizes, passAt, plannedSamples } from './repeated-samples.ts';

/** The results of one evaluation by problem. The keys identify problems over evaluations: their content, not their ids. */
export interface EvaluatedProblems {
  readonly results: ReadonlyMap<string, ProblemResult>;
  readonly sampling: EvaluationSampling;
}

export interface FigurePair {
  readonly figure: string;
  readonly left?: Measure;
  readonly right?: Measure;
  /** Right less left; absent where one is not measured. Unpaired, it is that of two independent means. */
  readonly difference?: Difference | PairedDifference;
}

interface Figure {
  readonly name: string;
  readonly ofProblem: ProblemFigure;
}

/** The problems of both, if the evaluation of fewer problems has no others: a limit, or losses. */
export function commonProblems(left: EvaluatedProblems, right: EvaluatedProblems): readonly string[] | undefined {
  const fewer = left.results.size <= right.results.size ? left : right;
  const keys = [...fewer.results.keys()];
  return keys.length > 0 && keys.every((key) => left.results.has(key) && right.results.has(key)) ? keys : undefined;
}

/**
 * Both sides on the given problems, with paired differences.
 *
 * @param seed - Of the bootstrap
 */
export async function comparePaired(
  left: EvaluatedProblems,
  right: EvaluatedProblems,
  problems: readonly string[],
  seed: string,
): Promise<FigurePair[]> {
  const resultsOf = ({ results }: EvaluatedProblems) => problems.flatMap((key) => results.get(key) ?? []);
  const [lefts, rights] = [resultsOf(left), resultsOf(right)];
  const figures: Figure[] = [
    ...ARMS.flatMap((arm) => armFigures(arm, lefts, rights)),
    ...metricsIn('details').flatMap(({ label, ofProblem, isShown }) =>
      isShown === undefined || isShown([...lefts, ...rights]) ? [{ name: label, ofProblem }] : [],
    ),
  ];
  const pairs = figures.map(({ ofProblem }) =>
    problems.map((_, at) => {
      const [a, b] = [lefts[at], rights[at]];
      return {
        left: a === undefined ? undefined : ofProblem(a, left.sampling),
        right: b === undefined ? undefined : ofProblem(b, right.sampling),
      };
    }),
  );
  const differences = await pairedDifferences(pairs, createRandom(seed));
  return figures.flatMap(({ name }, at) => {
    const items = pairs[at] ?? [];
    const measures = {
      left: measureItems(items.flatMap((pair) => pair.left ?? [])),
      right: measureItems(items.flatMap((pair) => pair.right ?? [])),
    };
    return figurePair(name, measures, differences[at]);
  });
}

/** Both sides as they were measured, with differences of independent means. */
export function compareUnpaired(left: EvaluationMetrics, right: EvaluationMetrics): FigurePair[] {
  const [lefts, rights] = [left, right].map(
    (metrics) => new Map(figuresOf(metrics).map(({ name, measure }) => [name, measure])),
  ) as [Map<string, Measure>, Map<string, Measure>];
  return [...new Set([...lefts.keys(), ...rights.keys()])].flatMap((name) => {
    const [a, b] = [lefts.get(name), rights.get(name)];
    return figurePair(name, { left: a, right: b }, a === undefined || b === undefined ? undefined : apart(a, b));
  });
}

/** Of independent means the squares of the half widths add up. */
export function apart(left: Measure, right: Measure): Difference {
  const value = right.value - left.value;
  return {
    value,
    low: value - Math.hypot(right.value - right.low, left.high - left.value),
    high: value + Math.hypot(right.high - right.value, left.value - left.low),
  };
}

function figurePair(
  figure: string,
  { left, right }: { readonly left?: Measure | undefined; readonly right?: Measure | undefined },
  difference: Difference | undefined,
): FigurePair[] {
  if (left === undefined && right === undefined) return [];
  return [
    {
      figure,
      ...(left === undefined ? {} : { left }),
      ...(right === undefined ? {} : { right }),
      ...(difference === undefined ? {} : { difference }),
    },
  ];
}

/** Accuracy of an arm; where both sides have equally many samples, avg@k, maj@k and pass@j. */
function armFigures(arm: Arm, left: readonly ProblemResult[], right: readonly ProblemResult[]): Figure[] {
  const [k = 0, other] = [left, right].map((results) => plannedSamples(results.flatMap(({ arms }) => arms[arm] ?? [])));
  const of =
    (value: (result: ArmResult) => number | undefined): ProblemFigure =>
    ({ arms }) => {
      const found = arms[arm];
      const known = found === undefined || found.n === 0 ? undefined : value(found);
      return known === undefined ? undefined : { value: known, weight: 1 };
    };
  if (k < 2 || k !== other) return [{ name: `${arm} accuracy`, ofProblem: accuracyOf(arm) }];
  const passes = chosenSizes(k).filter((j) => j > 1);
  return [
    { name: `${arm} avg@${k}`, ofProblem: accuracyOf(arm) },
    { name: `${arm} maj@${k}`, ofProblem: of(({ majority }) => majority) },
    ...passes.map((j) => ({
      name: `${arm} pass@${j}`,
      ofProblem: of(({ n, right }) => (n < j ? undefined : passAt(j, n, right))),
    })),
  ];
}
