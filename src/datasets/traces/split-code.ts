/** Finds the code in a text that a model wrote: between the template's marks, in fences, or in tags such as `<code>`. */
import { outputLabelOf, readFences, usesFences } from '../../rollout/fences.ts';
import { looksLikePython } from '../../rollout/python-text.ts';
import type { RolloutTemplate } from '../../rollout/template.ts';
import type { TraceTurn } from './trace.ts';

interface FoundBlock {
  readonly code: string;
  readonly start: number;
  readonly end: number;
}

export interface SplitOptions {
  readonly template: RolloutTemplate;
  /** Whether tool output follows the text, so that code without a label or without its closing fence is code too. */
  readonly isRun: boolean;
}

/**
 * Text and code in turns; tool output that was written into the text is dropped.
 *
 * @returns at least one turn, the last one without code; or the reason why the text can't be read
 * @example splitCode('So:\n```python\nprint(4)\n```\nIt is 4.', { template, isRun: false })
 * // [{ text: 'So:\n', code: 'print(4)' }, { text: '\nIt is 4.' }]
 */
export function splitCode(text: string, options: SplitOptions): TraceTurn[] | { readonly reason: string } {
  const turns: TraceTurn[] = [];
  let rest = text;
  for (;;) {
    const found = firstBlock(rest, options);
    if (found === undefined) return [...turns, { text: rest }];
    if ('reason' in found) return found;
    turns.push({ text: rest.slice(0, found.start), code: found.code });
    rest = withoutOutput(rest.slice(found.end), options.template);
  }
}

function firstBlock(text: string, options: SplitOptions): FoundBlock | { readonly reason: string } | undefined {
  const { template } = options;
  const marked = usesFences(template) ? undefined : markedBlock(text, template);
  const tagged = taggedBlock(text);
  // Where the template's marks are a tag, what the tag says of white space and fences holds: so it is first.
  const found = [tagged, marked].filter((block) => block !== undefined).sort((a, b) => a.start - b.start)[0];
  const fenced = fencedBlock(found === undefined ? text : text.slice(0, found.start), options, found === undefined);
  return fenced ?? found;
}

function markedBlock(text: string, { codeOpen, codeClose }: RolloutTemplate): FoundBlock | undefined {
  const start = text.indexOf(codeOpen);
  const from = start + codeOpen.length;
  const close = start === -1 ? -1 : text.indexOf(codeClose, from);
  if (close === -1) return undefined;
  return { code: text.slice(from, close).replace(/^\n/, ''), start, end: close + codeClose.length };
}

const CODE_TAGS = /<(code|llm-code|python|tool_code|execute)>([\s\S]*?)<\/\1>/gi;
const OUTPUT_TAGS = /^\s*<(interpreter|llm-code-output|output|result|tool_response|execution)>[\s\S]*?<\/\1>\n?/i;
const WHOLE_FENCE = /^\s*(`{3,}|~{3,})[^\n]*\n([\s\S]*?)\n?[ \t]*\1\s*$/;

/** A tag around one word is a mention; around lines, around a fence, or before an output it is code. */
function taggedBlock(text: string): FoundBlock | undefined {
  for (const match of text.matchAll(CODE_TAGS)) {
    const [whole, , inner = ''] = match;
    const end = match.index + whole.length;
    const body = WHOLE_FENCE.exec(inner)?.[2] ?? inner;
    if (body.trim() === '' || !(inner.includes('\n') || looksLikePython(body) || OUTPUT_TAGS.test(text.slice(end))))
      continue;
    return { code: body.replace(/^\s*\n/, '').trimEnd(), start: match.index, end };
  }
  return undefined;
}

function fencedBlock(
  text: string,
  { template, isRun }: SplitOptions,
  isEnded: boolean,
): FoundBlock | { readonly reason: string } | undefined {
  const options = { arm: isRun ? 'code' : 'auto', outputLabel: outputLabelOf(template), isEnded: true } as const;
  const reading = readFences(text, options);
  switch (reading.kind) {
    case 'code':
      return reading;
    case 'invented-output':
      return { reason: 'an output is written behind code that is not run' };
    case 'nothing': {
      if (!reading.isPython || !isEnded) return undefined;
      // The end of a turn may have been cut off with the fence that stopped it.
      const closed = isRun ? closeFence(text, options) : undefined;
      return closed ?? { reason: 'a block of code is not closed' };
    }
  }
}

function closeFence(text: string, options: Parameters<typeof readFences>[1]): FoundBlock | undefined {
  for (const fence of ['```', '~~~']) {
    const reading = readFences(`${text}\n${fence}`, options);
    if (reading.kind === 'code') return { ...reading, end: text.length };
  }
  return undefined;
}

const FENCED_OUTPUT = /^\s*(`{3,}|~{3,})[ \t]*([\w-]*)[ \t]*\n(?:([\s\S]*?)\n)?[ \t]*\1[ \t]*(?:\n|$)/;
const OUTPUT_LABELS = /^(?:output|out|stdout|console|result|results|text|plaintext|plain|error|traceback)?$/i;

/** The text behind a block without the output that is recorded there. */
function withoutOutput(text: string, template: RolloutTemplate): string {
  const tagged = OUTPUT_TAGS.exec(text);
  if (tagged !== null) return text.slice(tagged[0].length);
  const { toolOpen, toolClose } = template;
  const close = toolClose === '' || !text.startsWith(toolOpen) ? -1 : text.indexOf(toolClose, toolOpen.length);
  if (close !== -1) return text.slice(close + toolClose.length);
  const fenced = FENCED_OUTPUT.exec(text);
  if (fenced === null) return text;
  const [whole, , label = '', body = ''] = fenced;
  return OUTPUT_LABELS.test(label) && !looksLikePython(body) ? text.slice(whole.length) : text;
}

/** Whether a user message holds tool output and nothing else. */
export const isOutput = (text: string, template: RolloutTemplate): boolean =>
  text.trim() !== '' && withoutOutput(text, template).trim() === '';
