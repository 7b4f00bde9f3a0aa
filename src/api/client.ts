/** The typed client of the control process: what the CLI, the demo and tests use. */
import type { z } from 'zod';
import type { evaluationRequest } from '../campaigns/evaluation-request.ts';
import type { BlockAnswer, LiveStatus, ReplayState } from '../campaigns/gateway.ts';
import type { RolloutPage, RolloutView } from '../campaigns/read-rollouts.ts';
import type { RegradeReport } from '../campaigns/regrade.ts';
import type { rolloutFilter } from '../campaigns/rollout-filter.ts';
import type { CampaignConfig } from '../config/campaign.ts';
import type { RebuiltDatabase } from '../db/apply-journal.ts';
import type { SettingsChanged } from '../db/read-settings-changes.ts';
import type { CampaignDetail, CampaignSummary, CheckpointView, EvaluationView } from '../db/views.ts';
import type { WhatIfReport } from '../methods/what-if.ts';
import { readControlAccess } from '../process/control-address.ts';
import type { SettingsChange } from '../protocol/campaign-messages.ts';
import type { SkippedEntry } from '../protocol/decode-journal.ts';
import type { ForkOrigin } from '../protocol/facts.ts';
import type { JournalEvent } from '../protocol/journal.ts';
import type { IterationDiff } from '../replay/diff-iterations.ts';
import type { Collection } from './checkpoints.ts';
import type { ErrorBody } from './errors.ts';
import type { ReplayStarted } from './iterations.ts';
import type {
  AskedBody,
  ChangeSettingsBody,
  CollectBody,
  ForkBody,
  RegradeBody,
  ReplayBody,
  RetryBody,
  WhatIfBody,
} from './requests.ts';
import type { StoreReport } from './store.ts';

/** What the server answered instead of a result; the message is fit for users. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ErrorBody['error']['code'] | 'unreachable';

  constructor(code: ErrorBody['error']['code'] | 'unreachable', message: string) {
    super(message);
    this.code = code;
  }
}

export interface ShownCampaign {
  readonly campaign: CampaignDetail;
  /** Absent for one that has ended, or can't answer now. */
  readonly live?: LiveStatus;
  /** What people changed on the way, oldest first. */
  readonly settingsChanged: readonly SettingsChanged[];
}

export type Client = ReturnType<typeof createClient>;

/** Throws `ClientError` `unreachable` when no control process has been started in the home folder. */
export async function connectToHome(home: string): Promise<Client> {
  const access = await readControlAccess(home);
  if (access !== undefined) return createClient(access);
  throw new ClientError('unreachable', `nothing runs in ${home}; start it with \`whencode up\``);
}

export function createClient(options: { readonly url: string; readonly token: string }) {
  async function fetchRaw(path: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${options.url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${options.token}`, ...init.headers },
      });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw new ClientError('unreachable', `nothing answers at ${options.url}; start it with \`whencode up\``);
    }
    if (response.ok) return response;
    const body = (await response.json().catch(() => undefined)) as ErrorBody | undefined;
    throw new ClientError(
      body?.error.code ?? 'internal',
      body?.error.message ?? `the server answered ${response.status}`,
    );
  }
  const get = async <T>(path: string): Promise<T> => (await (await fetchRaw(path)).json()) as T;
  const post = async <T>(path: string, body: unknown = {}): Promise<T> => {
    const response = await fetchRaw(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as T;
  };
  const one = encodeURIComponent;

  return {
    url: options.url,
    health: () => get<{ status: 'ok' | 'degraded'; orchestrator: string }>('/health'),
    /** A link that opens the page in a browser, once. */
    createLink: async () => (await post<{ url: string }>('/api/links')).url,

    listCampaigns: async () => (await get<{ campaigns: CampaignSummary[] }>('/api/campaigns')).campaigns,
    startCampaign: (config: CampaignConfig) => post<{ id: string }>('/api/campaigns', config),
    showCampaign: (id: string) => get<ShownCampaign>(`/api/campaigns/${one(id)}`),
    pauseCampaign: (id: string, asked: AskedBody = {}) =>
      post<{ id: string }>(`/api/campaigns/${one(id)}/pause`, asked),
    resumeCampaign: (id: string, asked: AskedBody = {}) =>
      post<{ id: string }>(`/api/campaigns/${one(id)}/resume`, asked),
    stopCampaign: (id: string, when: 'now' | 'after-iteration' = 'now', asked: AskedBody = {}) =>
      post<{ id: string }>(`/api/campaigns/${one(id)}/stop`, { ...asked, when }),
    extendCampaign: (id: string, iterations: number, asked: AskedBody = {}) =>
      post<{ id: string; iterationsPlanned: number }>(`/api/campaigns/${one(id)}/extend`, { ...asked, iterations }),
    /** Of a blocked campaign: does what failed once more, goes on without lost rollouts, or ends it as failed. */
    answerBlock: (id: string, answer: BlockAnswer, asked: RetryBody = {}) =>
      post<{ id: string }>(`/api/campaigns/${one(id)}/${answer}`, asked),
    /** Hyper-parameters from the next iteration on. */
    changeSettings: (id: string, body: ChangeSettingsBody) =>
      post<{ id: string } & Omit<SettingsChange, 'config'>>(`/api/campaigns/${one(id)}/settings`, body),

    /** Of a blocked campaign's iteration with settings: changes them and retries. Else does it again and compares. */
    replayIteration: (campaign: string, iteration: number, body: ReplayBody) =>
      post<ReplayStarted>(`/api/iterations/${one(campaign)}/${iteration}/replay`, body),
    showReplay: (id: string) => get<ReplayState>(`/api/replays/${one(id)}`),
    whatIf: (campaign: string, iteration: number, body: WhatIfBody) =>
      post<WhatIfReport>(`/api/iterations/${one(campaign)}/${iteration}/what-if`, body),
    diffIterations: (left: string, right: string) =>
      get<IterationDiff>(`/api/iterations/diff?${search({ left, right })}`),

    /** Goes on from the artifact store with a campaign that the orchestrator has lost. */
    recoverCampaign: (id: string, asked: AskedBody = {}) =>
      post<{ id: string; iterationsDone: number; paused: boolean; skipped: SkippedEntry[] }>(
        `/api/campaigns/${one(id)}/recover`,
        asked,
      ),
    /** `from`: `<campaign>` (its head), `<campaign>/<iteration>`, or a digest or its first digits. */
    forkCampaign: (from: string, body: ForkBody) =>
      post<{ id: string; forkedFrom: ForkOrigin; iterationsPlanned: number }>(`/api/campaigns/${one(from)}/fork`, body),
    /** What people asked of a campaign and what it can go on from, oldest first. */
    readJournal: (id: string) =>
      get<{ entries: JournalEvent[]; skipped: SkippedEntry[] }>(`/api/campaigns/${one(id)}/journal`),
    /** Empties the database and fills it from the journals of the artifact store. */
    rebuildDatabase: () => post<RebuiltDatabase>('/api/database/rebuild'),

    listEvaluations: async (query: { campaign?: string; checkpoint?: string } = {}) =>
      (await get<{ evaluations: EvaluationView[] }>(`/api/evaluations?${search(query)}`)).evaluations,
    startEvaluation: (body: z.input<typeof evaluationRequest>) => post<{ id: string }>('/api/evaluations', body),
    /** Its finished shards are kept; asking for it again goes on from them. */
    cancelEvaluation: (id: string) => post<{ id: string }>(`/api/evaluations/${one(id)}/cancel`),
    showEvaluation: async (id: string) =>
      (await get<{ evaluation: EvaluationView }>(`/api/evaluations/${one(id)}`)).evaluation,
    compareCampaigns: (left: string, right: string) =>
      get<{ left: CampaignDetail; right: CampaignDetail }>(`/api/evaluations/compare?${search({ left, right })}`),

    listCheckpoints: async (campaign?: string) =>
      (await get<{ checkpoints: CheckpointView[] }>(`/api/checkpoints?${search({ campaign })}`)).checkpoints,
    /** By digest, its first digits, `<campaign>` or `<campaign>@<iteration>`. */
    showCheckpoint: (reference: string) =>
      get<{ digest: string; files: Record<string, { digest: string; bytes: number }> }>(
        `/api/checkpoints/${one(reference)}`,
      ),
    readCheckpointFile: async (reference: string, path: string) =>
      await fetchRaw(`/api/checkpoints/${one(reference)}/files/${path.split('/').map(one).join('/')}`),

    /** Which are kept and why; collects the others unless it is a dry run. */
    collectCheckpoints: (body: CollectBody) => post<Collection>('/api/checkpoints/collect', body),
    pinCheckpoint: (reference: string, pinned: boolean) =>
      post<{ digest: string }>(`/api/checkpoints/${one(reference)}/${pinned ? 'pin' : 'unpin'}`),

    checkStore: (deep: boolean) => get<StoreReport>(`/api/store/check?${search({ deep })}`),
    /** Sets a step aside, so that it is computed again. */
    forgetStep: (manifest: string) => post<{ manifest: string }>('/api/store/forget', { manifest }),

    listRollouts: (query: z.input<typeof rolloutFilter>) => get<RolloutPage>(`/api/rollouts?${search(query)}`),
    showRollout: async (campaign: string, iteration: number, id: string) =>
      (await get<{ rollout: RolloutView }>(`/api/rollouts/${one(campaign)}/${iteration}/${one(id)}`)).rollout,

    /** Every stored verdict of an iteration that the present grader would give otherwise. */
    regradeRollouts: (campaign: string, iteration: number, body: RegradeBody = {}) =>
      post<RegradeReport>(`/api/rollouts/${one(campaign)}/${iteration}/regrade`, body),

    /** Yields the id of a campaign whenever something of it changed, until the signal aborts or the server goes. */
    async *watch(signal: AbortSignal, campaign?: string): AsyncGenerator<string> {
      const response = await fetchRaw(`/events?${search({ campaign })}`, { signal });
      if (response.body === null) return;
      let pending = '';
      for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        pending += chunk;
        const messages = pending.split('\n\n');
        pending = messages.pop() ?? '';
        for (const message of messages) {
          const data = /^event: campaign\ndata: (.*)$/m.exec(message)?.[1];
          if (data !== undefined) yield (JSON.parse(data) as { id: string }).id;
        }
      }
    },
  };
}

function search(values: Record<string, unknown>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    ),
  );
}
