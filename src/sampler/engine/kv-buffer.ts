/**
 * Keys and values of all layers for a number of slots (prompts or rows), each with the same number of places.
 * ONNX Runtime reads views of it in place: nothing is copied from step to step. More is reserved than is in use, so that
 * slots and places are added without new memory, which costs more than moving what is there.
 */
import { Tensor } from 'onnxruntime-node';
import type { ModelConfig } from '../../models/model-config.ts';

export type KvShape = Pick<ModelConfig, 'layers' | 'kvHeads' | 'headDim'>;

/** What a step returns: per layer `[B, kvHeads, S, headDim]`. */
export interface FreshKv {
  readonly tokensPerRow: number;
  readonly keys: readonly Float32Array[];
  readonly values: readonly Float32Array[];
}

export class KvBuffer {
  readonly #shape: KvShape;
  readonly #kind: 'prefix' | 'suffix';
  readonly #keys: Float32Array[] = [];
  readonly #values: Float32Array[] = [];
  #slots = 0;
  #places = 0;
  #reserved = 0;
  #feeds = new Map<string, Record<string, Tensor>>();

  constructor(shape: KvShape, kind: 'prefix' | 'suffix') {
    this.#shape = shape;
    this.#kind = kind;
  }

  get places(): number {
    return this.#places;
  }

  /** Places that memory is there for, over all slots. */
  get reserved(): number {
    return this.#reserved;
  }

  /** Memory for `places` over all slots, no fewer than are in use; keeps the first `kept` slots. */
  reserve(places: number, kept: number): void {
    if (places === this.#reserved) return;
    const { layers, kvHeads, headDim } = this.#shape;
    const used = Math.min(kept, this.#slots) * this.#places * kvHeads * headDim;
    // Layer by layer, so that old and new lie side by side for one layer only.
    for (const data of [this.#keys, this.#values])
      for (let layer = 0; layer < layers; layer++) {
        const fresh = new Float32Array(places * kvHeads * headDim);
        const old = data[layer];
        if (old !== undefined) fresh.set(old.subarray(0, used));
        data[layer] = fresh;
      }
    this.#reserved = places;
    this.#feeds.clear();
  }

  /** Gives it `slots` x `places`, reserving that much if need be and keeping the first `kept` slots. */
  reshape(slots: number, places: number, kept: number): void {
    if (slots === this.#slots && places === this.#places) return;
    if (slots * places > this.#reserved) this.reserve(slots * places, kept);
    if (places !== this.#places)
      for (const data of [...this.#keys, ...this.#values]) this.#restride(data, places, Math.min(kept, this.#slots));
    this.#slots = slots;
    this.#places = places;
    this.#feeds.clear();
  }

  get slots(): number {
    return this.#slots;
  }

  /** Graph inputs for `count` slots from `start`: `[count, kvHeads, places, headDim]`, suffixes with a head axis of 1. */
  feeds(start: number, count: number): Record<string, Tensor> {
    const key = `${start}+${count}`;
    const known = this.#feeds.get(key);
    if (known !== undefined) return known;
    const { kvHeads, headDim } = this.#shape;
    const size = kvHeads * this.#places * headDim;
    const dimensions =
      this.#kind === 'prefix' ? [count, kvHeads, this.#places, headDim] : [count, kvHeads, 1, this.#places, headDim];
    const feeds: Record<string, Tensor> = {};
    const add = (name: string, data: Float32Array): void => {
      feeds[name] = new Tensor('float32', data.subarray(start * size, (start + count) * size), dimensions);
    };
    for (const [layer, data] of this.#keys.entries()) add(`${this.#kind}.${layer}.key`, data);
    for (const [layer, data] of this.#values.entries()) add(`${this.#kind}.${layer}.value`, data);
    this.#feeds.set(key, feeds);
    return feeds;
  }

  /** Stores the first `count` new tokens of a step's row `freshRow` in `slot`, from `place` on. */
  append(slot: number, place: number, fresh: FreshKv, freshRow: number, count: number): void {
    const { kvHeads, headDim } = this.#shape;
    const copy = (source: Float32Array | undefined, target: Float32Array | undefined): void => {
      if (source === undefined || target === undefined) return;
      for (let head = 0; head < kvHeads; head++) {
        const from = (freshRow * kvHeads + head) * fresh.tokensPerRow * headDim;
        const to = ((slot * kvHeads + head) * this.#places + place) * headDim;
        const length = count * headDim;
        if (count > 1) target.set(source.subarray(from, from + length), to);
        else for (let i = 0; i < length; i++) target[to + i] = source[from + i] ?? 0;
      }
    };
    for (const [layer, target] of this.#keys.entries()) copy(fresh.keys[layer], target);
    for (const [layer, target] of this.#values.entries()) copy(fresh.values[layer], target);
  }

  /** A copy of the slot's first `count` places, for `append` to bring back. */
  copyOut(slot: number, count: number): FreshKv {
    const { kvHeads, headDim } = this.#shape;
    const copy = (source: Float32Array): Float32Array => {
      const data = new Float32Array(kvHeads * count * headDim);
      for (let head = 0; head < kvHeads; head++) {
        const from = (slot * kvHeads + head) * this.#places * headDim;
        data.set(source.subarray(from, from + count * headDim), head * count * headDim);
      }
      return data;
    };
    return { tokensPerRow: count, keys: this.#keys.map(copy), values: this.#values.map(copy) };
  }

  /** Copies slot `from` over slot `to`. */
  move(from: number, to: number): void {
    if (from === to) return;
    const size = this.#shape.kvHeads * this.#places * this.#shape.headDim;
    for (const data of [...this.#keys, ...this.#values]) data.copyWithin(to * size, from * size, (from + 1) * size);
  }

  /** Exchanges two slots. */
  swap(one: number, other: number): void {
    const size = this.#shape.kvHeads * this.#places * this.#shape.headDim;
    for (const data of [...this.#keys, ...this.#values]) {
      const first = data.slice(one * size, (one + 1) * size);
      data.copyWithin(one * size, other * size, (other + 1) * size);
      data.set(first, other * size);
    }
  }

  /** Moves the slots apart or together. What lies behind their old places is masked, so it may be anything finite. */
  #restride(data: Float32Array, places: number, slots: number): void {
    const { kvHeads, headDim } = this.#shape;
    const heads = slots * kvHeads;
    const length = Math.min(places, this.#places) * headDim;
    const move = (head: number): void => {
      const from = head * this.#places * headDim;
      data.copyWithin(head * places * headDim, from, from + length);
    };
    // In the order in which nothing is overwritten that has yet to move.
    if (places < this.#places) for (let head = 0; head < heads; head++) move(head);
    else for (let head = heads - 1; head >= 0; head--) move(head);
  }
}

export function kvBytesPerToken({ layers, kvHeads, headDim }: KvShape): number {
  return 2 * layers * kvHeads * headDim * Float32Array.BYTES_PER_ELEMENT;
}
