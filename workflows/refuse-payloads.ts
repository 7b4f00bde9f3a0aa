/**
 * Interceptors of all workflows: a message or result that could not be decrypted is refused, by name and without harm.
 * Anybody who reaches Temporal's port can send one. An unhandled one would fail the workflow's task again and again.
 *
 * None of them adds a step to a chain of promises: that would change the order of a workflow's commands.
 */
import { type ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { log, type WorkflowInterceptors } from '@temporalio/workflow';
import { refusalOf, refused } from '../src/protocol/refused-payload.ts';

/** A message without arguments is no message of ours either: nothing shows who sent it. */
const refusalOfMessage = (args: readonly unknown[]): string | undefined =>
  args.length === 0 ? 'it has no payload' : args.map(refusalOf).find((reason) => reason !== undefined);

function checkMessage(what: string, args: readonly unknown[]): ApplicationFailure | undefined {
  const reason = refusalOfMessage(args);
  return reason === undefined ? undefined : refused(what, reason);
}

interface StepResult {
  completed?: { result?: Payload | null } | null;
  failed?: { failure?: object | null } | null;
}

/** A refused result becomes a failure. Results without a value have a payload too. */
function refuseResult(result: StepResult | null | undefined): void {
  if (result?.completed === undefined || result.completed === null) return;
  const payload = result.completed.result;
  const value = payload === undefined || payload === null ? undefined : defaultPayloadConverter.fromPayload(payload);
  const reason = payload === undefined || payload === null ? 'it has no payload' : refusalOf(value);
  if (reason === undefined) return;
  const { message, type, nonRetryable } = refused('the result', reason);
  result.completed = null;
  result.failed = { failure: { message, applicationFailureInfo: { type, nonRetryable } } };
}

export const interceptors = (): WorkflowInterceptors => ({
  inbound: [
    {
      execute(input, next) {
        const failure = checkMessage('the input', input.args);
        return failure === undefined ? next(input) : Promise.reject(failure);
      },
      handleSignal(input, next) {
        const reason = refusalOfMessage(input.args);
        if (reason === undefined) return next(input);
        log.warn(`signal ${input.signalName} is ignored: ${reason}`);
        return Promise.resolve();
      },
      validateUpdate(input, next) {
        const failure = checkMessage(`update ${input.name}`, input.args);
        if (failure !== undefined) throw failure;
        next(input);
      },
      handleUpdate(input, next) {
        const failure = checkMessage(`update ${input.name}`, input.args);
        return failure === undefined ? next(input) : Promise.reject(failure);
      },
    },
  ],
  internals: [
    {
      activate(input, next) {
        for (const { resolveActivity, resolveChildWorkflowExecution } of input.activation.jobs ?? []) {
          refuseResult(resolveActivity?.result);
          refuseResult(resolveChildWorkflowExecution?.result);
        }
        next(input);
      },
    },
  ],
});
