/** LaTeX around an answer that says nothing: invisible boxes, font sizes, `\therefore`, `\text{Answer: }`, a frame of one cell, `^{th}`. */

const INVISIBLE = /\\(?:[hv]?phantom|footnote|footnotemark|label|vspace\*?|hspace\*?|tag\*?)\s*\{[^{}]*\}/g;
const FONTS =
  /\\(?:Huge|huge|LARGE|Large|large|normalsize|small|footnotesize|scriptsize|tiny|scriptscriptstyle|bfseries|mdseries|itshape|upshape|scshape|ttfamily|sffamily|rmfamily|boldmath|unboldmath|tt|sf|sc|sl|em|nolinebreak|nobreak|relax|protect|null|smash|mathclap|mathstrut)(?![a-zA-Z])/g;
const CELL =
  /^\s*\\begin\s*\{(array|aligned|gathered|split|tabular|gather\*?|align\*?|equation\*?|center)\}(?:\s*\[[tbc]\])?(?:\s*\{[|rclp@!\s\d.]*\})?([^&]*?)(?:\\\\(?:\s*\\hline)*\s*)?\\end\s*\{\1\}\s*$/;
const LEADING =
  /^(?:\s|[→⇒∴]|\\[,;:! ]|~|\\(?:therefore|because|Rightarrow|implies|Longrightarrow|rightarrow|longrightarrow|mapsto|to|qquad|quad)(?![a-zA-Z])|\\text(?:bf|it|rm)?\s*\{\s*(?:(?:exactly|precisely|only|just|simply|the|our|final|answer|ans|is|are|so|thus|hence|therefore|result|final result)(?![a-z])|[:.,=\s]|答案?|是|为)+\s*\})+(?=.)/i;
const TRAILING =
  /(?:\s|\\[,;:! ]|~|\\(?:checkmark|blacksquare|square|Box|qed|qquad|quad|blacktriangleleft)(?![a-zA-Z])|\\text(?:bf|it|rm)?\s*\{\s*\(?\s*(?:final answer|answer|q\.?e\.?d\.?|exactly|in total|altogether|total)\s*\)?\s*\.?\})+$/i;
const ORDINAL =
  /(\d)\s*\^\s*(?:\{\s*(?:\\(?:text\w*|mathrm|mbox)\s*\{\s*(?:st|nd|rd|th)\s*\}|\\rm\s+(?:st|nd|rd|th)|(?:st|nd|rd|th))\s*\}|\\(?:text\w*|mathrm|mbox)\s*\{\s*(?:st|nd|rd|th)\s*\})/g;

/** An answer without its decoration; linear. */
export function withoutDecoration(text: string): string {
  let plain = text;
  if (/^[\s~]*[\\→⇒∴]/.test(plain)) plain = plain.replace(LEADING, '');
  if (!plain.includes('\\') && !/\^\s*\{\s*[snrt]/.test(plain)) return plain;
  plain = plain.replace(INVISIBLE, '').replace(FONTS, ' ');
  const cell = CELL.exec(plain);
  if (cell?.[2] !== undefined && !/\\\\|\\begin/.test(cell[2])) plain = cell[2].replace(/\\hline/g, ' ').trim();
  if (plain.includes('^')) plain = plain.replace(ORDINAL, '$1');
  return plain.replace(TRAILING, '').trim();
}
