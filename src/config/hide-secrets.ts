/** Settings whose value is a secret, for people to see: the URL of a webhook often contains its only password. */

const SECRET = 'webhook';

/**
 * The value with secrets cut to what identifies them.
 *
 * @param setting the value's own name, e.g. `failures.webhook`; empty for a whole configuration
 * @example hideSecrets({ failures: { webhook: 'https://chat.example/T0/B1' } }); // webhook: 'https://chat.example/…'
 */
export function hideSecrets(value: unknown, setting = ''): unknown {
  if (setting.split('.').at(-1) === SECRET && typeof value === 'string') return hideUrl(value);
  if (Array.isArray(value)) return value.map((item) => hideSecrets(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hideSecrets(item, name)]));
}

function hideUrl(text: string): string {
  return URL.canParse(text) ? `${new URL(text).origin}/…` : '…';
}
