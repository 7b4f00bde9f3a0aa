/** `whencode demo`: the main job on a stack of its own, from nothing to the comparison of EM and RL. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { type Command, Option } from 'commander';
import { ask, type Client } from '../api/client.ts';
import { readEnvironment } from '../config/environment.ts';
import { ChaosFailure, type DemoChaos, startDemoChaos } from '../demo/chaos.ts';
import { DemoFailure } from '../demo/failure.ts';
import { createProgressLine } from '../demo/progress-line.ts';
import { runDemo } from '../demo/run.ts';
import { demoTable } from '../demo/table.ts';
import { HomeInUse } from '../process/home-lock.ts';
import { type Stack, startStack } from '../workers/stack.ts';
import { homeOf } from './context.ts';
import { showDecisions } from './demo-ending.ts';
import { CommandFailure, UsageError } from './exit.ts';
import { parseCount, parseIndex } from './options.ts';
import { print } from './terminal.ts';
import { waitForClient } from './wait-for-client.ts';

const START_LIMIT_MS = 120_000;
/** Of `--chaos`. */
const KILLS = 10;

interface DemoFlags {
  readonly json?: string;
  readonly keep?: boolean;
  readonly stop?: boolean;
  readonly seed: number;
  readonly iterations: number;
  readonly warmStart: 'skewed' | 'balanced';
  readonly rl: boolean;
  /** Absent without the flag, true without a number. */
  readonly chaos?: number | true;
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('Watch a tiny model learn when to write code: EM, then plain RL at the same budget')
    .option('--json <file>', 'write the result as JSON')
    .option('--keep', 'keep the stack running afterwards, until Ctrl-C')
    .option('--stop', 'stop the stack afterwards without asking')
    .option('--seed <number>', 'of warm start and campaign', parseIndex, 1)
    .option('--iterations <number>', 'EM iterations', parseCount, 4)
    .addOption(
      new Option('--warm-start <name>', 'skewed hardly ever writes code')
        .choices(['skewed', 'balanced'])
        .default('skewed'),
    )
    .option('--no-rl', 'leave the comparison out')
    .option(
      '--chaos [kills]',
      'kill parts of the stack in the middle of their work, 10 times or as often as said',
      parseCount,
    )
    .action(async (flags: DemoFlags, command: Command) => {
      const { seed, iterations, warmStart, chaos: asked = 0 } = flags;
      const options = { seed, iterations, warmStart };
      const kills = asked === true ? KILLS : asked;
      const home = resolve(homeOf(command));
      const { client, stack } = await openStack(home);
      if (kills > 0 && stack === undefined)
        throw new UsageError(
          `--chaos kills parts of its own stack only, and one runs on ${home} already; name another --home`,
        );
      const stopNow = (): void => {
        print('\nstopping; the campaign goes on where it was with `whencode up`');
        void (stack?.stop() ?? Promise.resolve()).finally(() => process.exit(130));
      };
      process.once('SIGINT', stopNow);
      let chaos: DemoChaos | undefined;
      try {
        print(`live page (opens once): ${(await ask(client.api.links.$post())).url}`);
        const name = `demo-${new Date()
          .toISOString()
          .slice(2, 19)
          .replace(/[^0-9]/g, '')}`;
        const progress = createProgressLine(process.stdout);
        if (kills > 0) chaos = startDemoChaos({ home, kills, seed: options.seed, say: progress.end });
        const result = await runDemo({ client, name, options, withRl: flags.rl, progress });
        print(`\n${demoTable(result)}\n`);
        if (result.checkpoint !== undefined) print(`em ended at checkpoint ${result.checkpoint}`);
        if (chaos !== undefined) print(`\n${await chaos.stop()}\n`);
        if (result.checkpoint !== undefined) await showDecisions(client.api, home, result.campaign);
        if (flags.json !== undefined) {
          await writeFile(flags.json, `${JSON.stringify(result, null, 2)}\n`);
          print(`result written to ${flags.json}`);
        }
        if (stack !== undefined && (await wantsToKeep(flags))) {
          print(`live page (opens once): ${(await ask(client.api.links.$post())).url}\nCtrl-C stops the stack`);
          await new Promise(() => undefined);
        }
      } catch (error) {
        throw error instanceof DemoFailure || error instanceof ChaosFailure ? new CommandFailure(error.message) : error;
      } finally {
        process.off('SIGINT', stopNow);
        // Also of a demo that failed: nothing is killed while the stack ends.
        await chaos?.stop().catch(() => undefined);
        await stack?.stop();
      }
    });
}

/** A stack that runs on the home folder already is used and left running. */
async function openStack(home: string): Promise<{ client: Client; stack?: Stack }> {
  try {
    const environment = readEnvironment();
    const { temporal, payloadKeyFile } = environment;
    const stack = await startStack({ home, temporal, payloadKeyFile, places: environment, onNote: print });
    return { stack, client: await waitForClient(home, START_LIMIT_MS) };
  } catch (error) {
    if (error instanceof HomeInUse) return { client: await waitForClient(home, START_LIMIT_MS) };
    throw error;
  }
}

async function wantsToKeep(flags: DemoFlags): Promise<boolean> {
  if (flags.keep === true) return true;
  if (flags.stop === true || !process.stdin.isTTY) return false;
  const ask = createInterface({ input: process.stdin, output: process.stdout });
  const reply = await ask.question('keep the stack running, to look around the live page? [y/N] ');
  ask.close();
  return /^y/i.test(reply);
}
