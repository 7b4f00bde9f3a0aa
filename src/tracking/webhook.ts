/** Notifies a webhook that a campaign waits for a person. */
import type { WebhookInput } from '../protocol/activities.ts';

const ANSWER_LIMIT_MS = 10_000;

/** @throws Error if the webhook does not accept the message; the caller retries */
export async function postWebhook({ url, body }: WebhookInput, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the webhook ${url} answered ${response.status}`);
}
