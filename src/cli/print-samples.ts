/** How `whencode sample` shows what was written. */
import type { Generation, Tokenizer } from '../sampler/types.ts';

/** A line a sample for programs, a block a sample for people; without a tokenizer, ids stand for the text. */
export function printSamples(
  generations: readonly Generation[],
  tokenizer: Tokenizer | undefined,
  asJson: boolean,
  write: (text: string) => void,
): void {
  for (const { id: key, tokenIds, logProbs, finish } of generations) {
    const [id, sample] = JSON.parse(key) as [string, number];
    const text = tokenizer?.decode(tokenIds);
    if (asJson) write(`${JSON.stringify({ id, sample, text, tokenIds, logProbs, finish })}\n`);
    else write(`── ${id} #${sample} (${tokenIds.length} tokens, ${finish})\n${text ?? tokenIds.join(' ')}\n`);
  }
}

/** Writes text as tokens come, holding back a character whose bytes are not all there. */
export class TokenStream {
  readonly #tokenizer: Tokenizer;
  readonly #write: (text: string) => void;
  readonly #ids: number[] = [];
  #written = '';

  constructor(tokenizer: Tokenizer, write: (text: string) => void) {
    this.#tokenizer = tokenizer;
    this.#write = write;
  }

  push(ids: readonly number[]): void {
    this.#ids.push(...ids);
    const text = this.#tokenizer.decode(this.#ids);
    if (!text.endsWith('�')) this.#show(text);
  }

  /** Shows what was held back. */
  end(): void {
    this.#show(`${this.#tokenizer.decode(this.#ids)}\n`);
  }

  #show(text: string): void {
    this.#write(text.slice(this.#written.length));
    this.#written = text;
  }
}
