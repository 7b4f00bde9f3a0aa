/** `--set KEY=VALUE`, as often as wanted. */
import type { SettingChange, Settings } from '../config/settings.ts';
import { collect } from './options.ts';

export interface SetOption {
  readonly set?: readonly string[];
}

export const SET_OPTION = [
  '--set <key=value>',
  'a setting by its name in docs/settings.md, or its last part; as often as wanted',
  collect,
] as const;

/**
 * As the API takes them. The schema of the settings loads here, since few commands need it.
 *
 * @throws ConfigError before anything is asked
 */
export async function settingsBody(
  texts: readonly string[] = [],
  resolve?: (name: string) => string,
): Promise<Settings> {
  const { parseSettings } = await import('../config/settings.ts');
  return parseSettings(texts, resolve);
}

/** `strategy.alpha 8 → 4` */
export const renderChange = ({ setting, from, to }: SettingChange): string =>
  `${setting} ${renderValue(from)} → ${renderValue(to)}`;

const renderValue = (value: unknown): string =>
  value === undefined ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value);
