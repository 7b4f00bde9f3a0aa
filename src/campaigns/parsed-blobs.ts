import type { StepOutput } from '../artifacts/define-step.ts';

/** Keeps the values that were used last by their keys, e.g. digests: blobs and steps never change. */
export class LatestValues<Value> {
  readonly #capacity: number;
  readonly #values = new Map<string, Promise<Value>>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The value of the key, made at its first use. A failure is not kept. */
  get(key: string, make: () => Promise<Value>): Promise<Value> {
    const known = this.#values.get(key);
    const value = known ?? make();
    this.#values.delete(key);
    this.#values.set(key, value);
    const oldest = this.#values.keys().next().value;
    if (this.#values.size > this.#capacity && oldest !== undefined) this.#values.delete(oldest);
    if (known === undefined) value.catch(() => this.#values.delete(key));
    return value;
  }
}

/** Parsed outputs of steps. An output has one type wherever it is read, so its digest names the type too. */
export class ParsedOutputs {
  readonly #latest: LatestValues<readonly unknown[]>;

  constructor(capacity: number) {
    this.#latest = new LatestValues(capacity);
  }

  async lines<T>(output: StepOutput<T[]>): Promise<readonly T[]> {
    return (await this.#latest.get(output.digest, () => output.read())) as readonly T[];
  }
}
