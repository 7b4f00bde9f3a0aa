/** What the Temporal server holds of a campaign: events a workflow, bytes a payload. */
import type { Client } from '@temporalio/client';

export interface HistorySizes {
  readonly workflows: number;
  /** Of the workflow that has most, and which it is. */
  readonly mostEvents: number;
  readonly mostEventsIn: string;
  readonly events: number;
  /** The largest single payload anywhere. */
  readonly largestPayloadBytes: number;
  readonly largestPayloadIn: string;
  readonly historyBytes: number;
}

/** Reads the histories of every workflow of the campaign, all runs. */
export async function measureHistories(client: Client, campaignId: string): Promise<HistorySizes> {
  const sizes = {
    workflows: 0,
    mostEvents: 0,
    mostEventsIn: '',
    events: 0,
    largestPayloadBytes: 0,
    largestPayloadIn: '',
    historyBytes: 0,
  };
  const prefix = `campaign/${campaignId}`;
  for await (const { workflowId, runId } of client.workflow.list()) {
    if (workflowId !== prefix && !workflowId.startsWith(`${prefix}/`) && !workflowId.startsWith('eval/')) continue;
    const { events = [] } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const count = events?.length ?? 0;
    sizes.workflows += 1;
    sizes.events += count;
    if (count > sizes.mostEvents) Object.assign(sizes, { mostEvents: count, mostEventsIn: workflowId });
    for (const event of events ?? [])
      forEachPayload(event, (bytes) => {
        sizes.historyBytes += bytes;
        if (bytes <= sizes.largestPayloadBytes) return;
        const kind = Object.keys(event).find(
          (key) => key.endsWith('EventAttributes') && event[key as keyof typeof event],
        );
        Object.assign(sizes, { largestPayloadBytes: bytes, largestPayloadIn: `${workflowId} ${kind ?? ''}` });
      });
  }
  return sizes;
}

/** A payload is metadata and data; they sit at many depths of an event. */
function forEachPayload(value: unknown, see: (bytes: number) => void): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if ('data' in value && value.data instanceof Uint8Array && 'metadata' in value) see(value.data.byteLength);
  else for (const inner of Object.values(value)) forEachPayload(inner, see);
}
