/** The plan is valid, but this machine can't run it. The message names the remedy. */
export class MachineError extends Error {
  override readonly name = 'MachineError';
}
