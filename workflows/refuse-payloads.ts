/**
 * Interceptors of all workflows: a message or result that could not be decrypted is refused, by name and without harm.
 * Anybody who reaches Temporal's port can send one. An unhandled one would fail the workflow's task again and again.
 */
import { log, type WorkflowInterceptors } from '@temporalio/workflow';
import { refusalOf, refused, requireOwn } from '../src/protocol/refused-payload.ts';

/** A message without arguments is no message of ours either: nothing shows who sent it. */
function refusalOfMessage(args: readonly unknown[]): string | undefined {
  return args.length === 0 ? 'it has no payload' : args.map(refusalOf).find((reason) => reason !== undefined);
}

function requireOwnMessage(what: string, args: readonly unknown[]): void {
  const reason = refusalOfMessage(args);
  if (reason !== undefined) throw refused(what, reason);
}

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      async execute(input, next) {
        requireOwnMessage('the input', input.args);
        return next(input);
      },
      async handleSignal(input, next) {
        const reason = refusalOfMessage(input.args);
        if (reason === undefined) return next(input);
        log.warn(`signal ${input.signalName} is ignored: ${reason}`);
      },
      validateUpdate(input, next) {
        requireOwnMessage(`update ${input.name}`, input.args);
        next(input);
      },
      async handleUpdate(input, next) {
        requireOwnMessage(`update ${input.name}`, input.args);
        return next(input);
      },
    },
  ],
  outbound: [
    {
      async scheduleActivity(input, next) {
        return requireOwn(`the result of ${input.activityType}`, await next(input));
      },
      async startChildWorkflowExecution(input, next) {
        const [started, completed] = await next(input);
        return [started, completed.then((result) => requireOwn(`the result of ${input.workflowType}`, result))];
      },
    },
  ],
});
