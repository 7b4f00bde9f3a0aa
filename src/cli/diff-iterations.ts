/** `whencode iteration diff A B`: in what two iterations differ, and where they first part. */

import type { Command } from 'commander';
import { ask } from '../api/client.ts';
import { formatMetric } from '../formats/for-people.ts';
import type { IterationDiff } from '../replay/diff-iterations.ts';
import { clientCommand } from './client-command.ts';
import { resolveIteration } from './iteration-reference.ts';
import { renderDifference } from './replay-iteration.ts';
import { renderChange } from './settings-option.ts';
import { renderTable } from './table.ts';

export function addDiffCommand(iteration: Command): void {
  clientCommand(
    iteration
      .command('diff')
      .description('settings, stages and metrics in which two iterations differ, and where they first part')
      .argument('<left>', 'CAMPAIGN/N, e.g. base/3')
      .argument('<right>', 'CAMPAIGN/N, e.g. fork/3'),
    (left: string, right: string) => async (api) => {
      const [ours, theirs] = [await resolveIteration(api, left), await resolveIteration(api, right)];
      const query = { left: `${ours.campaign}/${ours.iteration}`, right: `${theirs.campaign}/${theirs.iteration}` };
      const json = await ask(api.iterations.diff.$get({ query }));
      return { json, text: renderDiff(json) };
    },
  );
}

function renderDiff({ left, right, settings, stages, metrics, firstParting }: IterationDiff): string {
  const parts = [
    settings.length === 0
      ? 'settings: the same'
      : ['settings:', ...settings.map((change) => `  ${renderChange(change)}`)].join('\n'),
    renderTable(
      ['stage', `${left} and ${right}`],
      stages.map(({ stage, is }) => [stage, is === 'left' ? `only ${left}` : is === 'right' ? `only ${right}` : is]),
    ),
  ];
  if (metrics.length > 0)
    parts.push(
      renderTable(
        ['metric', left, right],
        metrics.map((metric) => [metric.name, formatOptional(metric.left), formatOptional(metric.right)]),
      ),
    );
  if (firstParting === undefined) return [...parts, 'all that both have is the same'].join('\n\n');
  const { stage, step, difference } = firstParting;
  const where = step === '' ? stage : `${stage}, ${step}`;
  return [...parts, `they first part in ${where}: ${renderDifference(difference, left, right)}`].join('\n\n');
}

const formatOptional = (value: number | undefined): string => (value === undefined ? '–' : formatMetric(value));
