/** Compares two stored iterations: settings, stages, metrics, and their first difference. */

import { requireManifest } from '../artifacts/define-step.ts';
import type { ArtifactStore, Digest, Manifest } from '../artifacts/types.ts';
import { compareSettings, type SettingChange } from '../config/settings.ts';
import type { Difference, StoredIteration } from '../protocol/replay-report.ts';
import { readConfig } from '../steps/read-config.ts';
import { sampleStep } from '../steps/sample.ts';
import { trainStep } from '../steps/train.ts';
import { compareCheckpoints } from './compare-checkpoints.ts';
import { compareOutputs, isAddedLater, type OutputBytes } from './compare-outputs.ts';

/** Left is `stored`, right is `now`. */
export interface Parting {
  readonly stage: DiffStage;
  /** e.g. `shard 3, turn 1`; empty for a stage of one step. */
  readonly step: string;
  readonly difference: Difference;
}

const STEP_STAGES = ['plan', 'sample', 'execute', 'score', 'curate', 'train'] as const;
type StepStage = (typeof STEP_STAGES)[number];
/** `start`: the checkpoint that the iteration began with. */
type DiffStage = 'start' | StepStage;

export interface StageDiff {
  readonly stage: DiffStage;
  /** `left`, `right`: only that iteration has the stage; `neither`: none has it. */
  readonly is: 'same' | 'different' | 'left' | 'right' | 'neither';
}

export interface IterationDiff {
  readonly left: string;
  readonly right: string;
  readonly settings: readonly SettingChange[];
  readonly stages: readonly StageDiff[];
  /** Metrics that differ. */
  readonly metrics: readonly { readonly name: string; readonly left?: number; readonly right?: number }[];
  /** Absent if all steps that both have are equal. */
  readonly firstParting?: Parting;
}

interface Step {
  readonly name: string;
  readonly key: Digest;
}

export async function diffIterations(
  store: ArtifactStore,
  left: StoredIteration,
  right: StoredIteration,
): Promise<IterationDiff> {
  let firstParting = startParting(left, right);
  const stages: StageDiff[] = [{ stage: 'start', is: firstParting === undefined ? 'same' : 'different' }];
  for (const stage of STEP_STAGES) {
    const [ours, theirs] = [stepsOf(left, stage), stepsOf(right, stage)];
    const parting = await partingOf(store, stage, ours, theirs, left);
    firstParting ??= parting;
    stages.push({ stage, is: stageIs(ours.length, theirs.length, parting) });
  }
  const [config, other] = await Promise.all([left, right].map(async (side) => readConfig(store, side.config)));
  const names = [...new Set([...Object.keys(left.metrics), ...Object.keys(right.metrics)])];
  return {
    left: `${left.campaignId}/${left.iteration}`,
    right: `${right.campaignId}/${right.iteration}`,
    settings: compareSettings(config, other).filter(({ setting }) => setting !== 'name' && setting !== 'iterations'),
    stages,
    metrics: names.flatMap((name) => {
      const [was, is] = [left.metrics[name], right.metrics[name]];
      if (was === is) return [];
      return [{ name, ...(was === undefined ? {} : { left: was }), ...(is === undefined ? {} : { right: is }) }];
    }),
    ...(firstParting === undefined ? {} : { firstParting }),
  };
}

function startParting(left: StoredIteration, right: StoredIteration): Parting | undefined {
  if (left.checkpoint === right.checkpoint) return undefined;
  const difference = { output: 'checkpoint', field: 'digest', stored: left.checkpoint, now: right.checkpoint };
  return { stage: 'start', step: '', difference };
}

function stepsOf(iteration: StoredIteration, stage: StepStage): Step[] {
  const { shards, score, curation, training, plan } = iteration;
  const one = (key: Digest | undefined): Step[] => (key === undefined ? [] : [{ name: '', key }]);
  switch (stage) {
    case 'plan':
      return one(plan);
    case 'sample':
      return shards.flatMap(({ turns }, shard) =>
        turns.map((key, turn) => ({ name: `shard ${shard}, turn ${turn}`, key })),
      );
    case 'execute':
      return shards.flatMap(({ executions }, shard) =>
        executions.map(({ execution }, turn) => ({ name: `shard ${shard}, turn ${turn}`, key: execution })),
      );
    case 'score':
      return [
        ...shards.flatMap(({ grades }, shard) =>
          grades === undefined ? [] : [{ name: `shard ${shard}`, key: grades }],
        ),
        ...(score === undefined ? [] : [{ name: 'all shards', key: score }]),
      ];
    case 'curate':
      return one(curation);
    case 'train':
      return one(training);
  }
}

function stageIs(ours: number, theirs: number, parting: Parting | undefined): StageDiff['is'] {
  if (parting !== undefined) return 'different';
  if (ours === 0) return theirs === 0 ? 'neither' : 'right';
  return theirs === 0 ? 'left' : 'same';
}

async function partingOf(
  store: ArtifactStore,
  stage: StepStage,
  ours: readonly Step[],
  theirs: readonly Step[],
  left: StoredIteration,
): Promise<Parting | undefined> {
  const named = new Map(theirs.map(({ name, key }) => [name, key]));
  for (const { name, key } of ours) {
    const other = named.get(name);
    if (other === undefined || other === key) continue;
    const difference = await differenceOf(
      store,
      await requireManifest(store, key),
      await requireManifest(store, other),
      left,
    );
    if (difference !== undefined) return { stage, step: name, difference };
  }
  const isLonger = ours.length > 0 && theirs.length > 0 && ours.length !== theirs.length;
  if (!isLonger) return undefined;
  const difference = { output: 'steps', field: 'count', stored: `${ours.length}`, now: `${theirs.length}` };
  return { stage, step: '', difference };
}

async function differenceOf(
  store: ArtifactStore,
  ours: Manifest,
  theirs: Manifest,
  left: StoredIteration,
): Promise<Difference | undefined> {
  const pairs = new Map<string, OutputBytes>();
  for (const [name, { digest }] of Object.entries(ours.outputs)) {
    const other = theirs.outputs[name]?.digest;
    if (other === digest) continue;
    if (other === undefined && isAddedLater(name)) continue;
    if (other === undefined) return { output: name, field: 'presence', stored: 'present', now: 'absent' };
    if (trainStep.accepts(ours) && name === ('checkpoint' satisfies keyof typeof trainStep.codecs))
      return differenceOfCheckpoints(store, digest, other, left.checkpoint);
    pairs.set(name, { stored: await store.readBlob(digest), now: await store.readBlob(other) });
  }
  const summary = sampleStep.accepts(theirs) ? sampleStep.open(store, theirs).outputs.summary.digest : undefined;
  return compareOutputs(pairs, summary === undefined ? undefined : await store.readBlob(summary)).difference;
}

async function differenceOfCheckpoints(
  store: ArtifactStore,
  ours: Digest,
  theirs: Digest,
  from: Digest,
): Promise<Difference | undefined> {
  const folder = async (digest: Digest) => ({
    directory: await store.materialiseTree(digest),
    ...(await store.readTree(digest)),
  });
  const [stored, now] = [await folder(ours), await folder(theirs)];
  const found = await compareCheckpoints({ stored, now, from: { directory: await store.materialiseTree(from) } });
  if (found === undefined || 'output' in found) return found;
  const field = `weights, ${found.largest} of the update's length apart`;
  return { output: 'checkpoint', field, stored: ours, now: theirs };
}
