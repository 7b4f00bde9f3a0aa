/** Ids of workflows (equal work has an equal id), and the search attributes that they set. */
import { defineSearchAttributeKey } from '@temporalio/common';

export const campaignWorkflowId = (campaignId: string): string => `campaign/${campaignId}`;
export const iterationWorkflowId = (campaignId: string, iteration: number, attempt: number): string =>
  `campaign/${campaignId}/iteration/${iteration}/attempt/${attempt}`;
export const warmUpWorkflowId = (campaignId: string, attempt: number): string =>
  `campaign/${campaignId}/warm-up/attempt/${attempt}`;
export const shardWorkflowId = (parentId: string, shard: number): string => `${parentId}/shard/${shard}`;

/** Registered in the namespace when the server starts. */
export const CAMPAIGN_ATTRIBUTE = defineSearchAttributeKey('EmCampaign', 'KEYWORD');
export const ITERATION_ATTRIBUTE = defineSearchAttributeKey('EmIteration', 'INT');
