/** A real Temporal dev server for tests: in memory, on a port of its own. */
import type { DataConverter } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { readEnvironment } from '../../src/config/environment.ts';
import { encryptingConverter } from '../../src/temporal/payload-codec.ts';
import { type PayloadKey, payloadKey } from '../../src/temporal/payload-key.ts';
import { installRuntime } from '../../src/temporal/runtime.ts';
import { SEARCH_ATTRIBUTES } from '../../src/temporal/temporal-server.ts';

/** The same in every process of a test. */
export const TEST_KEY: PayloadKey = payloadKey(Buffer.alloc(32, 7));
export const TEST_CONVERTER: DataConverter = encryptingConverter(TEST_KEY);

/** Payloads of its client are plain if no converter is given. */
export function startTestServer(dataConverter?: DataConverter): Promise<TestWorkflowEnvironment> {
  installRuntime('ERROR');
  return TestWorkflowEnvironment.createLocal({
    ...(dataConverter === undefined ? {} : { client: { dataConverter } }),
    server: {
      executable: { type: 'existing-path', path: readEnvironment().temporal },
      log: { format: 'pretty', level: 'error' },
      extraArgs: Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    },
  });
}
