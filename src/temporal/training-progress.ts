/** Progress of a training from its activity's heartbeats; the workflow's history does not hold it. */
import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { CampaignView } from '../protocol/campaign-messages.ts';
import { type Progress, progressSchema } from '../protocol/progress.ts';

const detailsSchema = z.object({ progress: progressSchema });

/** Progress of the campaign's running warm-up or training; undefined before its first update and in other stages. */
export async function readTrainingProgress(client: Client, view: CampaignView): Promise<Progress | undefined> {
  if (view.child === undefined || (view.stage !== 'warm-up' && view.stage !== 'train')) return undefined;
  const { raw } = await client.workflow.getHandle(view.child).describe();
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  for (const { activityId, heartbeatDetails } of raw.pendingActivities ?? []) {
    const { namespace } = client.options;
    const context = { type: 'activity', namespace, workflowId: view.child, isLocal: false } as const;
    let payloads = heartbeatDetails?.payloads ?? [];
    for (const codec of payloadCodecs)
      payloads = await codec.decode(payloads, { ...context, activityId: activityId ?? '' });
    const [payload] = payloads;
    if (payload === undefined) continue;
    const details = detailsSchema.safeParse(payloadConverter.fromPayload(payload));
    if (details.success && details.data.progress.unit === 'updates') return details.data.progress;
  }
  return undefined;
}
