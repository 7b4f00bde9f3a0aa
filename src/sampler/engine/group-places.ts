/** Which rows of a step share which prompt, as a rectangle: NG groups of R places. */
export interface GroupPlaces {
  /** `[NG * R]`: the row at each place of the groups, group after group; short groups are filled up with row 0. */
  readonly groupRows: Int32Array;
  /** `[B]`: the place of each row, the inverse of `groupRows`. */
  readonly rowPlaces: Int32Array;
}

/** Lays rows out group by group in a rectangle; at least 2 places a group, so that no product has a single row. */
export function groupPlaces(groups: readonly number[][], rows: number): GroupPlaces {
  const perGroup = Math.max(2, ...groups.map((group) => group.length));
  const groupRows = new Int32Array(groups.length * perGroup);
  const rowPlaces = new Int32Array(rows);
  for (const [g, group] of groups.entries())
    for (const [i, row] of group.entries()) {
      groupRows[g * perGroup + i] = row;
      rowPlaces[row] = g * perGroup + i;
    }
  return { groupRows, rowPlaces };
}

/** What a group costs by itself, in places: reading its keys and values. Measured on SmolLM2-135M. */
const GROUP_COST = 10;

/**
 * Most rows of a group, so that the rectangle of `rows[i]` rows of each prompt is cheap: prompts of more rows are in
 * several groups, of which there may be `maxGroups`.
 */
export function groupSize(rows: readonly number[], maxGroups: number): number {
  const largest = Math.max(1, ...rows);
  const cost = (size: number): number => {
    const groups = rows.reduce((sum, count) => sum + Math.ceil(count / size), 0);
    return size < largest && groups > maxGroups ? Number.POSITIVE_INFINITY : groups * (GROUP_COST + Math.max(2, size));
  };
  let best = largest;
  for (let size = largest - 1; size > 0; size--) if (cost(size) < cost(best)) best = size;
  return best;
}
