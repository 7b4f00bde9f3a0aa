/** Chat templates rendered outside of this process, in batches. */
import { limitedProcess, ProcessLimitError } from '../process/limited-process.ts';
import type { ChatMessage } from './chat-template.ts';
import type { TemplateAnswer, TemplateRequest } from './template-process.ts';

/** Rejects with an Error where the template refuses the messages, with TemplateLimitError where it takes too much. */
export type RenderChat = (messages: readonly ChatMessage[], options?: { readonly prompt?: boolean }) => Promise<string>;

/** A chat template that loops, or fills the memory. */
export class TemplateLimitError extends Error {
  override readonly name = 'TemplateLimitError';
}

/** A batch takes milliseconds. */
const CPU_MS = 2000;
const MEMORY_MB = 512;
const IDLE_MS = 10_000;
const MAX_BATCH = 64;

const ask = limitedProcess<TemplateRequest, TemplateAnswer>({
  entry: new URL('./template-process-entry.mjs', import.meta.url),
  cpuMs: CPU_MS,
  memoryMb: MEMORY_MB,
  idleMs: IDLE_MS,
});

interface Waiting {
  readonly chat: TemplateRequest['chats'][number];
  readonly resolve: (text: string) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * What is rendered in one turn of the event loop goes to the process together.
 *
 * @param tokens `bos_token` and its like as text
 * @example await createRenderer(source, { bos_token: '<s>' })([{ role: 'user', content: '1 + 1' }]);
 */
export function createRenderer(source: string, tokens: Readonly<Record<string, string>>): RenderChat {
  let waiting: Waiting[] = [];
  const flush = (): void => {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += MAX_BATCH) void render(all.slice(at, at + MAX_BATCH));
  };
  const render = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const answers = await ask({ source, tokens, chats: batch.map(({ chat }) => chat) });
      for (const [index, { resolve, reject }] of batch.entries()) {
        const answer = answers[index];
        if (answer !== undefined && 'text' in answer) resolve(answer.text);
        else reject(new Error(`the chat template fails: ${answer?.error ?? 'no text came back'}`));
      }
    } catch (error) {
      const refused =
        error instanceof ProcessLimitError
          ? new TemplateLimitError(
              error.limit === 'memory'
                ? `the chat template takes more than ${MEMORY_MB} MB of memory`
                : `the chat template takes more than ${CPU_MS / 1000} s of CPU time`,
            )
          : error;
      for (const { reject } of batch) reject(refused);
    }
  };
  return (messages, { prompt = true } = {}) =>
    new Promise((resolve, reject) => {
      waiting.push({ chat: { messages, prompt }, resolve, reject });
      if (waiting.length === 1) queueMicrotask(flush);
    });
}
