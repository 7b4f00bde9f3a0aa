/** The process-wide runtime of the Temporal SDK. Nothing may use the SDK's native part before it is installed. */
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { logLine } from '../process/log-line.ts';

/** The SDK logs this for workers without workflows, which is normal here. */
const EXPECTED_MESSAGE = 'No workflows registered, not polling for workflow tasks';

let isRuntimeInstalled = false;

/** Sets up the process-wide SDK runtime: logs to stderr, no signal handlers. Only the first call has an effect. */
export function installRuntime(level: 'WARN' | 'ERROR' = 'WARN'): void {
  if (isRuntimeInstalled) return;
  isRuntimeInstalled = true;
  Runtime.install({
    logger: new DefaultLogger(level, ({ level, timestampNanos, message, meta }) => {
      if (message === EXPECTED_MESSAGE) return;
      const at = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
      logLine(`${at} ${level} ${message} ${meta === undefined ? '' : JSON.stringify(meta, replaceError)}`);
    }),
    telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } },
    shutdownSignals: [],
  });
}

/** The SDK logs tasks that it can't start with their whole payload, which anybody may have sent. */
const LEFT_OUT: readonly string[] = ['task', 'taskEncoded'];

function replaceError(key: string, value: unknown): unknown {
  if (LEFT_OUT.includes(key)) return undefined;
  if (typeof value === 'bigint') return value.toString();
  return value instanceof Error ? (value.stack ?? value.message) : value;
}
