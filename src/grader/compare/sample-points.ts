/** Fixed points at which expressions with symbols are compared: six of positive numbers, three of mixed sign. */

const POSITIVE = [
  [0.137, 0.291, 0.463, 0.233, 0.389, 0.179],
  [0.731, 0.571, 0.317, 0.877, 0.653, 0.419],
  [1.613, 2.437, 0.829, 3.271, 1.187, 2.719],
  [3.371, 1.259, 2.141, 0.937, 4.513, 1.747],
  [7.193, 4.729, 5.881, 2.653, 3.547, 6.211],
  [2.957, 8.311, 1.423, 5.167, 7.639, 3.083],
] as const;

const MIXED = [
  [-1.427, 2.281, -0.673, 3.119, -2.539, 1.091],
  [0.617, -1.783, -3.251, -0.457, 1.979, -2.887],
  [-4.139, -0.871, 2.693, -1.553, -3.617, 0.753],
] as const;

/** Values by symbol; the k-th symbol in alphabetical order takes the k-th number, later ones scaled. */
export function* symbolPoints(symbols: readonly string[]): Generator<ReadonlyMap<string, number>> {
  if (symbols.length === 0) {
    yield new Map();
    return;
  }
  for (const row of [...POSITIVE, ...MIXED]) {
    const values = new Map<string, number>();
    symbols.forEach((symbol, k) => {
      values.set(symbol, (row[k % row.length] ?? 1) * (1 + 0.0731 * Math.floor(k / row.length)));
    });
    yield values;
  }
}
