/**
 * Other weights in a server that runs, where starting another one takes a minute and more: what vLLM 0.32 has for
 * reinforcement learning under VLLM_SERVER_DEV_MODE=1. The served name can't change; the weights have a label next to it.
 */
import { z } from 'zod';
import { SamplerCrashError } from '../engine/errors.ts';
import type { CompletionsClient } from './completions-client.ts';

/** While they are exchanged, the weights are no checkpoint's. */
const NO_CHECKPOINT = 'being loaded';

/** Whether the server has what this file asks for. */
export function offersReload(client: CompletionsClient): Promise<boolean> {
  return readLabel(client).then(
    () => true,
    () => false,
  );
}

export async function labelWeights(client: CompletionsClient, checkpoint: string): Promise<void> {
  await client.ask('/update_weight_version', { new_version: checkpoint });
}

/** @throws SamplerCrashError if the server has other weights than these */
export async function requireWeights(
  client: CompletionsClient,
  checkpoint: string,
  signal?: AbortSignal,
): Promise<void> {
  const label = await readLabel(client, signal);
  if (label !== checkpoint)
    throw new SamplerCrashError(`the server's weights are those of "${label}", asked was ${checkpoint}`);
}

/**
 * Gives the memory of weights and cache back, after what the server computes has ended: vLLM's sleep of level 2, which keeps
 * the process, its compiled code and some hundred MB of each GPU. No checkpoint has its weights until `reloadWeights`.
 * @throws SamplerCrashError when it fails
 */
export async function putToSleep(client: CompletionsClient): Promise<void> {
  await client.ask('/pause?mode=wait', {});
  await labelWeights(client, NO_CHECKPOINT);
  await client.ask('/sleep?level=2', {});
  if (!(await isAsleep(client))) throw new SamplerCrashError('the server was put to sleep and does not sleep');
}

const isAsleep = async (client: CompletionsClient): Promise<boolean> =>
  parse(sleepSchema, await client.ask('/is_sleeping')).is_sleeping;

/**
 * Loads the folder's weights in place of those that the server has, after what it computes has ended. Checks by the
 * server's own checksums that they are others: a reload that does nothing would else pass for one.
 * @throws SamplerCrashError when it fails; nothing is known of the weights then, and no checkpoint has them
 */
export async function reloadWeights(
  client: CompletionsClient,
  modelDirectory: string,
  checkpoint: string,
  offersSleep = false,
): Promise<void> {
  const slept = offersSleep && (await isAsleep(client));
  if (slept) await client.ask('/wake_up?tags=weights', {});
  else await client.ask('/pause?mode=wait', {});
  await labelWeights(client, NO_CHECKPOINT);
  const baseline = parse(checksumsSchema, await client.ask('/weight_checker', { action: 'checksum' })).checksums;
  await client.ask('/collective_rpc', { method: 'reload_weights', kwargs: { weights_path: modelDirectory } });
  const { match } = parse(comparisonSchema, await client.ask('/weight_checker', { action: 'compare', baseline }));
  if (match) throw new SamplerCrashError(`the server has the same weights as before it loaded ${modelDirectory}`);
  if (slept) await client.ask('/wake_up?tags=kv_cache', {});
  // What was computed with the old weights is of no use to the new ones.
  await client.ask('/reset_prefix_cache', {});
  await labelWeights(client, checkpoint);
  await client.ask('/resume', {});
}

const labelSchema = z.object({ weight_version: z.string() });
const sleepSchema = z.object({ is_sleeping: z.boolean() });
const checksumsSchema = z.object({ checksums: z.record(z.string(), z.string()) });
const comparisonSchema = z.object({ match: z.boolean() });

async function readLabel(client: CompletionsClient, signal?: AbortSignal): Promise<string> {
  return parse(labelSchema, await client.ask('/weight_info', undefined, signal)).weight_version;
}

function parse<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new SamplerCrashError(`the server answers in an unknown form: ${z.prettifyError(parsed.error)}`);
}
