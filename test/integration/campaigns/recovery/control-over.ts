/** The API over a simulated stack, with a database of its own: what a control process is, without the process. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StepObserver } from '../../../../src/artifacts/types.ts';
import type { Preflight } from '../../../../src/campaigns/preflight.ts';
import { type Database, openDatabase } from '../../../../src/db/database.ts';
import type { TestClient } from '../../../support/calls.ts';
import { openTestHttp } from '../../../support/http.ts';

import {
  type SimulatedStack,
  type SimulatedStackOptions,
  startSimulatedStack,
} from '../../../support/simulated-stack.ts';

export interface Control {
  /** Where commands find the API. */
  readonly home: string;
  readonly stack: SimulatedStack;
  readonly db: Database;
  readonly client: TestClient;
  /** A page's HTML. */
  page(path: string): Promise<string>;
  /** Keys of the steps that were computed, in order: a step that was found in the store is not among them. */
  readonly computed: string[];
  /** Asks the page's question until the answer is as wanted. */
  until(id: string, wanted: (shown: Awaited<ReturnType<TestClient['showCampaign']>>) => boolean): Promise<void>;
  /** Everything but the store and the database is gone after it; the database too unless it is kept. */
  stop(options?: { readonly keepsFolder?: boolean; readonly keepsDatabase?: boolean }): Promise<void>;
}

export async function startControl(options: SimulatedStackOptions = {}): Promise<Control> {
  const db = options.db ?? (await openDatabase('memory:'));
  const computed: string[] = [];
  const observer: StepObserver = {
    began: () => undefined,
    ended: (key, stage, how) => void (how === 'committed' && computed.push(`${stage} ${key}`)),
  };
  const stack = await startSimulatedStack({ ...options, db, observer });
  const http = await openTestHttp({ ...stack.temporal, db, store: stack.store, preflight: simulatedPreflight });
  const { client, home } = http;
  return {
    home,
    stack,
    db,
    client,
    page: async (path) =>
      (await fetch(`${http.url}${path}`, { headers: { authorization: `Bearer ${http.token}` } })).text(),
    computed,
    async until(id, wanted) {
      while (!wanted(await client.showCampaign(id))) await sleep(50);
    },
    async stop({ keepsFolder = false, keepsDatabase = false } = {}) {
      await http.close();
      await stack.stop({ keepsFolder });
      if (!keepsDatabase) await db.close();
    },
  };
}

/** The simulated model is no checkpoint that the real one would let pass. */
const simulatedPreflight: Preflight = async ({ name, method, iterations }) => ({
  name,
  method,
  iterations,
  model: { parameters: 1, checked: [] },
  problems: { count: 8, from: [], perIteration: 4 },
  iteration: { rollouts: 32, shards: 2, maxNewTokens: 1 },
  evaluations: [],
  total: { rollouts: 32, maxNewTokens: 1, diskBytes: 1, estimatedSeconds: 1 },
  capacity: { hardware: 'cpu', training: { gpu: {}, host: {} } },
  warnings: [],
});

/** Holds requests whose seeds begin so, after so many calls with them; the returned function lets them go. */
export function holdSampler({ parts }: SimulatedStack, seed: string, afterCalls: number): () => void {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { gate } = parts;
  let calls = 0;
  parts.gate = async (requests) => {
    await gate(requests);
    if (!requests.some((request) => request.seed.startsWith(seed))) return;
    calls += 1;
    if (calls > afterCalls) await opened;
  };
  return open;
}

/** Holds all requests after so many calls; the returned function lets them go. */
export const holdSamplerAfter = (stack: SimulatedStack, calls: number): (() => void) => holdSampler(stack, '', calls);
