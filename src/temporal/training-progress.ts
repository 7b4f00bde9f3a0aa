/** How far a training is, from what its activity says with its heartbeats: nothing of it is in a workflow's history. */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { z } from 'zod';
import type { CampaignView } from '../protocol/campaign-messages.ts';
import { type Progress, progressSchema } from '../protocol/progress.ts';

const detailsSchema = z.object({ progress: progressSchema });

/** Of the warm-up or training that the campaign waits for; undefined before its first update and in other stages. */
export async function readTrainingProgress(client: Client, view: CampaignView): Promise<Progress | undefined> {
  if (view.child === undefined || (view.stage !== 'warm-up' && view.stage !== 'train')) return undefined;
  const { raw } = await client.workflow.getHandle(view.child).describe();
  for (const activity of raw.pendingActivities ?? []) {
    const payload = activity.heartbeatDetails?.payloads?.[0];
    if (payload === undefined || payload === null) continue;
    const details = detailsSchema.safeParse(defaultPayloadConverter.fromPayload(payload));
    if (details.success && details.data.progress.unit === 'updates') return details.data.progress;
  }
  return undefined;
}
