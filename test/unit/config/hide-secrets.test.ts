import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hideSecrets } from '../../../src/config/hide-secrets.ts';
import { compareSettings } from '../../../src/config/settings.ts';

const url = 'https://user:word@chat.example:8443/T0/B1?key=secret#x';
const shown = 'https://chat.example:8443/…';

describe('secrets of settings', () => {
  it('are cut to the origin, wherever they are', () => {
    expect(hideSecrets({ name: 'a', failures: { webhook: url, infrastructure: 0.1 } })).toEqual({
      name: 'a',
      failures: { webhook: shown, infrastructure: 0.1 },
    });
    expect(hideSecrets(url, 'failures.webhook')).toBe(shown);
    expect(hideSecrets('no url', 'failures.webhook')).toBe('…');
  });

  it('do not show in a change, of the setting or of its section', () => {
    const other = url.replace('T0', 'T1');
    const changes = [
      ...compareSettings({ failures: { webhook: url } }, { failures: { webhook: other } }),
      ...compareSettings({ failures: {} }, { failures: { webhook: url } }),
      ...compareSettings({}, { failures: { webhook: url } }),
    ];
    expect(changes).toEqual([
      { setting: 'failures.webhook', from: shown, to: shown },
      { setting: 'failures.webhook', to: shown },
      { setting: 'failures', to: { webhook: shown } },
    ]);
  });

  it('are all that is changed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        fc.pre(!JSON.stringify(value).includes('webhook'));
        expect(hideSecrets(value)).toEqual(value);
      }),
    );
  });
});
