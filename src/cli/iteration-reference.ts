/** An iteration by what people type: `base 3`, `base/3`, or `3` of the newest campaign. */
import { type ApiClient, ask } from '../api/client.ts';
import { UsageError } from './exit.ts';

export interface IterationReference {
  readonly campaign: string;
  readonly iteration: number;
}

/** Throws UsageError for anything else. */
export async function resolveIteration(api: ApiClient, first: string, second?: string): Promise<IterationReference> {
  const text = second === undefined ? first : `${first}/${second}`;
  const [, named, number = ''] = /^(?:([a-z0-9][a-z0-9-]*)[/@])?(\d{1,9})$/.exec(text) ?? [];
  const iteration = Number(number);
  if (number === '' || iteration < 1)
    throw new UsageError(`"${text}" is no iteration; give CAMPAIGN N or CAMPAIGN/N, e.g. base 3, counted from 1`);
  if (named !== undefined) return { campaign: named, iteration };
  const newest = (await ask(api.campaigns.$get())).campaigns[0]?.id;
  if (newest === undefined) throw new UsageError('no campaign has been started yet; `whencode campaign start FILE`');
  return { campaign: newest, iteration };
}
