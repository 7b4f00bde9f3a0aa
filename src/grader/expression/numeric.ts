import {
  addComplex,
  arcCosine,
  arcSine,
  arcTangent,
  type Complex,
  complex,
  cosine,
  divideComplex,
  exponential,
  gamma,
  isFiniteComplex,
  logarithm,
  magnitude,
  multiplyComplex,
  NOWHERE,
  powerComplex,
  sine,
  squareRoot,
} from '../number/complex.ts';
import { toNumber } from '../number/rational.ts';
import type { Expression } from './expression.ts';

/** One evaluation: where the symbols stand, how marks are read, and what was met on the way. */
export interface Point {
  readonly symbols: ReadonlyMap<string, number | Complex>;
  /** Radians per degree mark: 1 keeps the number as written, π/180 converts. */
  readonly perDegree: number;
  /** `log` without a base. */
  readonly logBase: 'e' | '10';
  /** Half units of the last place added to every inexact decimal: 0, 1 or -1. */
  readonly decimalShift: number;
  /** Largest magnitude met: shows how much cancellation the result has seen. */
  largest: number;
  /** Roots and logarithms of negative numbers, poles: how often the point left the real domain on the way. */
  domainBreaks: number;
}

const LN10 = complex(Math.LN10);
const ONE = complex(1);
const MINUS_ONE = complex(-1);

function subtract(a: Complex, b: Complex): Complex {
  return addComplex(a, multiplyComplex(MINUS_ONE, b));
}

/** A fixed smooth function of name and arguments: equal calls of an unknown function get equal values. */
function unknownFunction(name: string, args: readonly Complex[]): Complex {
  let hash = 2166136261;
  for (let k = 0; k < name.length; k++) hash = Math.imul(hash ^ name.charCodeAt(k), 16777619) >>> 0;
  const a = 0.5 + (hash % 1009) / 1009;
  const b = 0.3 + (hash % 811) / 811;
  let result = complex(a * 1.7 + b);
  args.forEach((value, k) => {
    const scaled = multiplyComplex(value, complex(a + k * 0.37));
    result = addComplex(
      multiplyComplex(result, complex(1.3)),
      addComplex(sine(scaled), multiplyComplex(value, complex(b))),
    );
  });
  return result;
}

function realOnly(args: readonly Complex[], of: (...values: number[]) => number): Complex {
  return args.every((value) => value.im === 0) ? complex(of(...args.map((value) => value.re))) : NOWHERE;
}

function factorial(x: number): number {
  return x > 170 ? Number.POSITIVE_INFINITY : gamma(x + 1);
}

function doubleFactorial(x: number): number {
  if (!Number.isInteger(x) || x < -1 || x > 300) return Number.NaN;
  let result = 1;
  for (let factor = x; factor > 1; factor -= 2) result *= factor;
  return result;
}

function binomial(n: number, k: number): number {
  if (Number.isInteger(k) && k >= 0 && k < 200) {
    let result = 1;
    for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
    return result;
  }
  return factorial(n) / (factorial(k) * factorial(n - k));
}

function euclid(a: number, b: number): number {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return Number.NaN;
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

function nthRoot(a: Complex, degree: Complex): Complex {
  // Odd real roots of negatives are real, as in school.
  if (a.im === 0 && a.re < 0 && degree.im === 0 && Number.isInteger(degree.re) && degree.re % 2 !== 0)
    return complex(-((-a.re) ** (1 / degree.re)));
  return powerComplex(a, divideComplex(ONE, degree));
}

function apply(name: string, args: readonly Complex[], point: Point): Complex {
  const [a = NOWHERE, b] = args;
  switch (name) {
    case 'sqrt':
      if (b !== undefined) return nthRoot(a, b);
      if (a.im === 0 && a.re < 0) point.domainBreaks++;
      return squareRoot(a);
    case 'cbrt':
      return nthRoot(a, complex(3));
    case 'exp':
      return exponential(a);
    case 'ln':
      if (a.im === 0 && a.re <= 0) point.domainBreaks++;
      return logarithm(a);
    case 'log10':
    case 'log': {
      if (a.im === 0 && a.re <= 0) point.domainBreaks++;
      if (b !== undefined) return divideComplex(logarithm(a), logarithm(b));
      return name === 'log' && point.logBase === 'e' ? logarithm(a) : divideComplex(logarithm(a), LN10);
    }
    case 'sin':
      return sine(a);
    case 'cos':
      return cosine(a);
    case 'tan':
      return divideComplex(sine(a), cosine(a));
    case 'cot':
      return divideComplex(cosine(a), sine(a));
    case 'sec':
      return divideComplex(ONE, cosine(a));
    case 'csc':
      return divideComplex(ONE, sine(a));
    case 'asin':
      return arcSine(a);
    case 'acos':
      return arcCosine(a);
    case 'atan':
      return arcTangent(a);
    case 'acot':
      return subtract(complex(Math.PI / 2), arcTangent(a));
    case 'asec':
      return arcCosine(divideComplex(ONE, a));
    case 'acsc':
      return arcSine(divideComplex(ONE, a));
    case 'sinh':
    case 'cosh': {
      const [up, down] = [exponential(a), exponential(multiplyComplex(MINUS_ONE, a))];
      return multiplyComplex(complex(0.5), name === 'sinh' ? subtract(up, down) : addComplex(up, down));
    }
    case 'tanh':
      return divideComplex(apply('sinh', args, point), apply('cosh', args, point));
    case 'coth':
      return divideComplex(apply('cosh', args, point), apply('sinh', args, point));
    case 'sech':
      return divideComplex(ONE, apply('cosh', args, point));
    case 'csch':
      return divideComplex(ONE, apply('sinh', args, point));
    case 'asinh':
      return logarithm(addComplex(a, squareRoot(addComplex(multiplyComplex(a, a), ONE))));
    case 'acosh':
      return logarithm(addComplex(a, multiplyComplex(squareRoot(addComplex(a, ONE)), squareRoot(subtract(a, ONE)))));
    case 'atanh':
      return multiplyComplex(complex(0.5), logarithm(divideComplex(addComplex(ONE, a), subtract(ONE, a))));
    case 'abs':
      return complex(magnitude(a));
    case 'Re':
      return complex(a.re);
    case 'Im':
      return complex(a.im);
    case 'arg':
      return complex(Math.atan2(a.im, a.re));
    case 'cis':
      return exponential(multiplyComplex({ re: 0, im: 1 }, a));
    case 'sgn':
      return realOnly(args, Math.sign);
    case 'floor':
      return realOnly(args, (x = Number.NaN) => Math.floor(x + Math.abs(x) * 1e-14));
    case 'ceil':
      return realOnly(args, (x = Number.NaN) => Math.ceil(x - Math.abs(x) * 1e-14));
    case 'factorial':
      return realOnly(args, (x = Number.NaN) => factorial(x));
    case 'gamma':
      return realOnly(args, (x = Number.NaN) => gamma(x));
    case 'double-factorial':
      return realOnly(args, (x = Number.NaN) => doubleFactorial(x));
    case 'binomial':
      return realOnly(args, (n = Number.NaN, k = Number.NaN) => binomial(n, k));
    case 'gcd':
      return realOnly(args, (x = Number.NaN, y = Number.NaN) => euclid(x, y));
    case 'lcm':
      return realOnly(args, (x = Number.NaN, y = Number.NaN) => Math.abs(x * y) / euclid(x, y));
    case 'max':
      return realOnly(args, Math.max);
    case 'min':
      return realOnly(args, Math.min);
    case 'mod':
      return realOnly(args, (x = Number.NaN, y = Number.NaN) => x - y * Math.floor(x / y));
    case 'percent':
      return divideComplex(a, complex(100));
    case 'degree':
      return multiplyComplex(a, complex(point.perDegree));
    default:
      return name.startsWith('function:') ? unknownFunction(name, args) : NOWHERE;
  }
}

const TAKES_ANGLE = /^(?:sin|cos|tan|cot|sec|csc|cis)$/;

/** The value at a point; {@link NOWHERE} where there is none. Never throws. */
export function evaluate(of: Expression, point: Point): Complex {
  const result = compute(of, point);
  const size = magnitude(result);
  if (size > point.largest) point.largest = size;
  return result;
}

function compute(of: Expression, point: Point): Complex {
  switch (of.kind) {
    case 'number': {
      const value = toNumber(of.value);
      if (point.decimalShift === 0 || of.decimals === 0) return complex(value);
      return complex(value + point.decimalShift * 0.5 * 10 ** -of.decimals);
    }
    case 'constant':
      switch (of.name) {
        case 'pi':
          return complex(Math.PI);
        case 'e':
          return complex(Math.E);
        case 'i':
          return { re: 0, im: 1 };
        case 'infinity':
          return complex(Number.POSITIVE_INFINITY);
      }
      break;
    case 'symbol': {
      const value = point.symbols.get(of.name);
      if (value === undefined) return NOWHERE;
      return typeof value === 'number' ? complex(value) : value;
    }
    case 'negate': {
      const value = evaluate(of.of, point);
      return { re: -value.re, im: value.im === 0 ? 0 : -value.im };
    }
    case 'add': {
      let sum = complex(0);
      for (const term of of.terms) sum = addComplex(sum, evaluate(term, point));
      return sum;
    }
    case 'multiply': {
      let result = ONE;
      for (const factor of of.factors) result = multiplyComplex(result, evaluate(factor, point));
      return result;
    }
    case 'divide': {
      const below = evaluate(of.denominator, point);
      if (below.re === 0 && below.im === 0) point.domainBreaks++;
      return divideComplex(evaluate(of.numerator, point), below);
    }
    case 'power': {
      const base = evaluate(of.base, point);
      const { exponent } = of;
      // x^{p/q} with odd q is real on the negatives, as the root is.
      if (base.im === 0 && base.re < 0 && exponent.kind === 'divide' && exponent.denominator.kind === 'number') {
        const [p, q] = [evaluate(exponent.numerator, point), toNumber(exponent.denominator.value)];
        if (q % 2 !== 0 && Number.isInteger(p.re) && Number.isInteger(q))
          return powerComplex(nthRoot(base, complex(q)), p);
      }
      return powerComplex(base, evaluate(exponent, point));
    }
    case 'plus-minus':
    case 'opaque':
      return NOWHERE;
    case 'call': {
      // Inside trigonometric functions a degree mark always converts.
      const inner = TAKES_ANGLE.test(of.name) && point.perDegree === 1 ? { ...point, perDegree: Math.PI / 180 } : point;
      const args: Complex[] = [];
      for (const argument of of.arguments) {
        const value = evaluate(argument, inner);
        if (!isFiniteComplex(value) && of.name !== 'max' && of.name !== 'min')
          return value.re === Number.POSITIVE_INFINITY ? value : NOWHERE;
        args.push(value);
      }
      if (inner !== point) {
        point.largest = Math.max(point.largest, inner.largest);
        point.domainBreaks = inner.domainBreaks;
      }
      return apply(of.name, args, point);
    }
  }
  return NOWHERE;
}
