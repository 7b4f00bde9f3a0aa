/** The command of a model server: what its placeholders stand for, and how it is quoted without its secrets. */

/** Name and value of an argument or a variable that holds a secret, as in `--api-key sk-1` and `HF_TOKEN=hf_1`. */
const SECRET = /(?:key|token|secret|password)(?:=|\s+)['"]?([^\s'";]{4,})/gi;
const PLACEHOLDER = /^\{\w+\}$/;

/** @param values - By placeholder, as they stand in the command. Other braces stay as they are */
export const fillCommand = (command: string, values: Readonly<Record<string, string>>): string =>
  command.replaceAll(/\{(\w+)\}/g, (text, name: string) => (Object.hasOwn(values, name) ? (values[name] ?? '') : text));

/** Quotes a text as one word of a shell command. */
export const quoteWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The text without the given secrets and those in the command, which servers repeat when they complain. */
export function hideSecrets(text: string, command: string, secrets: readonly string[]): string {
  const inCommand = [...command.matchAll(SECRET)].flatMap(([, value = '']) => (PLACEHOLDER.test(value) ? [] : [value]));
  return [...secrets, ...inCommand].reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}
