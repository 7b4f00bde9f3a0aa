/** Set-up can't go on by itself; `mend` says what a person has to do. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';

  /**
   * @param {string} message
   * @param {string} mend
   */
  constructor(message, mend) {
    super(message);
    this.mend = mend;
  }
}
