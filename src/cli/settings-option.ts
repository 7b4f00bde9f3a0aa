/** `--set KEY=VALUE`, as often as wanted. */
import { parseSettings, type SettingChange, type Settings } from '../config/settings.ts';

export interface SetOption {
  readonly set?: readonly string[];
}

export const SET_OPTION = [
  '--set <key=value>',
  'a setting by its name in docs/settings.md, or its last part; as often as wanted',
  (text: string, before: readonly string[] = []): readonly string[] => [...before, text],
] as const;

/** As the API takes them. @throws ConfigError before anything is asked */
export const settingsBody = (texts: readonly string[] = [], resolve?: (name: string) => string): Settings =>
  parseSettings(texts, resolve);

/** `strategy.alpha 8 → 4` */
export const renderChange = ({ setting, from, to }: SettingChange): string =>
  `${setting} ${renderValue(from)} → ${renderValue(to)}`;

const renderValue = (value: unknown): string =>
  value === undefined ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value);
