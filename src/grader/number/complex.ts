/** Complex doubles, principal branches. A value that does not exist is {@link NOWHERE} (NaN). */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

export const NOWHERE: Complex = { re: Number.NaN, im: 0 };

export function complex(re: number, im = 0): Complex {
  return { re, im };
}

export function isFiniteComplex(a: Complex): boolean {
  return Number.isFinite(a.re) && Number.isFinite(a.im);
}

export function magnitude(a: Complex): number {
  return a.im === 0 ? Math.abs(a.re) : Math.hypot(a.re, a.im);
}

export function addComplex(a: Complex, b: Complex): Complex {
  return { re: a.re + b.re, im: a.im + b.im };
}

export function multiplyComplex(a: Complex, b: Complex): Complex {
  if (a.im === 0 && b.im === 0) return { re: a.re * b.re, im: 0 };
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

export function divideComplex(a: Complex, b: Complex): Complex {
  if (b.im === 0) return b.re === 0 ? NOWHERE : { re: a.re / b.re, im: a.im / b.re };
  const scale = b.re * b.re + b.im * b.im;
  return { re: (a.re * b.re + a.im * b.im) / scale, im: (a.im * b.re - a.re * b.im) / scale };
}

export function logarithm(a: Complex): Complex {
  const size = magnitude(a);
  if (size === 0) return NOWHERE;
  return { re: Math.log(size), im: a.im === 0 && a.re > 0 ? 0 : Math.atan2(a.im, a.re) };
}

export function exponential(a: Complex): Complex {
  const size = Math.exp(a.re);
  return a.im === 0 ? { re: size, im: 0 } : { re: size * Math.cos(a.im), im: size * Math.sin(a.im) };
}

export function squareRoot(a: Complex): Complex {
  if (a.im === 0) return a.re >= 0 ? { re: Math.sqrt(a.re), im: 0 } : { re: 0, im: Math.sqrt(-a.re) };
  const size = magnitude(a);
  const re = Math.sqrt((size + a.re) / 2);
  const im = Math.sqrt((size - a.re) / 2);
  return { re, im: a.im < 0 ? -im : im };
}

export function powerComplex(a: Complex, b: Complex): Complex {
  if (b.im === 0 && Number.isInteger(b.re) && Math.abs(b.re) <= 64 && a.im !== 0) {
    let result: Complex = { re: 1, im: 0 };
    for (let step = Math.abs(b.re); step > 0; step--) result = multiplyComplex(result, a);
    return b.re < 0 ? divideComplex({ re: 1, im: 0 }, result) : result;
  }
  if (a.im === 0 && b.im === 0) {
    if (a.re === 0) return b.re > 0 ? complex(0) : b.re === 0 ? complex(1) : NOWHERE;
    if (a.re > 0 || Number.isInteger(b.re)) return complex(a.re ** b.re);
  }
  if (a.re === 0 && a.im === 0) return b.re > 0 ? complex(0) : NOWHERE;
  return exponential(multiplyComplex(b, logarithm(a)));
}

const I: Complex = { re: 0, im: 1 };
const ONE: Complex = { re: 1, im: 0 };

export function sine(a: Complex): Complex {
  if (a.im === 0) return complex(Math.sin(a.re));
  return { re: Math.sin(a.re) * Math.cosh(a.im), im: Math.cos(a.re) * Math.sinh(a.im) };
}

export function cosine(a: Complex): Complex {
  if (a.im === 0) return complex(Math.cos(a.re));
  return { re: Math.cos(a.re) * Math.cosh(a.im), im: -Math.sin(a.re) * Math.sinh(a.im) };
}

export function arcSine(a: Complex): Complex {
  if (a.im === 0 && Math.abs(a.re) <= 1) return complex(Math.asin(a.re));
  const inner = squareRoot(addComplex(ONE, multiplyComplex(complex(-1), multiplyComplex(a, a))));
  return multiplyComplex({ re: 0, im: -1 }, logarithm(addComplex(multiplyComplex(I, a), inner)));
}

export function arcCosine(a: Complex): Complex {
  if (a.im === 0 && Math.abs(a.re) <= 1) return complex(Math.acos(a.re));
  const sine = arcSine(a);
  return { re: Math.PI / 2 - sine.re, im: -sine.im };
}

export function arcTangent(a: Complex): Complex {
  if (a.im === 0) return complex(Math.atan(a.re));
  const ia = multiplyComplex(I, a);
  const up = logarithm(addComplex(ONE, multiplyComplex(complex(-1), ia)));
  const down = logarithm(addComplex(ONE, ia));
  return multiplyComplex({ re: 0, im: 0.5 }, addComplex(up, multiplyComplex(complex(-1), down)));
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Gamma function on the reals (Lanczos, about 14 digits); NaN at its poles. */
export function gamma(x: number): number {
  if (x <= 0 && Number.isInteger(x)) return Number.NaN;
  if (x < 0.5) return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
  if (Number.isInteger(x) && x <= 171) {
    let product = 1;
    for (let factor = 2; factor < x; factor++) product *= factor;
    return product;
  }
  const y = x - 1;
  let sum: number = LANCZOS[0];
  for (let k = 1; k < LANCZOS.length; k++) sum += (LANCZOS[k] ?? 0) / (y + k);
  const t = y + 7.5;
  return Math.sqrt(2 * Math.PI) * t ** (y + 0.5) * Math.exp(-t) * sum;
}
