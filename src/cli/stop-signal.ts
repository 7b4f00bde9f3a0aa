/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
export function nextStopSignal(): Promise<undefined> {
  return new Promise((resolveStop) => {
    const onSignal = (): void => {
      resolveStop(undefined);
      process.once('SIGINT', () => process.exit(1));
    };
    process.once('SIGINT', onSignal);
    process.once('SIGTERM', onSignal);
  });
}
