/** The sandbox queue's activities. */
import type { SandboxActivities, SettleActivities } from '../src/protocol/activities.ts';
import {
  executeBatchInput,
  executeFailedInput,
  executeInput,
  replayShardInput,
  settleGradesInput,
} from '../src/protocol/activity-inputs.ts';
import type { SandboxReplay } from '../src/protocol/replay-activities.ts';
import { replayExecutions } from '../src/replay/redo-parts.ts';
import { type ExecuteDeps, executeFailed, executeTurn } from '../src/steps/execute.ts';
import { executeBatch } from '../src/steps/execute-batch.ts';
import { settleGrades } from '../src/steps/settle.ts';
import { runActivity } from './run-activity.ts';

export function createSandboxActivities(deps: ExecuteDeps): SandboxActivities & SettleActivities & SandboxReplay {
  return {
    executeTurn: runActivity(executeInput, (input, context) => executeTurn(deps, input, context)),
    executeFailed: runActivity(executeFailedInput, (input, context) => executeFailed(deps, input, context)),
    executeBatch: runActivity(executeBatchInput, (input, context) => executeBatch(deps, input, context)),
    settleGrades: runActivity(settleGradesInput, (input, context) => settleGrades(deps, input, context)),
    replayExecutions: runActivity(replayShardInput, (input, context) => replayExecutions(deps, input, context)),
  };
}
