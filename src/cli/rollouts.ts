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
import { clientCommand } from './client-command.ts';
import { apiOf } from './context.ts';
import { GRADE_OPTION } from './grade-options.ts';
import { resolveIteration } from './iteration-reference.ts';
import { type JsonOption, parseCount, parseIndex } from './options.ts';
import { renderTable } from './table.ts';
import { forStream, print } from './terminal.ts';

type Filters = Omit<RolloutFilter, 'campaign' | 'offset' | 'limit'>;

const PAGE = 500;

export function addRolloutsCommand(program: Command): void {
  const rollouts = program.command('rollouts').description('read, export and regrade rollouts');

  clientCommand(
    withFilters(rollouts.command('show'))
      .description('rollouts of an iteration with text, code, tool output and grade')
      .argument('<campaign>')
      .option('--limit <n>', 'at most this many', parseCount, 10)
      .option('--offset <n>', 'skip this many', parseIndex, 0),
    (campaign: string, { json: _, ...query }: Filters & JsonOption & { limit: number; offset: number }) =>
      async (api) => {
        const page = await ask(api.rollouts.$get({ query: { campaign, ...query } }));
        const count = `${page.rollouts.length} of ${page.total} rollouts of iteration ${page.iteration}`;
        return { json: page, text: [...page.rollouts.map(renderRollout), count].join('\n\n') };
      },
  );

  addRegradeCommand(rollouts);

  withFilters(rollouts.command('export'))
    .description('all matching rollouts as JSON lines')
    .argument('<campaign>')
    .option('--out <file>', 'file to write; default: standard output')
    .action(async (campaign: string, options: Filters & { out?: string }, command: Command) => {
      const { out, ...query } = options;
      const api = await apiOf(command);
      const target = out === undefined ? process.stdout : createWriteStream(out, { flags: 'wx' });
      let written = 0;
      for (let offset = 0; ; offset += PAGE) {
        const page = await ask(api.rollouts.$get({ query: { campaign, ...query, offset, limit: PAGE } }));
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
    });
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
    .option('--iteration <n>', 'default: the latest with rollouts', parseIndex)
    .addOption(new Option('--arm <arm>').choices(ARMS))
    .addOption(
      new Option('--grade <grade>', '`none`: not graded').choices(['correct', 'incorrect', 'undecided', 'none']),
    )
    .addOption(new Option('--end <end>').choices(['completed', 'truncated', 'violation', 'infrastructure']))
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
