/**
 * Code blocks of Markdown as models really write them: what of a turn's text is code to run, read line by line. A block
 * is code if its label says Python, or if it has no label and holds Python. Whatever is decided on a text stays so
 * however the text goes on: sampling stops at every fence, and a block is run as soon as it is closed.
 */
import { type FenceOpening, readLabel, readOpening } from './fence-line.ts';
import { dedent, isRemark, looksLikeProse, looksLikePython, pythonStateAtEnd, readDoctest } from './python-text.ts';
import type { RolloutTemplate } from './template.ts';
import type { Arm } from './types.ts';

/** Bumped when the same text is read in another way: part of the key of every step that samples with fences. */
export const FENCE_RULES = 2;

export type FenceReading =
  /** Nothing to run so far. `isPython`: a block that will be run, or would be, is open. */
  | { readonly kind: 'nothing'; readonly isPython: boolean; readonly stops: readonly string[] }
  /** The first code block that is closed. It begins at the offset `start` of the text and ends before `end`. */
  | { readonly kind: 'code'; readonly code: string; readonly start: number; readonly end: number }
  /** The model wrote what only the tool may write: an output behind code that was not run. */
  | { readonly kind: 'invented-output'; readonly end: number };

export interface FenceOptions {
  readonly arm: Arm;
  /** Label of the fences around tool output. */
  readonly outputLabel: string;
  /** No more text comes. */
  readonly isEnded: boolean;
}

const FENCES = ['```', '~~~'] as const;

/** A template whose code ends with a fence: its blocks are read as Markdown. */
export const usesFences = ({ codeClose }: Pick<RolloutTemplate, 'codeClose'>): boolean =>
  /^\s*(?:`{3,}|~{3,})\s*$/.test(codeClose);

/** Label of the fence that the tool writes around its output, e.g. `output`; a name that no label has if it writes none. */
export const outputLabelOf = ({ toolOpen }: Pick<RolloutTemplate, 'toolOpen'>): string =>
  readLabel(/(?:`{3,}|~{3,})(.*)/.exec(toolOpen)?.[1] ?? '').name || ' ';

interface Block extends FenceOpening {
  /** Offset in the text. */
  readonly start: number;
  readonly label: ReturnType<typeof readLabel>;
  lines: string[];
}

/**
 * Reads a turn's text from its beginning, the forced prefix included.
 *
 * @example
 * readFences('```py\nprint(1)\n```', { arm: 'auto', outputLabel: 'output', isEnded: false }); // code 'print(1)'
 */
export function readFences(text: string, options: FenceOptions): FenceReading {
  const reader = new FenceReader(options);
  let offset = 0;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const isComplete = index < lines.length - 1 || options.isEnded;
    const found = reader.read(line.replace(/\r$/, ''), isComplete, offset);
    if (found !== undefined) return found;
    offset += line.length + 1;
  }
  return reader.rest();
}

class FenceReader {
  readonly #options: FenceOptions;
  #block: Block | undefined;
  /** Whether a block that might have been code was closed without being run. */
  #hasUnrun = false;
  /** Where sampling has to stop for the next decision. */
  #stops: readonly string[] = FENCES;

  constructor(options: FenceOptions) {
    this.#options = options;
  }

  read(line: string, isComplete: boolean, offset: number): FenceReading | undefined {
    this.#stops = FENCES;
    const block = this.#block;
    if (block === undefined) return this.#readOutside(line, isComplete, offset);
    const own = withoutQuotes(line, block.quotes);
    const again = isBlankBlock(block) && this.#isCode(block) ? readOpening(own) : undefined;
    if (again !== undefined && again.mark !== block.mark)
      return this.#readAgain(block, again, isComplete, offset + line.length);
    const close = this.#findClose(own, block);
    if (close === -1) {
      block.lines.push(own);
      return undefined;
    }
    const before = own.slice(0, close);
    const run = /^[`~]+/.exec(own.slice(close))?.[0] ?? '';
    const rest = own.slice(close + run.length);
    return this.#readClose(block, { before, rest, isComplete, offset, end: offset + line.length - rest.length });
  }

  rest(): FenceReading {
    const block = this.#block;
    const isOpen = block !== undefined && !isBlankBlock(block);
    const stops = isOpen && this.#stops === FENCES ? [block.mark.repeat(block.length)] : this.#stops;
    return { kind: 'nothing', isPython: block !== undefined && this.#isCode(block), stops };
  }

  #readOutside(line: string, isComplete: boolean, offset: number): FenceReading | undefined {
    const opening = readOpening(line);
    if (opening === undefined) return undefined;
    if (opening.inline !== undefined) return this.#readInline(opening.inline, opening, offset);
    if (isComplete) return this.#open(opening, offset + opening.at, offset + line.length);
    // A CoT rollout ends as soon as its label is known; the others read on to the end of the block.
    if (this.#options.arm === 'cot') this.#stops = ['\n'];
    return undefined;
  }

  /** A block that is closed on the line on which it was opened; one without code is a mention. */
  #readInline(
    inline: NonNullable<FenceOpening['inline']>,
    opening: FenceOpening,
    offset: number,
  ): FenceReading | undefined {
    const [, word = '', code = ''] = /^\s*(\S+)\s+(.*)$/.exec(inline.text) ?? [];
    const isLabelled = readLabel(word).kind === 'python';
    if (!isLabelled && !looksLikePython(inline.text)) return undefined;
    const lines = [isLabelled ? code : inline.text];
    const block = { ...opening, start: offset + opening.at, label: readLabel('python'), lines };
    return this.#finish(block, offset + inline.end);
  }

  #open(opening: FenceOpening, start: number, end: number): FenceReading | undefined {
    const label = readLabel(opening.info);
    if (label.name === this.#options.outputLabel && this.#hasUnrun) return { kind: 'invented-output', end };
    this.#block = { ...opening, start, label, lines: [] };
    return undefined;
  }

  /** Handles a second opening fence while the block is still empty: with a label it opens its own block, else it replaces the first. */
  #readAgain(block: Block, opening: FenceOpening, isComplete: boolean, end: number): FenceReading | undefined {
    if (!isComplete) return undefined;
    if (readLabel(opening.info).kind !== 'none') return this.#open(opening, block.start, end);
    this.#block = { ...block, ...opening, lines: [] };
    return undefined;
  }

  /** Index in the line of a fence that may close the block; -1 without one. */
  #findClose(own: string, block: Block): number {
    const atStart = /^[ \t]*/.exec(own)?.[0].length ?? 0;
    const fence = block.mark.repeat(block.length);
    // Of a tilde only a line of its own: `~~~x` is Python.
    const at = own.startsWith(fence, atStart) ? atStart : block.mark === '`' ? own.indexOf(fence) : -1;
    if (at === -1) return -1;
    const before = own.slice(0, at);
    if (!this.#isCode(block, before)) return at === atStart ? at : -1;
    return pythonStateAtEnd([...block.lines, before].join('\n')) === 'code' ? at : -1;
  }

  #readClose(
    block: Block,
    fence: { before: string; rest: string; isComplete: boolean; offset: number; end: number },
  ): FenceReading | undefined {
    const { before, rest, isComplete, end } = fence;
    const next = readLabel(rest);
    const isBlank = isBlankBlock(block) && before.trim() === '';
    const isCode = this.#isCode(block, before);
    const isIdle = isCode && isRemark([...block.lines, before].join('\n'));
    if (isCode && !isIdle && !isBlank && !block.label.isProse) {
      block.lines.push(before);
      return this.#finish(block, end);
    }
    // What follows the fence decides whether it closes this block or opens another.
    if (!isComplete && (rest.trim() === '' || next.kind !== 'python')) {
      if ((block.label.isProse || isIdle) && !isBlank) this.#stops = ['\n'];
      else if (this.#options.arm === 'cot') this.#stops = ['\n'];
      return undefined;
    }
    if (rest.trim() !== '' && (next.kind === 'python' || isBlank || !isCode)) {
      if (!isBlank && !isIdle) this.#hasUnrun = true;
      const start = isBlank || isIdle ? block.start : end - block.length;
      return this.#open({ ...block, info: rest }, start, end + rest.length);
    }
    // The code arm begins inside a block: a bare fence at once is the model's own way to open it.
    if (isBlank && isCode && this.#options.arm === 'code') {
      this.#block = { ...block, lines: [] };
      return undefined;
    }
    block.lines.push(before);
    return this.#finish(block, end);
  }

  /** The block is closed. */
  #finish(block: Block, end: number): FenceReading | undefined {
    this.#block = undefined;
    const text = block.lines.join('\n');
    if (text.trim() === '') return undefined;
    if (!this.#isCode(block)) {
      this.#hasUnrun ||= block.label.name !== this.#options.outputLabel;
      return undefined;
    }
    const code = dedent(
      withoutOptions(text, block.info)
        .replace(/^\s*\n/, '')
        .trimEnd(),
    );
    const session = readDoctest(code);
    if (session === undefined) return { kind: 'code', code, start: block.start, end };
    if (session.hasOutput) return { kind: 'invented-output', end };
    return { kind: 'code', code: session.code, start: block.start, end };
  }

  /** Whether the block is run; without a known label by what it holds, in the code arm unless it is plainly prose. */
  #isCode({ at, label, lines }: Block, before = ''): boolean {
    switch (label.kind) {
      case 'python':
        // Behind other text, with nothing but words below it, a fence is mentioned: "I begin with ```python".
        return at === 0 || !isWords([...lines, before].join('\n'));
      case 'other':
        return false;
      case 'unknown':
        return looksLikePython([...lines, before].join('\n'));
      case 'none': {
        const text = [...lines, before].join('\n');
        return looksLikePython(text) || (this.#options.arm === 'code' && !looksLikeProse(text));
      }
    }
  }
}

const isBlankBlock = ({ lines }: Block): boolean => lines.every((line) => line.trim() === '');

/** Words and fences, as in "and end with ```". */
const isWords = (text: string): boolean =>
  /\p{L} +\p{L}/u.test(text) && looksLikeProse(text.replace(/[`~]/g, '')) && !looksLikePython(text);

/** MyST's directives have options before the code: `:linenos:`. */
const withoutOptions = (text: string, info: string): string =>
  /^\s*\{\s*code/i.test(info) ? text.replace(/^(?:[ \t]*:[\w-]+:.*\n)+/, '') : text;

function withoutQuotes(line: string, quotes: number): string {
  let rest = line;
  for (let quote = 0; quote < quotes; quote++) rest = rest.replace(/^[ \t]*> ?/, '');
  return rest;
}
