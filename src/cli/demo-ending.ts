/** The end of the demo: the trained model solves a problem that needs code, and one that needs none. */
import type { ApiClient } from '../api/client.ts';
import { readEnvironment } from '../config/environment.ts';
import { generateTestbed } from '../datasets/testbed/generate.ts';
import { openHomeStore } from '../process/home-store.ts';
import { findCheckpointModel, withSolver } from './open-solver.ts';
import { solveAndShow } from './solve.ts';
import { print } from './terminal.ts';

/** Enough held-out problems that both kinds are among them. */
const LOOKED_AT = 40;

/** @param campaign - Its head solves the problems */
export async function showDecisions(api: ApiClient, home: string, campaign: string): Promise<void> {
  const model = await findCheckpointModel(api, await openHomeStore(home, readEnvironment()), campaign);
  const problems = generateTestbed({ split: 'held-out', count: LOOKED_AT, seed: 1 });
  const shown = (['code', 'cot'] as const).flatMap((arm) => problems.find(({ favoured }) => favoured === arm) ?? []);
  print('\nThe model now, on two problems that it was not trained on:\n');
  await withSolver(model, { temperature: 0, threads: 1 }, async (parts) => {
    for (const { problem, answer } of shown) {
      print(problem);
      await solveAndShow(parts, model, { problem, arms: ['auto'], seed: '0', gold: answer }, true);
    }
  });
  const [first] = shown;
  if (first !== undefined)
    print(
      `While a stack runs: whencode solve --checkpoint ${campaign} ${JSON.stringify(first.problem)} --arms auto,cot,code`,
    );
}
