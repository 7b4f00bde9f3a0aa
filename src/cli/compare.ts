/** `whencode compare A B …`: settings that differ, figures at equal rollouts, and paired differences. */
import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { type Block, type Cell, comparisonBlocks } from '../reports/blocks.ts';
import { type Report, suitesOf } from '../reports/report.ts';
import { clientCommand } from './client-command.ts';
import { UsageError } from './exit.ts';
import { renderTable } from './table.ts';

export function addCompareCommand(program: Command): void {
  clientCommand(
    program
      .command('compare')
      .description('campaigns side by side: settings that differ, curves at equal rollouts, paired differences')
      .argument('<campaign...>', "two names or more; '*' stands for any characters. Others are compared with the first")
      .option('--suite <name>', 'only this suite'),
    (campaigns: string[], { suite }: { suite?: string }) =>
      async (api) => {
        const report: Report = await ask(api.reports.$get({ query: { campaigns: campaigns.join(',') } }));
        const known = suitesOf(report);
        if (suite !== undefined && !known.includes(suite))
          throw new UsageError(
            `none of them was measured on "${suite}"; they were on ${known.join(', ') || 'nothing yet'}`,
          );
        return { json: report, text: renderComparison(report, suite) };
      },
  );
}

/** The sections of a report that compare, as text. */
export function renderComparison(report: Report, suite?: string): string {
  const [first, ...others] = report.groups;
  const blocks = comparisonBlocks(report, suite).map(renderBlock);
  if (others.length > 0) return blocks.join('\n\n');
  const ids = (first?.campaigns ?? []).map(({ id }) => id);
  const why =
    ids.length < 2
      ? 'There is one campaign to compare; name another one.'
      : `These campaigns differ in name and seeds alone, so they are one group; \`whencode eval compare ${ids.slice(0, 2).join(' ')}\` has them iteration by iteration.`;
  return [...blocks, why].join('\n\n');
}

function renderBlock(block: Block): string {
  switch (block.kind) {
    case 'heading':
      return block.text;
    case 'paragraph':
    case 'command':
    case 'folded':
      return block.text;
    case 'chart':
      return block.chart.title;
    case 'table':
      return renderTable(
        block.head,
        block.rows.map(({ cells }) => cells.map(textOf)),
      );
  }
}

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.map(({ text }) => text).join(''));
