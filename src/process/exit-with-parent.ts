/**
 * Ends this process when its parent is gone: the parent keeps our stdin open and never writes to it, so its end is the
 * parent's end, however that came about. So a killed supervisor leaves no orphans.
 */
export function onParentGone(stop: () => void): void {
  process.stdin.on('end', stop).on('close', stop).on('error', stop);
  process.stdin.resume();
}
