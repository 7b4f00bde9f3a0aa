/** What the model reads after its code ran: part of the protocol, so a pure function of result and template. */
import type { RolloutTemplate } from './template.ts';
import type { BlockResult } from './types.ts';

/** One line about a snippet that did not end by itself; models see the words that Python would use. */
function failureLine(result: BlockResult): string | undefined {
  switch (result.end) {
    case 'ok':
      return undefined;
    case 'error':
      return result.exception ?? 'Error: the code failed';
    case 'cpu-timeout':
    case 'wall-timeout':
      return 'TimeoutError: the code took too long';
    case 'memory':
      return 'MemoryError: the code used too much memory';
    case 'output':
      return 'OutputError: the code printed too much';
    case 'infrastructure':
      throw new Error('a snippet that failed as infrastructure has no text for the model; end the rollout instead');
  }
}

function cutMiddle(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  const marker = ' ... ';
  const kept = Math.max(2, maxCharacters - marker.length);
  const head = Math.ceil(kept / 2);
  return `${text.slice(0, head)}${marker}${text.slice(text.length - (kept - head))}`;
}

/**
 * The whole tool segment, marks included. `quote` is the tokenizer's: control tokens count only where the protocol writes
 * them, so what a snippet prints can't end the turn. Throws for `infrastructure`, which the model must never read.
 */
export function renderToolOutput(
  result: BlockResult,
  template: RolloutTemplate,
  quote: (text: string) => string = (text) => text,
): string {
  const failure = failureLine(result);
  const printed = [result.stdout.trimEnd(), result.value ?? ''].filter((part) => part !== '').join('\n');
  let body: string;
  switch (template.toolCut) {
    case 'last-line': {
      const last = failure ?? printed.slice(printed.lastIndexOf('\n') + 1).trim();
      body = last.slice(0, template.toolMaxCharacters);
      break;
    }
    case 'head-tail':
      body = cutMiddle([printed, failure].filter((part) => part).join('\n'), template.toolMaxCharacters);
      break;
  }
  return `${template.toolOpen}${quote(body)}${template.toolClose}`;
}
