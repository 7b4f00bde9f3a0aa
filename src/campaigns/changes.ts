import type { Watch } from './watch.ts';

const KEEP_ALIVE_MS = 15_000;

/**
 * Yields the ids of campaigns that changed, in batches. Changes that arrive while the caller handles a batch are in the
 * next one. An empty batch every 15 seconds keeps a connection open.
 *
 * @param campaignId - Default: any campaign
 * @param signal - Ends it
 * @example for await (const ids of changesOf(watch, { signal })) for (const id of ids) render(id);
 */
export function changesOf(
  watch: Pick<Watch, 'listen'>,
  { campaignId, signal }: { readonly campaignId?: string | undefined; readonly signal: AbortSignal },
): AsyncIterable<readonly string[]> {
  const changed = new Set<string>();
  let wake = (): void => {};
  const end = watch.listen((id) => {
    if (campaignId !== undefined && id !== campaignId) return;
    changed.add(id);
    wake();
  });
  signal.addEventListener('abort', () => {
    end();
    wake();
  });
  const untilChanged = (): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, KEEP_ALIVE_MS);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  return {
    async *[Symbol.asyncIterator]() {
      while (!signal.aborted) {
        if (changed.size === 0) await untilChanged();
        if (signal.aborted) return;
        const ids = [...changed];
        changed.clear();
        yield ids;
      }
    },
  };
}
