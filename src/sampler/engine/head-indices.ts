/**
 * The orders in which a step's attention heads lie in the decoder graph, as indices from one to another.
 *
 * B rows of S tokens, H heads, K of them with keys and values, G = H / K, W = H + 2K; NG groups of R places for rows.
 * - by token: `[B, S, W]`, as the product with the weights writes them: q heads, k heads, v heads;
 * - by row: `[B, K, G, S]`, for the products with the row's own keys and values;
 * - by group: `[NG, K, R, G, S]`, all rows of a group side by side, for the products with the shared prompt.
 */
import { Tensor } from 'onnxruntime-node';
import type { GroupPlaces } from './group-places.ts';

export interface HeadCounts {
  readonly heads: number;
  readonly kvHeads: number;
}

export interface RowLayout extends GroupPlaces {
  readonly rows: number;
  readonly tokensPerRow: number;
  readonly groups: number;
}

/** Graph inputs by name; see graph/attention.ts for where each is used. */
export function headIndices({ heads, kvHeads }: HeadCounts, layout: RowLayout): Record<string, Tensor> {
  const { rows, tokensPerRow: tokens, groups, groupRows, rowPlaces } = layout;
  const perKvHead = heads / kvHeads;
  const perGroup = groupRows.length / groups;
  const byToken = (row: number, token: number, head: number): number =>
    (row * tokens + token) * (heads + 2 * kvHeads) + head;
  const byRow = (row: number, kvHead: number, i: number): number => (row * kvHeads + kvHead) * perKvHead * tokens + i;
  const byGroup = (place: number, kvHead: number, i: number): number => {
    const group = Math.floor(place / perGroup);
    return ((group * kvHeads + kvHead) * perGroup + (place - group * perGroup)) * perKvHead * tokens + i;
  };

  const query = new Int32Array(rows * heads * tokens);
  const key = new Int32Array(rows * kvHeads * tokens);
  const value = new Int32Array(rows * kvHeads * tokens);
  const toRows = new Int32Array(rows * heads * tokens);
  const toTokens = new Int32Array(rows * heads * tokens);
  for (let row = 0; row < rows; row++)
    for (let kvHead = 0; kvHead < kvHeads; kvHead++) {
      const place = rowPlaces[row] ?? 0;
      for (let token = 0; token < tokens; token++) {
        const at = (row * kvHeads + kvHead) * tokens + token;
        key[at] = byToken(row, token, heads + kvHead);
        value[at] = byToken(row, token, heads + kvHeads + kvHead);
      }
      for (let i = 0; i < perKvHead * tokens; i++) {
        const head = kvHead * perKvHead + Math.floor(i / tokens);
        query[byRow(row, kvHead, i)] = byToken(row, i % tokens, head);
        toRows[byRow(row, kvHead, i)] = byGroup(place, kvHead, i);
        toTokens[(row * tokens + (i % tokens)) * heads + head] = byGroup(place, kvHead, i);
      }
    }

  const groupQuery = new Int32Array(groupRows.length * heads * tokens);
  const toGroups = new Int32Array(groupRows.length * heads * tokens);
  for (const [place, row] of groupRows.entries())
    for (let kvHead = 0; kvHead < kvHeads; kvHead++)
      for (let i = 0; i < perKvHead * tokens; i++) {
        const at = byGroup(place, kvHead, i);
        groupQuery[at] = byToken(row, i % tokens, kvHead * perKvHead + Math.floor(i / tokens));
        toGroups[at] = byRow(row, kvHead, i);
      }

  const tensor = (indices: Int32Array, shape: readonly number[]): Tensor => new Tensor('int32', indices, shape);
  const ofRows = [rows, kvHeads, perKvHead, tokens];
  const ofGroups = [groups, kvHeads, perGroup * perKvHead * tokens];
  return {
    query_heads: tensor(query, ofRows),
    key_heads: tensor(key, [rows, kvHeads, tokens]),
    value_heads: tensor(value, [rows, kvHeads, tokens]),
    group_query_heads: tensor(groupQuery, ofGroups),
    scores_to_groups: tensor(toGroups, ofGroups),
    scores_to_rows: tensor(toRows, ofRows),
    context_to_tokens: tensor(toTokens, [rows, tokens, kvHeads, perKvHead]),
  };
}
