/** Bad input by the user: the message is all they need to see. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
