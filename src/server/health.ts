import type { Handler } from 'hono';
import type { WorkflowGateway } from '../campaigns/gateway.ts';

/** The answer of the orchestrator is kept this long: the route needs no token, and callers must not load it. */
const KEPT_MS = 1000;

/** `/health`: whether the server and the orchestrator answer. */
export function healthRoute(gateway: Pick<WorkflowGateway, 'check'>): Handler {
  let asked: Promise<'ok' | 'unreachable'> | undefined;
  const check = async (): Promise<'ok' | 'unreachable'> => {
    const answer = await gateway.check().then(
      () => 'ok' as const,
      () => 'unreachable' as const,
    );
    setTimeout(() => {
      asked = undefined;
    }, KEPT_MS).unref();
    return answer;
  };
  return async (context) => {
    asked ??= check();
    const orchestrator = await asked;
    return context.json({ status: orchestrator === 'ok' ? 'ok' : 'degraded', orchestrator });
  };
}
