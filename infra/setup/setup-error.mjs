/** Set-up can't continue by itself; `mend` is the remedy for a person. */
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
