/** Numbers and names as Python, NumPy and SymPy print them, brought to plain arithmetic; structures are left to the parser. */

const NUMBER = String.raw`[-+]?\s*(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?`;
const QUOTED = String.raw`\s*(['"]?)\s*(${NUMBER})\s*`;

/** `Fraction(2, 3)`, `Rational('2/3')`. */
const FRACTION = /(?<![A-Za-z_])(?:Fraction|Rational|QQ|mpq)\(\s*(['"]?)\s*([-+]?\d+)\s*[,/]\s*([-+]?\d+)\s*\1\s*\)/g;
/** `Decimal('0.5')`, `Integer(3)`, `np.float64(0.5)`, `Float('0.5', precision=53)`. */
const BOXED_NUMBER = new RegExp(
  String.raw`(?<![A-Za-z_])(?:Decimal|Integer|Float|Fraction|Rational|S|mpf|mpz|int|float|(?:u?int|float|complex)(?:8|16|32|64|128)_?|longdouble)\(${QUOTED}\1\s*(?:,\s*\w+\s*=\s*\w+\s*)?\)`,
  'g',
);
const COMPLEX = new RegExp(
  String.raw`(?<![A-Za-z_])(?:complex|mpc)\(\s*(?:real\s*=)?${QUOTED}\1\s*,\s*(?:imag\s*=)?\s*(['"]?)\s*(${NUMBER})\s*\3\s*\)`,
  'g',
);
const SCALAR_WRAPPER = /(?<![A-Za-z_])(?:(?:u?int|float|complex)(?:8|16|32|64|128)_?)\(/g;
/** `[1 2 3]` and `[[1. 2.]\n [3. 4.]]`. */
const SPACED_ARRAY = /^\[[\s\d.eE+\-[\]]+\]$/;

/** A text without such forms comes back as it is. Linear in the length. */
export function plainPython(raw: string): string {
  let text = raw;
  if (/\d_\d/.test(text))
    text = text.replace(/(?<![\w}\]).])\d{1,3}(?:_\d{3})+(?![\w{])/g, (digits) => digits.replaceAll('_', ''));
  if (SPACED_ARRAY.test(text) && /[\d.]\s+[-\d.]/.test(text))
    text = text
      .replace(/\[\s+/g, '[')
      .replace(/\s+\]/g, ']')
      .replace(/(?<=[\d.\]])\s+(?=[-+\d.[])/g, ', ');
  // `[1,]` and `(1,)` hold one thing.
  if (/,\s*[)\]]/.test(text)) text = text.replace(/(?<=[\d\w)\]'"])\s*,\s*(?=[)\]])/g, '');
  const quoted = /^\[\s*(['"])([^'"]*)\1\s*\]$/.exec(text)?.[2];
  if (quoted !== undefined) return quoted;
  text = text.replace(/(?<![A-Za-z\\])(?:np|numpy|math|sympy|sp|fractions|decimal|S)\.(?=[A-Za-z])/g, '');
  if (/['"]/.test(text) && /^[[({]/.test(text)) text = text.replace(/(['"])([^'",:[\](){}]*)\1/g, '$2');
  if (!/[A-Za-z]\w*\(/.test(text)) return text;
  return text
    .replace(/(?<![A-Za-z])And\(/g, 'AllOf(')
    .replace(/(?<![A-Za-z])Or\(/g, 'AnyOf(')
    .replace(/(?<![\w}\])])_(?=[a-z](?![\w(]))/g, '')
    .replace(/(?<![A-Za-z_])(?:Symbol|symbols)\(\s*['"](\w+)['"][^()]*\)/g, '$1')
    .replace(COMPLEX, '($2+($4)*i)')
    .replace(FRACTION, '(($2)/($3))')
    .replace(BOXED_NUMBER, '($2)')
    .replace(SCALAR_WRAPPER, '(')
    .replace(/(?<![A-Za-z_])(re|im)\(/g, (_, part: string) => `${part === 're' ? 'Re' : 'Im'}(`)
    .replace(/(?<![A-Za-z_])Poly\(([^(),]*(?:\([^()]*\)[^(),]*)*),[^()]*\)/g, '($1)')
    .replace(/(?<![A-Za-z_])(?:Counter|OrderedDict|dict|dict_values|dict_keys|odict_values)\(([^()]*)\)/g, '$1');
}
