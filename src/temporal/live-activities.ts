/** What running activities say of themselves in their heartbeats; the workflow's history does not hold it. */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import type { CampaignView } from '../protocol/campaign-messages.ts';
import { type Progress, progressSchema } from '../protocol/progress.ts';
import { campaignWorkflowId } from '../protocol/workflow-ids.ts';

const detailsSchema = z.object({ progress: progressSchema.optional(), waiting: z.string().optional() });

export interface LiveActivities {
  /** Of the warm-up or training under way; absent before its first update and in other stages. */
  readonly progress?: Progress;
  /** Why a step waits for one of its parts; absent while all steps work. */
  readonly waiting?: string;
}

export async function readLiveActivities(client: Client, view: CampaignView): Promise<LiveActivities> {
  const describe = (id: string) => client.workflow.getHandle(id).describe();
  // Evaluations are not named by the view.
  const child = view.child ?? firstChild(await describe(campaignWorkflowId(view.campaignId)));
  if (child === undefined) return {};
  const run = await describe(child);
  const shard = firstChild(run);
  const runs = shard === undefined ? [run] : [run, await describe(shard)];
  const activities = (await Promise.all(runs.map((one) => readActivities(client, one)))).flat();
  const isTraining = view.stage === 'warm-up' || view.stage === 'train';
  const progress = isTraining ? activities.find((item) => item.progress?.unit === 'updates')?.progress : undefined;
  const waiting = activities.find((item) => item.waiting !== undefined)?.waiting;
  return { ...(progress !== undefined && { progress }), ...(waiting !== undefined && { waiting }) };
}

/** Shards of an iteration share their parts, and so do evaluations: one shows what all of them wait for. */
const firstChild = ({ raw }: WorkflowExecutionDescription): string | undefined =>
  raw.pendingChildren?.[0]?.workflowId ?? undefined;

async function readActivities(
  client: Client,
  { raw, workflowId }: WorkflowExecutionDescription,
): Promise<LiveActivities[]> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  const read: LiveActivities[] = [];
  for (const { activityId, heartbeatDetails } of raw.pendingActivities ?? []) {
    const { namespace } = client.options;
    const context = { type: 'activity', namespace, workflowId, isLocal: false, activityId: activityId ?? '' } as const;
    let payloads = heartbeatDetails?.payloads ?? [];
    for (const codec of payloadCodecs) payloads = await codec.decode(payloads, context);
    const [payload] = payloads;
    const details = detailsSchema.safeParse(payload === undefined ? {} : payloadConverter.fromPayload(payload));
    if (!details.success) continue;
    const { progress, waiting } = details.data;
    read.push({ ...(progress !== undefined && { progress }), ...(waiting !== undefined && { waiting }) });
  }
  return read;
}
