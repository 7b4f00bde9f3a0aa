/** The sandbox queue's activities. */
import { type SandboxActivities, sandboxContract } from '../src/protocol/activities.ts';
import { replayExecutions } from '../src/replay/redo-parts.ts';
import { type ExecuteDeps, executeFailed, executeTurn } from '../src/steps/execute.ts';
import { executeBatch } from '../src/steps/execute-batch.ts';
import { settleGrades } from '../src/steps/settle.ts';
import { implementActivities } from './run-activity.ts';

export const createSandboxActivities = (deps: ExecuteDeps): SandboxActivities =>
  implementActivities(sandboxContract, {
    executeTurn: (input, context) => executeTurn(deps, input, context),
    executeFailed: (input, context) => executeFailed(deps, input, context),
    executeBatch: (input, context) => executeBatch(deps, input, context),
    settleGrades: (input, context) => settleGrades(deps, input, context),
    replayExecutions: (input, context) => replayExecutions(deps, input, context),
  });
