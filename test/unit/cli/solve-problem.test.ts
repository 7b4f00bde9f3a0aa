import { expect, it, vi } from 'vitest';
import { solveAndShow } from '../../../src/cli/solve.ts';
import { decide, type SolverParts, solveProblem } from '../../../src/cli/solve-problem.ts';
import { TEMPLATES } from '../../../src/rollout/template.ts';
import { characterTokenizer, createSimulatedParts } from '../../support/simulated-parts.ts';

const LIMITS = { cpuMs: 1000, wallMs: 1000, memoryBytes: 1e8, outputBytes: 1e4 };
const PROBLEM = 'What is 30+12?';

async function open(change: Partial<ReturnType<typeof createSimulatedParts>> = {}) {
  const simulated = Object.assign(createSimulatedParts(), change);
  const sampler = await simulated.openSampler();
  const parts: SolverParts = {
    rules: {
      template: TEMPLATES.testbed,
      tokenizer: characterTokenizer,
      maxNewTokens: 64,
      maxTurns: 2,
      temperature: 0,
      maxContextTokens: 512,
    },
    sampler,
    sandbox: () => simulated.sandboxFor(LIMITS),
    showValue: false,
  };
  return { simulated, parts };
}

it('runs the code of a solution and reads the answer behind its output', async () => {
  const { parts, simulated } = await open();
  const solution = await solveProblem(parts, { problem: PROBLEM, arm: 'code', seed: '0' });
  expect(solution).toMatchObject({ arm: 'code', answer: '42', end: 'completed' });
  expect(solution.segments.map(({ by }) => by)).toEqual(['prefix', 'model', 'tool', 'model']);
  expect(solution.blocks.map(({ code, result }) => [code, result?.stdout.trim()])).toEqual([['print(30+12)', '42']]);
  expect(simulated.done.executions).toBe(1);
});

it('opens no sandbox for a solution without code', async () => {
  const { parts } = await open({ headShare: 1 });
  const sandbox = vi.fn(parts.sandbox);
  const solution = await solveProblem({ ...parts, sandbox }, { problem: PROBLEM, arm: 'cot', seed: '0' });
  expect(solution).toMatchObject({ answer: '42', blocks: [] });
  expect(sandbox).not.toHaveBeenCalled();
});

it('says how likely each prefix is, and that there is no π(code) where the model begins with neither', async () => {
  const { parts } = await open();
  // Each of the characters of <|cot|> and <|code|> has the log-prob -0.5.
  const [cot, code] = [Math.exp(-3.5), Math.exp(-4)];
  const decision = await decide(parts, PROBLEM);
  expect(decision.prefixMass).toBeCloseTo(cot + code, 10);
  expect(decision.probabilityCode).toBeCloseTo(code / (cot + code), 10);
  const unlikely: SolverParts = {
    ...parts,
    sampler: { ...parts.sampler, score: async (requests) => requests.map(({ id }) => ({ id, logProbs: [-20] })) },
  };
  expect((await decide(unlikely, PROBLEM)).probabilityCode).toBeUndefined();
});

it('fails with the cause where the sandbox is down', async () => {
  const { parts } = await open({ isSandboxDown: true });
  await expect(solveProblem(parts, { problem: PROBLEM, arm: 'code', seed: '0' })).rejects.toThrow(
    'the sandbox could not run the code: the engine is switched off',
  );
});

it('prints what is written as it comes, what the code answered, and a line of what came of it', async () => {
  const { parts } = await open();
  let printed = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
  const watched: SolverParts = {
    ...parts,
    sampler: {
      ...parts.sampler,
      generate: async (requests, options) => {
        const generations = await parts.sampler.generate(requests, options);
        for (const { id, tokenIds } of generations) options?.onTokens?.(id, tokenIds);
        return generations;
      },
    },
  };
  const settings = { grading: undefined } as never;
  const asked = { problem: PROBLEM, arms: ['code'], seed: '0', gold: '42' } as const;
  const solved = await solveAndShow(watched, { directory: '.', settings }, asked, true);
  stdout.mockRestore();
  expect(solved.solutions[0]?.verdict).toBe('correct');
  expect(printed).toContain('<|code|>print(30+12)<|run|>\n');
  expect(printed).toContain('42<|out|>\n');
  expect(printed).toMatch(/π\(code\) 37\.8 % · ran 1 code block · answer 42 · correct · \d+ tokens\n/);
});
