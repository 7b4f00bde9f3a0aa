/** One line of Markdown that may open or close a fenced block. */

export type FenceMark = '`' | '~';

/** What a fence's label says of the block: Python, nothing, another language, or a word that no language has. */
export interface FenceLabel {
  readonly kind: 'python' | 'none' | 'other' | 'unknown';
  /** In lower case. */
  readonly name: string;
  /** Words behind the label that are no attributes: a sentence that mentions a fence, perhaps. */
  readonly isProse: boolean;
}

export interface FenceOpening {
  readonly mark: FenceMark;
  readonly length: number;
  /** Where the block begins in the line: the fence, or the marks of a list or a quotation before it. */
  readonly at: number;
  /** `>` marks before the fence; the block's lines have as many. */
  readonly quotes: number;
  readonly info: string;
  /** What stands between the fence and another one on the same line, which ends there; the block has no other lines. */
  readonly inline?: { readonly text: string; readonly end: number };
}

const PYTHON =
  /^(?:i?py(?:thon)?-?[\d.]*|pycon|(?:i?python|py)[-_]?(?:repl|console|session|code|exec|doctest)|pyrepl|doctest|tool_code)$/;
const OTHER = new Set(
  `asm asy asymptote awk bash basic bat c c# c++ cmd clojure cobol console cpp cs csharp css csv dart diff elixir erlang
  error fortran fsharp gap go gp graphql groovy haskell hs html http ini java javascript js json jsonl jsx julia jl kotlin latex
  lean lean4 lisp log lua m maple markdown math mathematica matlab md mermaid none objc ocaml octave output out pari pascal
  perl php plain plaintext powershell prolog ps1 pseudo pseudocode r racket rb regex rest result results rs rst ruby rust
  scala scheme sed sh shell shell-session sql stdout svg swift tex text tikz toml traceback ts tsv tsx txt typescript vb verilog
  vhdl wolfram xml yaml yml zig zsh`.split(/\s+/),
);
const CONTAINERS =
  /^(?<before>(?:[ \t]*(?:>|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t])))*[ \t]*)(?<fence>`{3,}|~{3,})(?<rest>.*)$/;
const MID_LINE = /^(?<before>.*?[^`])(?<fence>`{3,})(?<rest>[^`]*)$/;
/** `{.x #y key=value}`, `[x]`, `(x)`, `key=value`, `:x`, and the words that renderers know. */
const ATTRIBUTES =
  /^(?:[\s,;]*(?:\{[^}]*\}?|\[[^\]]*\]?|\([^)]*\)?|[\w.:-]+=(?:"[^"]*"?|'[^']*'?|[^\s,;]+)|[.#:][\w.-]+|line-?nos|linenums|number-?lines|copy|exec|run|repl|i?python\d?))*[\s,;]*$/i;

/**
 * The opening fence of the line, if it has one. Behind other text only a fence counts whose label ends the line: what is
 * followed by more words is a mention.
 */
export function readOpening(line: string): FenceOpening | undefined {
  const atStart = CONTAINERS.exec(line)?.groups;
  if (atStart !== undefined) {
    const { before = '', fence = '', rest = '' } = atStart;
    const opening = { ...markOf(fence), at: 0, quotes: before.split('>').length - 1 };
    const close = fence.startsWith('`') ? rest.indexOf('`') : -1;
    if (close === -1) return { ...opening, info: rest };
    if (!rest.startsWith(fence, close)) return undefined;
    const end = before.length + 2 * fence.length + close;
    return { ...opening, info: '', inline: { text: rest.slice(0, close), end } };
  }
  const { before = '', fence = '', rest = '' } = MID_LINE.exec(line)?.groups ?? {};
  if (fence === '') return undefined;
  const { kind, isProse } = readLabel(rest);
  if (isProse || kind === 'other' || kind === 'unknown') return undefined;
  return { ...markOf(fence), at: before.length, quotes: 0, info: rest };
}

const markOf = (fence: string): { mark: FenceMark; length: number } => ({
  mark: fence.startsWith('~') ? '~' : '`',
  length: fence.length,
});

/**
 * The info string: `Python`, `{python}`, `{.python .x}`, `python {.x}`, `python title="a"`, `{code-cell} ipython3`.
 *
 * @example
 * readLabel(' {.Python3 .numberLines}').kind; // 'python'
 */
export function readLabel(info: string): FenceLabel {
  const text = info.trim().toLowerCase();
  const words = text.replace(/^\{\s*(?:code-cell|code-block|code|cell)\s*\}\s*/, '').replace(/^[{.\s]+/, '');
  const name = /^[^\s,;:{}=[\]()]*/.exec(words)?.[0] ?? '';
  if (text === '') return { kind: 'none', name: '', isProse: false };
  const rest = words.slice(name.length);
  const isProse = !(text.startsWith('{') || ATTRIBUTES.test(rest) || /^:\S*$/.test(rest));
  return { kind: kindOf(name), name, isProse };
}

function kindOf(name: string): FenceLabel['kind'] {
  if (PYTHON.test(name)) return 'python';
  return OTHER.has(name) ? 'other' : 'unknown';
}
