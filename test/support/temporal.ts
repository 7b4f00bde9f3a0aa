/** A real Temporal dev server for tests: in memory, on a port of its own. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { readEnvironment } from '../../src/config/environment.ts';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/temporal-server.ts';
import { installRuntime } from '../../src/temporal/worker.ts';

export function startTestServer(): Promise<TestWorkflowEnvironment> {
  installRuntime('ERROR');
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: readEnvironment().temporal },
      log: { format: 'pretty', level: 'error' },
      extraArgs: Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    },
  });
}
