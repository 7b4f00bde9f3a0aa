/**
 * Folds the facts about one subject to its row. Facts may arrive late, twice and in any order: the fold sorts them first,
 * so the result depends only on the set of facts.
 */
import { canonicalJson } from '../formats/canonical-json.ts';
import type { Fact } from '../protocol/facts.ts';

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/** The subject of a fact. Facts with equal keys are folded together. */
export function entityOf(fact: Fact): string {
  switch (fact.kind) {
    case 'campaign':
      return `campaign/${fact.id}`;
    case 'iteration':
      return `iteration/${fact.campaignId}/${fact.iteration}`;
    case 'stage':
      return `stage/${fact.campaignId}/${fact.iteration}/${fact.stage}`;
    case 'shard':
      return `shard/${fact.campaignId}/${fact.iteration}/${fact.shard}`;
    case 'checkpoint':
      return `checkpoint/${fact.campaignId}/${fact.iteration}/${fact.digest}`;
    case 'checkpoint-mark':
      return `checkpoint-mark/${fact.digest}`;
    case 'evaluation':
      return `evaluation/${fact.id}`;
  }
}

const isRunning = (fact: Fact) => 'status' in fact && fact.status === 'running';

/** Orders by time, at the same instant `running` first, then by content, so that the order is total. */
function inOrder<F extends Fact>(facts: readonly F[]): F[] {
  const keyed = facts.map((fact) => ({
    fact,
    at: Date.parse(fact.at),
    running: isRunning(fact) ? 0 : 1,
    json: canonicalJson(fact),
  }));
  keyed.sort((a, b) => a.at - b.at || a.running - b.running || (a.json < b.json ? -1 : a.json > b.json ? 1 : 0));
  return keyed.map((item) => item.fact);
}

/** Last value that any fact gave. */
function lastGiven<F extends Fact, K extends keyof F>(facts: readonly F[], key: K): F[K] | null {
  return facts.findLast((fact) => fact[key] !== undefined)?.[key] ?? null;
}

/**
 * The state of a step with a start and an end. `completed` is final: a late attempt can neither reopen nor fail it.
 * After a failure, a later `running` resets the start time.
 */
function foldSteps<F extends FactOf<'iteration' | 'stage' | 'evaluation'>>(facts: readonly F[]) {
  const ordered = inOrder(facts);
  const first = ordered[0];
  if (first === undefined) throw new Error('a step without facts cannot be folded');
  const completed = ordered.findLast((fact) => fact.status === 'completed');
  const winner = completed ?? ordered.at(-1) ?? first;
  const before = ordered.slice(0, ordered.indexOf(winner) + 1);
  let startedAt = new Date(first.at);
  let ended = false;
  for (const fact of before) {
    if (ended && isRunning(fact)) startedAt = new Date(fact.at);
    ended = !isRunning(fact);
  }
  return {
    winner,
    ordered,
    state: {
      reason: winner.reason ?? null,
      startedAt,
      endedAt: isRunning(winner) ? null : new Date(winner.at),
    },
  };
}

/** The latest fact decides the status of a campaign, since a campaign can be resumed or extended after any end. */
export function foldCampaign(facts: readonly FactOf<'campaign'>[]) {
  const ordered = inOrder(facts);
  const first = ordered[0];
  const last = ordered.at(-1);
  if (first === undefined || last === undefined) throw new Error('a campaign without facts cannot be folded');
  return {
    id: last.id,
    status: last.status,
    reason: last.reason ?? null,
    config: lastGiven(ordered, 'config'),
    head: lastGiven(ordered, 'head'),
    iterationsDone: lastGiven(ordered, 'iterationsDone') ?? 0,
    iterationsPlanned: lastGiven(ordered, 'iterationsPlanned'),
    forkedFrom: lastGiven(ordered, 'forkedFrom'),
    createdAt: new Date(first.at),
    updatedAt: new Date(last.at),
  };
}

export function foldIteration(facts: readonly FactOf<'iteration'>[]) {
  const { winner, ordered, state } = foldSteps(facts);
  return {
    campaignId: winner.campaignId,
    iteration: winner.iteration,
    status: winner.status,
    fromCheckpoint: winner.from,
    toCheckpoint: winner.to ?? null,
    metrics: winner.metrics ?? lastGiven(ordered, 'metrics'),
    ...state,
  };
}

/**
 * The times of a stage are those of the attempt that did its work: of a later attempt that found the result in the store
 * they would say nothing, and those of failed attempts are no part of it.
 */
export function foldStage(facts: readonly FactOf<'stage'>[]) {
  const { winner, ordered, state: last } = foldSteps(facts);
  const done = ordered.find(
    ({ status, manifest }) => status === 'completed' && manifest !== undefined && manifest === winner.manifest,
  );
  const worked = winner.status === 'completed' ? (done ?? winner) : winner;
  const began = ordered.slice(0, ordered.indexOf(worked) + 1).findLast(isRunning);
  const startedAt = began === undefined ? last.startedAt : new Date(began.at);
  const state = { ...last, startedAt, endedAt: isRunning(winner) ? null : new Date(worked.at) };
  return {
    campaignId: winner.campaignId,
    iteration: winner.iteration,
    stage: winner.stage,
    status: winner.status,
    manifest: winner.manifest ?? null,
    counts: winner.counts ?? lastGiven(ordered, 'counts'),
    ...state,
  };
}

export function foldEvaluation(facts: readonly FactOf<'evaluation'>[]) {
  const { winner, state } = foldSteps(facts);
  return {
    id: winner.id,
    checkpoint: winner.checkpoint,
    suite: winner.suite,
    status: winner.status,
    manifest: winner.manifest ?? null,
    metrics: winner.metrics ?? null,
    ...state,
  };
}

/** A shard's result never changes (first writer wins); of two facts the later is shown. */
export function foldShard(facts: readonly FactOf<'shard'>[]) {
  const last = inOrder(facts).at(-1);
  if (last === undefined) throw new Error('a shard without facts cannot be folded');
  return {
    campaignId: last.campaignId,
    iteration: last.iteration,
    shard: last.shard,
    shardsPlanned: last.of,
    manifest: last.manifest,
    counts: last.counts,
    sampledBy: last.sampledBy ?? null,
    doneAt: new Date(last.at),
  };
}

export function foldCheckpoint(facts: readonly FactOf<'checkpoint'>[]) {
  const ordered = inOrder(facts);
  const first = ordered[0];
  if (first === undefined) throw new Error('a checkpoint without facts cannot be folded');
  return {
    campaignId: first.campaignId,
    iteration: first.iteration,
    digest: first.digest,
    parent: lastGiven(ordered, 'parent'),
    createdAt: new Date(first.at),
  };
}

export function foldCheckpointMark(facts: readonly FactOf<'checkpoint-mark'>[]) {
  const ordered = inOrder(facts);
  const first = ordered[0];
  if (first === undefined) throw new Error('a mark without facts cannot be folded');
  const pin = ordered.findLast(({ mark }) => mark === 'pinned' || mark === 'unpinned');
  const collected = ordered.findLast(({ mark }) => mark === 'collected');
  return {
    digest: first.digest,
    pinned: pin?.mark === 'pinned',
    collectedAt: collected === undefined ? null : new Date(collected.at),
    freedBytes: collected?.freedBytes ?? null,
  };
}
