/** The ids by which workflows are found: equal work has equal ids. */

export const campaignWorkflowId = (campaignId: string): string => `campaign/${campaignId}`;
export const iterationWorkflowId = (campaignId: string, iteration: number, attempt: number): string =>
  `campaign/${campaignId}/iteration/${iteration}/attempt/${attempt}`;
export const warmUpWorkflowId = (campaignId: string, attempt: number): string =>
  `campaign/${campaignId}/warm-up/attempt/${attempt}`;
export const shardWorkflowId = (parentId: string, shard: number): string => `${parentId}/shard/${shard}`;
