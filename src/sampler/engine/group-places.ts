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
