/**
 * The testbed with every part real, undisturbed and with all of this at once: 10 % of the executions fail as
 * infrastructure however often they are tried, the sandbox is away for 20 s in the middle, the grader throws at 2 % of
 * the answers, and one container is wedged. What is learnt must be the same within noise. About 8 minutes a seed.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EvaluationMetrics } from '../../src/db/facts.ts';
import { testbedCampaign } from '../../src/demo/campaigns.ts';
import { OWNER_LABEL } from '../../src/sandbox/container-config.ts';
import { connectDocker } from '../../src/sandbox/docker-connection.ts';
import { ownerName } from '../../src/sandbox/owner.ts';
import type { ExecutionRequest, ExecutionResult, Sandbox } from '../../src/sandbox/types.ts';
import { type RealStack, startRealStack } from '../support/real-stack.ts';

const SEEDS = [1, 2, 3];
const ITERATIONS = 3;
const OUTAGE_MS = 20_000;
/** Of p(code) and code rate, between the two runs of one seed. */
const NOISE = 0.1;

const chanceOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32LE(0) / 2 ** 32;

let disturbed = false;
let executions = 0;
let awayUntil = 0;
let stack: RealStack;

const lost = ({ id }: ExecutionRequest, cause: string): ExecutionResult => ({
  id,
  end: 'infrastructure',
  stdout: '',
  stderr: '',
  cpuMs: 0,
  memoryBytes: 0,
  queueMs: 0,
  cached: false,
  cause,
});

/** The real sandbox, which loses every tenth snippet of a model and is away for a while. */
function spoil(sandbox: Sandbox): Sandbox {
  return {
    ...sandbox,
    async run(requests, options) {
      if (!disturbed) return sandbox.run(requests, options);
      executions += requests.length;
      // Once, a good while into the sampling.
      if (executions > 600 && awayUntil === 0) {
        awayUntil = Date.now() + OUTAGE_MS;
        await wedgeOneContainer();
      }
      if (Date.now() < awayUntil) return requests.map((request) => lost(request, 'the engine is away'));
      const isLost = ({ id }: ExecutionRequest): boolean => id.includes('#') && chanceOf(id) < 0.1;
      const ran = new Map<string, ExecutionResult>();
      for (const result of await sandbox.run(
        requests.filter((request) => !isLost(request)),
        options,
      ))
        ran.set(result.id, result);
      return requests.map((request) => ran.get(request.id) ?? lost(request, 'the container was lost'));
    },
  };
}

async function wedgeOneContainer(): Promise<void> {
  const docker = connectDocker(process.env.DOCKER_HOST);
  const [container] = await docker.listContainers({ filters: { label: [`${OWNER_LABEL}=${ownerName()}`] } });
  if (container !== undefined) await docker.getContainer(container.Id).pause();
}

beforeAll(async () => {
  stack = await startRealStack({
    wrapSandbox: spoil,
    wrapGrading: (grading) => ({
      ...grading,
      graderOf: (problem) => {
        const grade = grading.graderOf(problem);
        return (response) => {
          if (disturbed && chanceOf(`${problem.id}/${response}`) < 0.02) throw new Error('the grader lost its way');
          return grade(response);
        };
      },
    }),
  });
});
afterAll(() => stack.stop());

async function learn(name: string, seed: number): Promise<EvaluationMetrics> {
  const config = await testbedCampaign('em', name, { iterations: ITERATIONS, seed, warmStart: 'balanced' });
  const result = await stack.run({ ...config, failures: { infrastructure: 0.2, partTimeoutMinutes: 10 } });
  expect(result).toMatchObject({ status: 'completed', state: { iterationsDone: ITERATIONS } });
  const head = result.state?.head;
  const measured = stack.facts.findLast(
    (fact) => fact.kind === 'evaluation' && fact.status === 'completed' && fact.checkpoint === head,
  );
  if (measured?.kind !== 'evaluation' || measured.metrics === undefined) throw new Error(`${name} was not measured`);
  return measured.metrics;
}

const countOf = (name: string, campaignId: string): number =>
  stack.facts.reduce(
    (sum, fact) => (fact.kind === 'shard' && fact.campaignId === campaignId ? sum + (fact.counts[name] ?? 0) : sum),
    0,
  );

test.each(SEEDS)('seed %i learns the same decision with failures as without', { timeout: 2_400_000 }, async (seed) => {
  disturbed = false;
  const calm = await learn(`calm-${seed}`, seed);
  disturbed = true;
  executions = 0;
  awayUntil = 0;
  const stormy = await learn(`stormy-${seed}`, seed);

  const codeRollouts = 128 * 4 * ITERATIONS;
  const lostInSandbox = countOf('failed.code.sandbox', `stormy-${seed}`);
  // Nearly all code rollouts run a snippet; what the outage took came back.
  expect(lostInSandbox / codeRollouts).toBeGreaterThan(0.06);
  expect(lostInSandbox / codeRollouts).toBeLessThan(0.13);
  expect(countOf('failed.cot.sandbox', `stormy-${seed}`)).toBe(0);
  for (const arm of ['cot', 'code']) expect(countOf(`failed.${arm}.grader`, `stormy-${seed}`)).toBeGreaterThan(0);
  expect(awayUntil).toBeGreaterThan(0);

  const figures = ({ accuracy, codeRate, priorCode, selectionAccuracy }: EvaluationMetrics) => ({
    auto: accuracy.auto?.value ?? Number.NaN,
    codeRate: codeRate?.value ?? Number.NaN,
    priorCode: priorCode?.value ?? Number.NaN,
    selection: selectionAccuracy.sampled?.value ?? Number.NaN,
  });
  const [left, right] = [figures(calm), figures(stormy)];
  process.stdout.write(`seed ${seed} undisturbed ${JSON.stringify(left)} disturbed ${JSON.stringify(right)}\n`);
  expect(Math.abs(left.codeRate - right.codeRate)).toBeLessThan(NOISE);
  expect(Math.abs(left.priorCode - right.priorCode)).toBeLessThan(NOISE);
  expect(Math.abs(left.auto - right.auto)).toBeLessThan(NOISE);
  expect(right.selection).toBeGreaterThan(left.selection - NOISE);
});
