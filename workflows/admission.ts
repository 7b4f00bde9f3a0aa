import { CancellationScope, condition } from '@temporalio/workflow';

/**
 * Runs `work` over the items, at most `inFlight` at a time and only while `isOpen`: closing stops admission at once and
 * lets what was admitted finish. Results come in the order of the items. The first failure cancels the rest.
 */
export async function admit<Item, Result>(
  items: readonly Item[],
  inFlight: number,
  isOpen: () => boolean,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let running = 0;
  let failure: { readonly error: unknown } | undefined;
  const scope = new CancellationScope();
  await scope.run(async () => {
    const admitted: Promise<void>[] = [];
    const runOne = async (item: Item, index: number): Promise<void> => {
      running += 1;
      try {
        results[index] = await work(item, index);
      } catch (error) {
        failure ??= { error };
        scope.cancel();
      } finally {
        running -= 1;
      }
    };
    try {
      for (const [index, item] of items.entries()) {
        await condition(() => failure !== undefined || (isOpen() && running < inFlight));
        if (failure !== undefined) break;
        admitted.push(runOne(item, index));
      }
    } catch (error) {
      // Cancelled from outside while it waits to admit: the scope cancels running work, which is awaited.
      failure ??= { error };
    }
    await Promise.all(admitted);
  });
  if (failure !== undefined) throw failure.error;
  return results;
}
