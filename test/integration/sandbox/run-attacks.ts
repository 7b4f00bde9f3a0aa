/** The hostile snippets in `attacks/` and what became of sandbox and neighbours after each. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSandbox, type SandboxOptions } from '../../../src/sandbox/create-sandbox.ts';
import type { Census } from '../../../src/sandbox/messages.ts';
import type { Protection } from '../../../src/sandbox/protections.ts';
import type { ExecutionResult } from '../../../src/sandbox/types.ts';

const FOLDER = join(import.meta.dirname, 'attacks');
const NEXT_SNIPPET = '# --- next snippet\n';

/**
 * Limits by how an attack may end, so that a busy machine does not end it before its own limit does: elapsed time is
 * short only for those that it has to end, CPU time only for those that use it up.
 */
function limitsOf({ allowedEnds }: Attack) {
  const isShort = (end: string): boolean => allowedEnds.includes(end);
  return {
    cpuMs: isShort('cpu-timeout') || isShort('wall-timeout') ? 400 : 5000,
    wallMs: isShort('wall-timeout') ? 3000 : 60_000,
  };
}

export interface Attack {
  /** `<class>/<name>` */
  readonly name: string;
  /** Run one after the other in the same container; the last one is judged. */
  readonly snippets: readonly string[];
  readonly allowedEnds: readonly string[];
  /** Each set of protections without which it does harm. */
  readonly bitesWithout: readonly Protection[];
}

export interface AttackOutcome {
  readonly result: ExecutionResult;
  /** Output of `print(6 * 7)` right after it. */
  readonly canary: string;
  readonly census: Census | undefined;
  readonly containersLost: number;
}

export function readAttacks(): Attack[] {
  const prelude = readFileSync(join(FOLDER, 'prelude.py'), 'utf8');
  return readdirSync(FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name: kind }) => readdirSync(join(FOLDER, kind)).map((file) => join(kind, file)))
    .sort()
    .map((path) => {
      const text = readFileSync(join(FOLDER, path), 'utf8');
      return {
        name: path.replace(/\.py$/, ''),
        snippets: text.split(NEXT_SNIPPET).map((part) => prelude + part),
        allowedEnds: /^# ends: (.*)$/m.exec(text)?.[1]?.split(' ') ?? [],
        bitesWithout: (/^# bites without: (.*)$/m.exec(text)?.[1]?.split(',') ?? []) as Protection[],
      };
    });
}

/** Runs the attacks one after the other, those with equal limits in one container. */
export async function runAttacks(
  attacks: readonly Attack[],
  options: SandboxOptions,
): Promise<Map<string, AttackOutcome>> {
  const groups = new Map<string, Attack[]>();
  for (const attack of attacks) {
    const limits = JSON.stringify(options.limits ?? limitsOf(attack));
    groups.set(limits, [...(groups.get(limits) ?? []), attack]);
  }
  const outcomes = new Map<string, AttackOutcome>();
  for (const [limits, group] of groups)
    for (const [name, outcome] of await runGroup(group, { ...options, limits: JSON.parse(limits) }))
      outcomes.set(name, outcome);
  return outcomes;
}

async function runGroup(attacks: readonly Attack[], options: SandboxOptions): Promise<Map<string, AttackOutcome>> {
  const sandbox = await createSandbox({ slots: 1, cache: false, showValue: true, ...options });
  const outcomes = new Map<string, AttackOutcome>();
  const run = async (code: string) => {
    const [result] = await sandbox.run([{ id: 'attack', previousBlocks: [], code, seed: 1 }]);
    if (result === undefined) throw new Error('no result');
    return result;
  };
  try {
    for (const { name, snippets } of attacks) {
      const lostBefore = sandbox.metrics().containersLost;
      const results: ExecutionResult[] = [];
      for (const snippet of snippets) results.push(await run(snippet));
      const canary = await run('print(6 * 7)');
      const [census] = await sandbox.census().catch(() => []);
      const result = results.at(-1);
      if (result === undefined) throw new Error(`attack ${name} is empty`);
      const containersLost = sandbox.metrics().containersLost - lostBefore;
      outcomes.set(name, { result, canary: canary.stdout, census, containersLost });
    }
    return outcomes;
  } finally {
    await sandbox.close();
  }
}

/** What harm an attack did, in words; empty if it was held. */
export function harmOf(outcome: AttackOutcome): string[] {
  const { result, canary, census, containersLost } = outcome;
  const harm: string[] = [];
  if (result.stdout.includes('BITES')) harm.push(...result.stdout.split('\n').filter((line) => line.includes('BITES')));
  if (canary !== '42\n') harm.push(`the next snippet printed ${JSON.stringify(canary)}`);
  if (containersLost > 0) harm.push(`${containersLost} containers lost`);
  if (census === undefined) harm.push('no census');
  else if (census.processes !== 2 || census.files !== 0) harm.push(`left over: ${JSON.stringify(census)}`);
  return harm;
}
