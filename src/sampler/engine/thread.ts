/** Entry of an inference thread: takes units of rows, steps until it has none left, reports what ended. */
import { parentPort, workerData } from 'node:worker_threads';
import { type DecoderModel, DecoderSession } from './decoder-session.ts';
import type { FromThread, ThreadStart, ToThread, WatchedTokens } from './messages.ts';
import { Scheduler } from './scheduler.ts';

/** Progress of single tokens is reported this often; finished rows at once. */
const REPORT_INTERVAL_MS = 100;

const port = parentPort;
if (port === null) throw new Error('src/sampler/engine/thread.ts runs as a worker thread only');
const post = (message: FromThread): void => port.postMessage(message);

const start = workerData as ThreadStart;
const scheduler = new Scheduler(await DecoderSession.create(start.model), start);
let isRunning = false;
let nextModel: DecoderModel | undefined;

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'token-bytes':
      scheduler.tokenBytes = message.table;
      return;
    case 'cancel':
      scheduler.cancel(message.callId);
      return;
    case 'enqueue':
      scheduler.enqueue(message.unit);
      if (!isRunning) void run();
      return;
    case 'swap':
      nextModel = message.model;
      if (!isRunning) void run();
      return;
  }
});
post({ kind: 'ready' });

async function run(): Promise<void> {
  isRunning = true;
  try {
    let reportedAt = performance.now();
    let newTokens = new Map<number, number>();
    let watched: WatchedTokens[] = [];
    while (!scheduler.isIdle) {
      // session.run() yields to the event loop once a step: that is when messages come in.
      const advance = await scheduler.advance();
      const { finished, cancelledRows } = advance;
      for (const [callId, count] of advance.newTokens) newTokens.set(callId, (newTokens.get(callId) ?? 0) + count);
      watched.push(...advance.watched);
      if (finished.length + cancelledRows === 0 && performance.now() - reportedAt < REPORT_INTERVAL_MS) continue;
      post({ kind: 'advanced', finished, newTokens, cancelledRows, watched });
      newTokens = new Map();
      watched = [];
      reportedAt = performance.now();
    }
    if (nextModel !== undefined) {
      const model = nextModel;
      nextModel = undefined;
      await scheduler.swap(() => DecoderSession.create(model));
      post({ kind: 'ready' });
    }
  } catch (error) {
    post({ kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  } finally {
    isRunning = false;
  }
}
