/** `whencode solve`: asks a model one problem, as a campaign asks it, and runs the code that it writes. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { readEnvironment } from '../config/environment.ts';
import { graderFor } from '../grader/grader-for.ts';
import { openHomeStore } from '../process/home-store.ts';
import { TEMPLATE_NAMES } from '../rollout/template.ts';
import { ARMS, type Arm, type TextSegment } from '../rollout/types.ts';
import { answer, apiOf, homeOf } from './context.ts';
import { UsageError } from './exit.ts';
import { COMPUTE_OPTION, SERVER_OPTION, THREADS_OPTION } from './open-sampler.ts';
import {
  conventionsOf,
  findCheckpointModel,
  findFolderModel,
  type SolverChoices,
  type SolverModel,
  withSolver,
} from './open-solver.ts';
import { JSON_OPTION, type JsonOption, listOf, parseCount, temperature } from './options.ts';
import { TokenStream } from './print-samples.ts';
import { readInput } from './read-input.ts';
import { type Decision, decide, type Solution, type SolverParts, solveProblem } from './solve-problem.ts';
import { print, write } from './terminal.ts';

interface SolveOptions extends JsonOption, SolverChoices {
  readonly checkpoint?: string;
  readonly model?: string;
  readonly arms: readonly Arm[];
  readonly gold?: string;
  readonly seed: string;
}

export function addSolveCommand(program: Command): void {
  program
    .command('solve')
    .description(
      'let a model solve a problem: the text as it comes, its code run in the sandbox, π(code) and the answer',
    )
    .argument('<problem>', 'the text; `-` reads standard input')
    .option('--checkpoint <ref>', '<campaign> (its head), <campaign>/<iteration>, a digest or its first digits')
    .option('--model <folder>', 'instead of a checkpoint; no stack has to run')
    .option('--arms <list>', 'of auto,cot,code: without a prefix, or each prefix forced', listOf('arm', ARMS), ['auto'])
    .option('--gold <answer>', 'grade the answer against this one')
    .option('--temperature <t>', '0 = greedy', temperature(10), 0)
    .option('--seed <text>', 'of the draws at a temperature above 0', '0')
    .addOption(
      new Option('--template <name>', 'default: the campaign’s, else by the model’s files').choices(TEMPLATE_NAMES),
    )
    .option('--max-new-tokens <n>', 'that the model may write', parseCount)
    .option('--max-turns <n>', 'code blocks that may run, plus one', parseCount)
    .option(...THREADS_OPTION)
    .addOption(COMPUTE_OPTION())
    .addOption(SERVER_OPTION())
    .option(...JSON_OPTION)
    .action(runSolve);
}

async function runSolve(given: string, options: SolveOptions, command: Command): Promise<void> {
  const problem = given === '-' ? (await readInput('-')).trim() : given;
  if (problem.trim() === '') throw new UsageError('the problem is empty');
  const { checkpoint, model: folder, arms, gold, seed, json, ...choices } = options;
  if ((checkpoint === undefined) === (folder === undefined))
    throw new UsageError('say who solves it: --checkpoint <campaign/iteration or digest>, or --model <folder>');
  const model =
    checkpoint === undefined
      ? await findFolderModel(resolve(folder ?? '.'), choices.template)
      : await findCheckpointModel(await apiOf(command), await storeOf(command), checkpoint);
  const asked = { problem, arms, seed, gold };
  await withSolver(model, choices, async (parts) => {
    const solved = await solveAndShow(parts, model, asked, json !== true);
    if (json === true) answer({ json }, solved, () => '');
  });
}

const storeOf = (command: Command) => openHomeStore(homeOf(command), readEnvironment());

interface Asked {
  readonly problem: string;
  readonly arms: readonly Arm[];
  readonly seed: string;
  readonly gold?: string | undefined;
}

interface GradedSolution extends Solution {
  readonly verdict?: string | undefined;
}

interface Solved extends Decision {
  readonly problem: string;
  readonly solutions: readonly GradedSolution[];
}

/** Solves a problem in each arm; prints what is written as it comes if `isShown`, and what came of it. */
export async function solveAndShow(
  parts: SolverParts,
  model: SolverModel,
  { problem, arms, seed, gold }: Asked,
  isShown: boolean,
): Promise<Solved> {
  const decision = await decide(parts, problem);
  const solutions: GradedSolution[] = [];
  for (const arm of arms) {
    if (isShown && arms.length > 1) print(`── ${arm === 'auto' ? 'auto' : `${arm} (forced)`}`);
    const watch = isShown ? createPrinter(parts) : undefined;
    const solution = await solveProblem(parts, { problem, arm, seed }, watch);
    watch?.end();
    const verdict = gold === undefined ? undefined : graderFor(gold, conventionsOf(model))(solution.response).verdict;
    solutions.push({ ...solution, verdict });
    if (isShown) print(`${describe(decision, solution, verdict)}\n`);
  }
  return { problem, ...decision, solutions };
}

/** `π(code) 97 %, ran code · answer 42 · correct · 57 tokens` */
function describe({ probabilityCode }: Decision, solution: Solution, verdict: string | undefined): string {
  const { blocks, answer: found, end, endReason, modelTokens } = solution;
  const runs = blocks.filter(({ result }) => result !== undefined).length;
  const decision =
    probabilityCode === undefined
      ? 'the model begins with neither prefix, so there is no π(code)'
      : `π(code) ${(100 * probabilityCode).toFixed(1)} %`;
  const code = runs === 0 ? 'ran no code' : `ran ${runs} code block${runs === 1 ? '' : 's'}`;
  return [
    decision,
    code,
    found === undefined ? 'no answer' : `answer ${found}`,
    ...(verdict === undefined ? [] : [verdict]),
    ...(end === 'completed' ? [] : [`${end} (${endReason})`]),
    `${modelTokens} tokens`,
  ].join(' · ');
}

/** Writes what the model writes as it comes, and behind it what its code answered. */
function createPrinter({ rules: { tokenizer } }: SolverParts) {
  let turn: TokenStream | undefined;
  const end = (): void => {
    turn?.end();
    turn = undefined;
  };
  return {
    onTokens: (ids: readonly number[]): void => {
      turn ??= new TokenStream(tokenizer, write);
      turn.push(ids);
    },
    onText: ({ by, text }: TextSegment): void => {
      end();
      write(by === 'prefix' ? text : `${text.replace(/^\n/, '').replace(/\n$/, '')}\n`);
    },
    end,
  };
}
