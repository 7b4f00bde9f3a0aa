/**
 * Prints a line of JSON a batch: tokens a second of decoding, from the difference between all new tokens and one.
 *
 * @param {readonly string[]} batches
 * @param {number} newTokens
 * @param {(batch: number, newTokens: number) => Promise<number>} time Seconds for so many new tokens in each of so many rows.
 */
export async function printDecoding(batches, newTokens, time) {
  for (const batch of batches.map(Number)) {
    // So that memory which is taken once is in neither of the times that are compared.
    await time(batch, 2);
    const first = await time(batch, 1);
    const all = await time(batch, newTokens);
    const tokensPerSecond = (batch * (newTokens - 1)) / (all - first);
    console.log(JSON.stringify({ batch, tokensPerSecond, firstTokenMs: first * 1000 }));
  }
}
