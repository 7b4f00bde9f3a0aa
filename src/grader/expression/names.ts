/** Names the expression parser knows, in LaTeX (`\sin`) and in plain text (`sin(x)`). */

/** Plain-text or LaTeX name → name of the call. */
export const FUNCTIONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    sin: 'sin',
    cos: 'cos',
    tan: 'tan',
    tg: 'tan',
    cot: 'cot',
    ctg: 'cot',
    sec: 'sec',
    csc: 'csc',
    cosec: 'csc',
    arcsin: 'asin',
    arccos: 'acos',
    arctan: 'atan',
    arctg: 'atan',
    arccot: 'acot',
    arcctg: 'acot',
    arcsec: 'asec',
    arccsc: 'acsc',
    asin: 'asin',
    acos: 'acos',
    atan: 'atan',
    sinh: 'sinh',
    cosh: 'cosh',
    tanh: 'tanh',
    coth: 'coth',
    sech: 'sech',
    csch: 'csch',
    arcsinh: 'asinh',
    arccosh: 'acosh',
    arctanh: 'atanh',
    asinh: 'asinh',
    acosh: 'acosh',
    atanh: 'atanh',
    log: 'log',
    ln: 'ln',
    lg: 'log10',
    exp: 'exp',
    sqrt: 'sqrt',
    cbrt: 'cbrt',
    abs: 'abs',
    Abs: 'abs',
    floor: 'floor',
    ceil: 'ceil',
    ceiling: 'ceil',
    max: 'max',
    min: 'min',
    Max: 'max',
    Min: 'min',
    Mod: 'mod',
    root: 'sqrt',
    factorial2: 'double-factorial',
    gcd: 'gcd',
    lcm: 'lcm',
    sgn: 'sgn',
    sign: 'sgn',
    binomial: 'binomial',
    factorial: 'factorial',
    gamma: 'gamma',
    Re: 'Re',
    Im: 'Im',
    cis: 'cis',
    det: 'det',
    deg: 'deg',
    arg: 'arg',
    rank: 'rank',
    dim: 'dim',
  }),
); // prettier-ignore

export const OPAQUE_COMMANDS: ReadonlySet<string> = new Set(
  'sum prod int iint iiint oint lim limsup liminf sup inf bigcup bigcap partial nabla'.split(' '),
);

/** Symbols that LaTeX writes as commands; anything else that is a command is not part of a scalar. */
export const SYMBOL_COMMANDS: ReadonlySet<string> = new Set(
  (
    'alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho sigma varsigma tau upsilon ' +
    'phi varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar imath jmath aleph ' +
    'odot oplus star prime emptyset varnothing triangle angle mho square diamond'
  ).split(' '),
);

/** Commands that decorate the symbol after them. */
export const DECORATIONS: ReadonlySet<string> = new Set(
  'bar overline vec hat widehat tilde widetilde dot ddot overrightarrow overset underset check breve'.split(' '),
);

export const MULTIPLICATION: ReadonlySet<string> = new Set(['cdot', 'times', 'ast', 'bullet']);

/** Relations: command or operator → canonical sign. */
export const RELATIONS: ReadonlyMap<string, RelationSign> = new Map<string, RelationSign>([
  ['=', '='],
  ['==', '='],
  ['<', '<'],
  ['>', '>'],
  ['<=', '<='],
  ['>=', '>='],
  ['!=', '!='],
  ['\\approx', '~'],
  ['\\le', '<='],
  ['\\leq', '<='],
  ['\\leqslant', '<='],
  ['\\leqq', '<='],
  ['\\ge', '>='],
  ['\\geq', '>='],
  ['\\geqslant', '>='],
  ['\\geqq', '>='],
  ['\\lt', '<'],
  ['\\gt', '>'],
  ['\\ne', '!='],
  ['\\neq', '!='],
  ['\\simeq', '~'],
  ['\\doteq', '~'],
  ['\\sim', '~'],
  ['\\in', 'in'],
  ['\\notin', 'notin'],
  ['\\equiv', 'mod'],
  ['\\cong', '='],
  ['\\subset', 'subset'],
  ['\\subseteq', 'subset'],
  ['\\mid', '|'],
  ['\\vert', '|'],
  ['\\coloneqq', '='],
  ['\\triangleq', '='],
]); // prettier-ignore

export type RelationSign = '=' | '<' | '>' | '<=' | '>=' | '!=' | '~' | 'in' | 'notin' | 'mod' | 'subset' | '|';
