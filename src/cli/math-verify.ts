/** Math-Verify's verdicts, printed with our own for people who must report them. Math-Verify is a Python package and no dependency: it is used where it is installed. */
import { spawnSync } from 'node:child_process';

/** What Math-Verify says of one pair; `failed` with its exception. */
export type MathVerifyVerdict = 'correct' | 'incorrect' | `failed: ${string}`;

/** As verl's reward calls it: the gold in a box as LaTeX, the response as LaTeX or a plain expression. */
const PROGRAM = `
import json, sys
try:
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse, verify
except ImportError:
    sys.exit(3)
for line in sys.stdin:
    gold, answer = json.loads(line)
    try:
        parsed = parse("\\\\boxed{" + gold + "}", (LatexExtractionConfig(),))
        verdict = "correct" if verify(parsed, parse(answer, (ExprExtractionConfig(), LatexExtractionConfig()))) else "incorrect"
    except Exception as error:
        verdict = "failed: " + (type(error).__name__ + ": " + str(error))[:200]
    print(json.dumps(verdict), flush=True)
`;

const NOT_INSTALLED = 3;
const MOST_OUTPUT_BYTES = 2 ** 28;

/**
 * Verdicts in the order of the pairs.
 *
 * @param python - Interpreter that has the package `math-verify`
 * @throws Error with what to install, where the interpreter or the package is missing
 */
export function gradeWithMathVerify(
  python: string,
  pairs: readonly { readonly gold: string; readonly answer: string }[],
): MathVerifyVerdict[] {
  const input = pairs.map(({ gold, answer }) => `${JSON.stringify([gold, answer])}\n`).join('');
  const options = { input, encoding: 'utf8', maxBuffer: MOST_OUTPUT_BYTES } as const;
  const { status, stdout, stderr, error } = spawnSync(python, ['-c', PROGRAM], options);
  const remedy = `install it with \`${python} -m pip install math-verify\`, or name a Python that has it with --python`;
  if (error !== undefined) throw new Error(`${python} does not run (${error.message}); ${remedy}`);
  if (status === NOT_INSTALLED) throw new Error(`${python} has no math-verify; ${remedy}`);
  if (status !== 0) throw new Error(`Math-Verify failed: ${stderr.trim().slice(-500)}`);
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as MathVerifyVerdict);
  if (verdicts.length !== pairs.length)
    throw new Error(`Math-Verify gave ${verdicts.length} verdicts on ${pairs.length} answers`);
  return verdicts;
}
