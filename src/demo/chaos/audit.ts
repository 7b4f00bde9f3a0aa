/** Compares the store with the log of computations: each step is committed once and not computed after that. */
import { stepKey } from '../../artifacts/digest.ts';
import type { ArtifactStore, Digest } from '../../artifacts/types.ts';
import { readStepLog, type StepLogLine } from '../../process/step-log.ts';

export interface StepAudit {
  /** Manifests in the store. */
  readonly steps: number;
  /** Computations begun, and those without a result: they were killed, or failed and were begun again. */
  readonly computations: number;
  readonly interrupted: number;
  /** Violations, one sentence each. */
  readonly complaints: readonly string[];
}

export async function auditSteps(home: string, store: ArtifactStore): Promise<StepAudit> {
  const log = await readStepLog(home);
  const complaints: string[] = [];
  const manifests = new Set<Digest>();
  for await (const manifest of store.listManifests()) {
    const { key, step, outputs } = manifest;
    if (manifests.has(key)) complaints.push(`step ${step.stage} ${key} has two manifests`);
    manifests.add(key);
    if (stepKey(step) !== key) complaints.push(`the manifest of ${step.stage} ${key} is of another step`);
    for (const [name, { digest }] of Object.entries(outputs))
      if (!(await store.hasBlob(digest))) complaints.push(`output ${name} of ${step.stage} ${key} is not in the store`);
  }
  const committed = new Set<Digest>();
  for (const { event, stage, key, pid } of log) {
    if (event === 'committed') committed.add(key);
    if (event === 'began' && committed.has(key))
      complaints.push(`${stage} ${key} was computed again by process ${pid}`);
  }
  for (const key of committed)
    if (!manifests.has(key)) complaints.push(`step ${key} was committed and has no manifest`);
  const count = (wanted: StepLogLine['event']): number => log.filter(({ event }) => event === wanted).length;
  const computations = count('began');
  return { steps: manifests.size, computations, interrupted: computations - count('committed'), complaints };
}
