/** Addresses of the pages. */

const withQuery = (path: string, values: Readonly<Record<string, string | number | undefined>>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? path : `${path}?${query}`;
};

/** What the rollouts of a page are of. */
export interface OriginQuery {
  readonly campaign?: string | undefined;
  readonly iteration?: number | undefined;
  readonly evaluation?: string | undefined;
}

export const NEW_ADDRESS = '/new';
export const FORK_ADDRESS = '/fork';
export const EVALUATE_ADDRESS = '/evaluate';
export const CHECKPOINTS_ADDRESS = '/checkpoints';
export const CHECKPOINT_ACTIONS = '/checkpoints/actions';

export const campaignAddress = (id: string): string => `/campaigns/${id}`;

export const iterationAddress = (campaign: string, iteration: number): string =>
  `${campaignAddress(campaign)}/iterations/${iteration}`;

/** Where the form of a replay goes. */
export const replayAddress = (campaign: string, iteration: number): string =>
  `${iterationAddress(campaign, iteration)}/replays`;

/** A new run with the settings of a campaign. */
export const newRunAddress = (from: string): string => withQuery(NEW_ADDRESS, { from });

/** `checkpoint`: campaign and iteration, e.g. `math/3`, or a digest. */
export const forkAddress = (checkpoint: string): string => withQuery(FORK_ADDRESS, { from: checkpoint });
export const evaluateAddress = (checkpoint: string): string => withQuery(EVALUATE_ADDRESS, { checkpoint });

/** Ids of evaluations are paths. */
export const evaluationAddress = (
  id: string,
  query: { readonly mark?: string | undefined; readonly offset?: number } = {},
): string => withQuery(`/evaluations/${id.split('/').map(encodeURIComponent).join('/')}`, query);

export const comparisonAddress = (
  campaigns: readonly string[],
  view: { readonly suite?: string | undefined; readonly by?: string } = {},
): string => withQuery('/compare', { campaigns: campaigns.join(','), ...view });

export const problemAddress = (problem: string, of: OriginQuery): string =>
  withQuery('/problems', { problem, campaign: of.campaign, iteration: of.iteration, evaluation: of.evaluation });

export const rolloutsAddress = (
  { campaign, iteration, evaluation }: OriginQuery,
  filter: Readonly<Record<string, string | number | undefined>> = {},
): string =>
  evaluation === undefined
    ? withQuery(`${campaignAddress(campaign ?? '')}/rollouts`, { iteration, ...filter })
    : withQuery('/rollouts', { evaluation, ...filter });
