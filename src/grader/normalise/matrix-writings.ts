/** Matrices as plain TeX, MATLAB and transposes write them, as `pmatrix`. */

const PLAIN_TEX = /\\([pbvBV]?)matrix\s*\{((?:[^{}]|\{[^{}]*\}){1,2000})\}/g;
const MATLAB = /(?<![\w\])}])\[\s*([^[\](){};]{1,200}(?:;[^[\](){};]{1,200}){1,19})\s*\]/g;
const TRANSPOSED =
  /([([])([^()[\]]{1,300},[^()[\]]{1,300})[)\]]\s*\^\s*\{?\s*(?:\\(?:mathsf|mathrm|text|intercal|top)(?![a-z])\s*\{?)?\s*(?:T|t|⊤)?\s*\}{0,2}(?=$|[\s.,;$])/g;

const ENTRY = /^[-−+]?[\w./\\^*√π]+$/;

/** Rows of `1 2; 3 4` or `1, 2; 3, 4`; undefined where the rows differ in length or have one entry. */
function rowsOf(body: string): string[][] | undefined {
  const rows = body.split(';').map((row) => row.trim().split(/\s*,\s*|\s+/));
  const width = rows[0]?.length ?? 0;
  const isMatrix = width > 1 && rows.every((row) => row.length === width && row.every((entry) => ENTRY.test(entry)));
  return isMatrix ? rows : undefined;
}

/**
 * The same text with its matrices in one notation.
 *
 * @example withPlainMatrices('[1 2; 3 4]') // '\\begin{pmatrix}1 & 2 \\\\ 3 & 4\\end{pmatrix}'
 */
export function withPlainMatrices(text: string): string {
  let plain = text;
  if (plain.includes('matrix'))
    plain = plain.replace(
      PLAIN_TEX,
      (_, kind: string, body: string) =>
        `\\begin{${kind}matrix}${body.replace(/\\cr(?![a-zA-Z])\s*$/, '').replace(/\\cr(?![a-zA-Z])/g, '\\\\')}\\end{${kind}matrix}`,
    );
  if (plain.includes(';') && plain.includes('['))
    plain = plain.replace(MATLAB, (whole, body: string) => {
      const rows = rowsOf(body);
      return rows === undefined
        ? whole
        : `\\begin{pmatrix}${rows.map((row) => row.join(' & ')).join(' \\\\ ')}\\end{pmatrix}`;
    });
  if (/[)\]]\s*\^\s*(?:\{\s*)?(?:T|t|⊤|\\)/.test(plain))
    plain = plain.replace(TRANSPOSED, (whole, _open: string, body: string) =>
      /\^\s*\{?\s*(?:T|t|⊤|\\(?:top|intercal|mathsf|mathrm|text))/.test(whole)
        ? `\\begin{pmatrix}${body.split(',').join(' \\\\ ')}\\end{pmatrix}`
        : whole,
    );
  return plain;
}
