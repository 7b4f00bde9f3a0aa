/** `whencode rollouts …`: what the model wrote, what its code answered, and the verdict. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type Command, Option } from 'commander';
import { ask, inPath } from '../api/client.ts';
import type { RolloutView } from '../campaigns/read-rollouts.ts';
import type { RegradeReport } from '../campaigns/regrade.ts';
import type { RolloutFilter } from '../campaigns/rollout-filter.ts';
import type { GradeOptions } from '../grader/options.ts';
import { ARMS } from '../rollout/types.ts';
import { DECISIONS } from '../scoring/evaluated-problem.ts';
import { clientCommand } from './client-command.ts';
import { apiOf } from './context.ts';
import { GRADE_OPTION } from './grade-options.ts';
import { resolveIteration } from './iteration-reference.ts';
import { type JsonOption, parseCount, parseIndex } from './options.ts';
import { resolveRollouts } from './rollout-reference.ts';
import { renderTable } from './table.ts';
import { forStream, print } from './terminal.ts';

type Filters = Omit<RolloutFilter, 'campaign' | 'evaluation' | 'offset' | 'limit'>;

type ShowOptions = Filters & JsonOption & { limit: number; offset: number };

const PAGE = 500;

export function addRolloutsCommand(program: Command): void {
  const rollouts = program.command('rollouts').description('read, export and regrade rollouts');

  clientCommand(
    withFilters(rollouts.command('show'))
      .description('rollouts of an iteration or an evaluation with text, code, tool output and grade')
      .option('--limit <n>', 'at most this many', parseCount, 10)
      .option('--offset <n>', 'skip this many', parseIndex, 0),
    (first: string, second: string | undefined, { json: _, iteration, ...query }: ShowOptions) =>
      async (api) => {
        const of = await resolveRollouts(api, first, second, iteration);
        const page = await ask(api.rollouts.$get({ query: { ...of, ...query } }));
        const count = `${page.rollouts.length} of ${page.total} rollouts of ${page.evaluation ?? `iteration ${page.iteration}`}`;
        return { json: page, text: [...page.rollouts.map(renderRollout), count].join('\n\n') };
      },
  );

  addRegradeCommand(rollouts);

  withFilters(rollouts.command('export'))
    .description('all matching rollouts as JSON lines')
    .option('--out <file>', 'file to write; default: standard output')
    .action(
      async (first: string, second: string | undefined, options: Filters & { out?: string }, command: Command) => {
        const { out, iteration, ...query } = options;
        const api = await apiOf(command);
        const of = await resolveRollouts(api, first, second, iteration);
        const target = out === undefined ? process.stdout : createWriteStream(out, { flags: 'wx' });
        let written = 0;
        for (let offset = 0; ; offset += PAGE) {
          const page = await ask(api.rollouts.$get({ query: { ...of, ...query, offset, limit: PAGE } }));
          for (const rollout of page.rollouts) {
            if (!target.write(forStream(`${JSON.stringify(rollout)}\n`, target))) await once(target, 'drain');
          }
          written += page.rollouts.length;
          if (page.rollouts.length === 0 || written >= page.total) break;
        }
        if (out === undefined) return;
        target.end();
        await once(target, 'finish');
        print(`${written} rollouts are in ${out}`);
      },
    );
}

function addRegradeCommand(rollouts: Command): void {
  clientCommand(
    rollouts
      .command('regrade')
      .description(
        'grade the rollouts of an iteration with the present grader, or under other conventions, and list every verdict that flips; nothing is changed',
      )
      .argument('<campaign>')
      .argument('[iteration]', 'its number; also CAMPAIGN/N in one, or N alone for the newest campaign')
      .option(...GRADE_OPTION),
    (first: string, second: string | undefined, { set }: { set: Partial<GradeOptions> }) =>
      async (api) => {
        const { choices: _, ...grader } = set;
        const at = await resolveIteration(api, first, second);
        const json = await ask(
          api.rollouts[':campaign'][':iteration'].regrade.$post({ param: inPath({ ...at }), json: { grader } }),
        );
        return { json, text: renderRegrade(at.campaign, json) };
      },
  );
}

export function renderRegrade(campaign: string, { iteration, graded, flips }: RegradeReport): string {
  const summary = `${flips.length} of ${graded} grades of ${campaign}/${iteration} flip`;
  if (flips.length === 0) return summary;
  const rows = flips.map(({ rolloutId, gold, before, after }) => [
    rolloutId,
    gold.slice(0, 40),
    (after.answer ?? before.answer ?? '–').slice(0, 40),
    `${before.verdict} (${before.reason})`,
    `${after.verdict} (${after.reason})`,
  ]);
  return `${renderTable(['rollout', 'gold', 'answer', 'stored', 'now'], rows)}\n\n${summary}`;
}

function withFilters(command: Command): Command {
  return command
    .argument(
      '<campaign or evaluation>',
      'CAMPAIGN, CAMPAIGN/N, N of the newest campaign, or the id of an evaluation, eval/…',
    )
    .argument('[iteration]', 'its number')
    .option('--iteration <n>', 'default: the latest with rollouts', parseIndex)
    .addOption(new Option('--arm <arm>').choices(ARMS))
    .addOption(
      new Option('--grade <grade>', '`none`: not graded').choices(['correct', 'incorrect', 'undecided', 'none']),
    )
    .addOption(new Option('--end <end>').choices(['completed', 'truncated', 'violation', 'infrastructure']))
    .addOption(
      new Option('--decision <decision>', 'of an evaluation: where auto took the better arm, or the worse').choices(
        DECISIONS,
      ),
    )
    .option('--grep <text>', 'with this text in the problem, the solution or the output; case is ignored')
    .option('--problem <id>', 'of one problem');
}

function renderRollout(rollout: RolloutView): string {
  const verdict = rollout.grade === undefined ? 'not graded' : `${rollout.grade.verdict} (${rollout.grade.reason})`;
  const end = rollout.endReason === undefined ? rollout.state : `${rollout.state} (${rollout.endReason})`;
  const lines = [`── ${rollout.id} · ${end} · ${verdict} · ${rollout.modelTokens} tokens`];
  if (rollout.problem !== undefined) {
    lines.push(indent('problem', rollout.problem.problem), indent('gold', rollout.problem.answer));
  }
  for (const segment of rollout.texts.segments) lines.push(indent(segment.by, segment.text));
  return lines.join('\n');
}

function indent(name: string, text: string): string {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line, index) => `${(index === 0 ? name : '').padEnd(8)}${line}`)
    .join('\n');
}
