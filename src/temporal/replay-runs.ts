/** Runs of the replay workflow. */
import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { replayProgressQuery } from '../../workflows/messages.ts';
import { digestOfJson, shortDigest } from '../artifacts/digest.ts';
import type { ReplayedIteration, ReplayState } from '../campaigns/gateway.ts';
import { UseCaseError } from '../campaigns/use-case-error.ts';
import { describeFailure } from '../protocol/failures.ts';
import { requireOwn } from '../protocol/refused-payload.ts';
import type { ReplayInput } from '../protocol/replay-messages.ts';
import type { ReplayReport } from '../protocol/replay-report.ts';

/** Equal replays have equal ids, so that a second request joins a running replay. */
export function replayWorkflowId({ campaignId, iteration, from, settings }: ReplayInput): string {
  const changed = Object.keys(settings).length === 0 ? '' : `/with/${shortDigest(digestOfJson(settings))}`;
  return `replay/${campaignId}/${iteration}/from/${from}${changed}`;
}

/** The iteration in a replay's workflow id. */
export function replayedBy(workflowId: string): ReplayedIteration | undefined {
  const [, campaignId, iteration] = /^replay\/([^/]+)\/(\d+)\/from\//.exec(workflowId) ?? [];
  return campaignId === undefined ? undefined : { campaignId, iteration: Number(iteration) };
}

/** Iterations with a running replay. */
export async function listOpenReplays(client: Client): Promise<ReplayedIteration[]> {
  const open: ReplayedIteration[] = [];
  const query = "WorkflowType = 'replay' AND ExecutionStatus = 'Running'";
  for await (const { workflowId } of client.workflow.list({ query })) {
    const replayed = replayedBy(workflowId);
    if (replayed !== undefined) open.push(replayed);
  }
  return open;
}

export async function readReplay(client: Client, id: string): Promise<ReplayState> {
  const handle = client.workflow.getHandle(id);
  const description = await handle.describe().catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new UseCaseError('not-found', `there is no replay "${id}"; \`iteration replay\` starts one`);
  });
  if (description.status.name === 'RUNNING') {
    const progress = await handle
      .query(replayProgressQuery)
      .then((answer) => requireOwn('the progress', answer))
      .catch(() => undefined);
    return { status: 'running', ...(progress === undefined ? {} : { progress }) };
  }
  try {
    return { status: 'completed', report: requireOwn('the report', (await handle.result()) as ReplayReport) };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { status: 'failed', reason: describeFailure(error.cause).message };
  }
}
