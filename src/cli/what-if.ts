/** `whencode iteration what-if`: what other settings would have made of an iteration's rollouts. */

import type { Command } from 'commander';
import { ask, inPath } from '../api/client.ts';
import { formatCount, formatMetric } from '../formats/for-people.ts';
import type { DecisionPair } from '../methods/prior.ts';
import type { ProblemOutcome, RolloutChange, WhatIfReport } from '../methods/what-if.ts';
import { clientCommand } from './client-command.ts';
import { UsageError } from './exit.ts';
import { resolveIteration } from './iteration-reference.ts';
import { type JsonOption, parseIndex } from './options.ts';
import { SET_OPTION, type SetOption, settingsBody } from './settings-option.ts';
import { renderTable } from './table.ts';

type Options = SetOption & JsonOption & { readonly limit?: number };

const LISTED = 10;
const LISTED_AS_JSON = 1000;

export function addWhatIfCommand(iteration: Command): void {
  clientCommand(
    iteration
      .command('what-if')
      .description(
        'compute grades, Q, the reference strategy and curation of a stored iteration under other settings; nothing is changed',
      )
      .argument('<campaign>')
      .argument('[iteration]', 'its number; also CAMPAIGN/N in one, or N alone for the newest campaign')
      .option(...SET_OPTION)
      .option(
        '--limit <n>',
        `problems and rollouts listed; default ${LISTED}, with --json ${LISTED_AS_JSON}`,
        parseIndex,
      ),
    async (first: string, second: string | undefined, options: Options) => {
      const { set, limit = options.json === true ? LISTED_AS_JSON : LISTED } = options;
      if (set === undefined)
        throw new UsageError('say what would be otherwise, e.g. --set alpha=4 --set strategy=paper --set k=4');
      const { resolveWhatIfSetting } = await import('../replay/what-if-settings.ts');
      const settings = await settingsBody(set, resolveWhatIfSetting);
      return async (api) => {
        const at = await resolveIteration(api, first, second);
        const json = await ask(
          api.iterations[':campaign'][':iteration']['what-if'].$post({
            param: inPath({ ...at }),
            json: { settings, limit },
          }),
        );
        return { json, text: renderWhatIf(`${at.campaign}/${at.iteration} with ${set.join(', ')}`, json) };
      };
    },
  );
}

function renderWhatIf(title: string, report: WhatIfReport): string {
  const { before, after, changed, meanTargetChange, problems, rollouts } = report;
  const names = Object.keys({ ...before, ...after }) as (keyof typeof before)[];
  const parts = [
    `${title}: ${formatCount(changed.problems)} problems and ${formatCount(changed.rollouts)} rollouts change`,
    renderTable(
      ['', 'stored', 'what if'],
      names.map((name) => [name, formatCount(before[name] ?? 0), formatCount(after[name] ?? 0)]),
    ),
    [
      `grades changed ${formatCount(changed.grades)}, estimates ${formatCount(changed.estimates)}, targets ${formatCount(changed.targets)}`,
      `preferred arm changed ${formatCount(changed.preferredArms)}; mean change of s*(code) ${formatMetric(meanTargetChange)}`,
    ].join('\n'),
  ];
  if (problems.length > 0)
    parts.push(
      listed(
        renderTable(
          ['problem', 'Q (cot, code)', 's*(code)', 'kept', 'what if: Q', 's*(code)', 'kept'],
          problems.map(({ problemId, before: was, after: is }) => [problemId, ...cells(was), ...cells(is)]),
        ),
        problems.length,
        changed.problems,
      ),
    );
  if (rollouts.length > 0)
    parts.push(
      listed(
        renderTable(['rollout', 'grade', 'advantage', 'what if'], rollouts.map(rolloutCells)),
        rollouts.length,
        changed.rollouts,
      ),
    );
  return parts.join('\n\n');
}

function cells(outcome: ProblemOutcome | undefined): string[] {
  if (outcome === undefined) return ['–', '–', '–'];
  return [pair(outcome.estimates), outcome.target === undefined ? '–' : share(outcome.target[1]), `${outcome.kept}`];
}

const share = (value: number): string => value.toFixed(3);
const pair = (value: DecisionPair | undefined): string =>
  value === undefined ? '–' : `${value[0].toFixed(2)} ${value[1].toFixed(2)}`;

function rolloutCells({
  rolloutId,
  gradeBefore,
  gradeAfter,
  advantageBefore,
  advantageAfter,
}: RolloutChange): string[] {
  const grade = gradeBefore === undefined ? '' : `${gradeBefore} → ${gradeAfter}`;
  const advantage = (value: number | undefined): string => (value === undefined ? '–' : value.toFixed(2));
  return [rolloutId, grade, advantage(advantageBefore), advantage(advantageAfter)];
}

const listed = (table: string, shown: number, all: number): string =>
  shown < all ? `${table}\n… ${formatCount(all - shown)} more; --limit shows them` : table;
