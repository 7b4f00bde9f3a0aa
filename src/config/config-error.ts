/** An error in the user's input. The message is for the user; the stack is not shown. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}
