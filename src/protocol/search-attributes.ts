/** By which runs are found: registered in the namespace, set by the workflows themselves. */
import { defineSearchAttributeKey } from '@temporalio/common';

export const CAMPAIGN_ATTRIBUTE = defineSearchAttributeKey('EmCampaign', 'KEYWORD');
export const ITERATION_ATTRIBUTE = defineSearchAttributeKey('EmIteration', 'INT');
