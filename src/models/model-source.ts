/** Where a campaign's model comes from: what the setting `model:` may say. */

/** The model that is trained from scratch on generated problems. */
export const TESTBED = 'testbed';

export type ModelSource =
  | { readonly kind: 'testbed' }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'hub'; readonly id: string; readonly revision?: string };

const HUB_ID = /^(?<id>[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*)(?:@(?<revision>[\w./-]+))?$/;

/**
 * `owner/name`, with `@revision` if any, is an id of the Hugging Face hub; a folder of that form is given as `./owner/name`.
 *
 * @example
 * parseModelSource('Qwen/Qwen2.5-0.5B@main'); // { kind: 'hub', id: 'Qwen/Qwen2.5-0.5B', revision: 'main' }
 */
export function parseModelSource(setting: string): ModelSource {
  if (setting === TESTBED) return { kind: 'testbed' };
  const { id, revision } = HUB_ID.exec(setting)?.groups ?? {};
  if (id === undefined) return { kind: 'folder', path: setting };
  return { kind: 'hub', id, ...(revision === undefined ? {} : { revision }) };
}

/** What to do about a model that is not on this machine: the command that fetches it, and what to write then. */
export function fetchHint({ id, revision }: ModelSource & { kind: 'hub' }): string {
  const folder = `models/${id.slice(id.indexOf('/') + 1)}`;
  const wanted = revision === undefined ? '' : ` --revision ${revision}`;
  return `"${id}" is a model of the Hugging Face hub, and there is no folder of that name; fetch it with \`hf download ${id}${wanted} --local-dir ${folder}\` and write that folder as model`;
}
