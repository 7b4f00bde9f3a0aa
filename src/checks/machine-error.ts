/** The plan is right, the machine is not; the message says what to do. */
export class MachineError extends Error {
  override readonly name = 'MachineError';
}
