/** `whencode iteration replay`: an iteration again from a stage on, compared with what is stored of it. */

import { type Command, Option } from 'commander';
import { type ApiClient, ask, inPath } from '../api/client.ts';
import { formatMetric } from '../formats/for-people.ts';
import { follow } from '../process/follow.ts';
import type { Deviation, Difference, ReplayReport, StepComparison } from '../protocol/replay-report.ts';
import { REPLAY_STAGES, type ReplayStage } from '../protocol/stages.ts';
import { askedBy, REQUEST_ID_OPTION, type RequestIdOption } from './asking.ts';
import { type Answer, clientCommand } from './client-command.ts';
import { CommandFailure } from './exit.ts';
import { type IterationReference, resolveIteration } from './iteration-reference.ts';
import { renderChange, SET_OPTION, type SetOption, settingsBody } from './settings-option.ts';
import { whileWaiting } from './while-waiting.ts';

type Options = RequestIdOption & SetOption & { readonly from: ReplayStage };

const ASK_AGAIN_MS = 300;

export function addReplayCommand(iteration: Command): void {
  clientCommand(
    iteration
      .command('replay')
      .description(
        'do an iteration again from a stage on and compare every step with what is stored of it; nothing of the campaign changes. Of a blocked iteration with --set: change the settings and retry',
      )
      .argument('<campaign>')
      .argument('[iteration]', 'its number; also CAMPAIGN/N in one, or N alone for the newest campaign')
      .addOption(
        new Option('--from <stage>', 'first stage that is done again').choices(REPLAY_STAGES).makeOptionMandatory(),
      )
      .option(...SET_OPTION)
      .option(...REQUEST_ID_OPTION),
    async (first: string, second: string | undefined, options: Options) => {
      const body = { ...askedBy(options), from: options.from, settings: await settingsBody(options.set) };
      return async (api) => {
        const at = await resolveIteration(api, first, second);
        const json = await ask(
          api.iterations[':campaign'][':iteration'].replay.$post({ param: inPath({ ...at }), json: body }),
        );
        if (json.kind !== 'retried') {
          const what = `the replay of ${at.campaign}/${at.iteration} runs`;
          return answerOf(await whileWaiting(what, followReplay(api, json.id)), at);
        }
        const settings = (options.set ?? []).join(', ');
        return { json, text: `${at.campaign} tries iteration ${at.iteration} again with ${settings}` };
      };
    },
  );
}

/** A replay with another result is a failure; what differs is printed before. */
function answerOf(report: ReplayReport, { campaign, iteration }: IterationReference): Answer {
  const answer = { json: report, text: renderReplay(report) };
  switch (report.verdict) {
    case 'different':
      return { ...answer, failure: `${campaign}/${iteration} is not what is stored of it` };
    case 'incomplete':
      return { ...answer, failure: 'a step could not be done again' };
    default:
      return answer;
  }
}

const followReplay = (api: ApiClient, id: string): Promise<ReplayReport> =>
  follow({
    ask: () => ask(api.replays[':id{.+}'].$get({ param: inPath({ id }) })),
    endOf: (state) => {
      if (state.status === 'failed') throw new CommandFailure(`the replay failed: ${state.reason}`);
      return state.status === 'completed' ? state.report : undefined;
    },
    pause: ASK_AGAIN_MS,
  });

/** A line a stage, then every step that is not identical, the first difference first. */
function renderReplay(report: ReplayReport): string {
  const { campaignId, iteration, from, stages, steps, verdict } = report;
  const lines = [`${campaignId}/${iteration}, done again from ${from} on:`];
  for (const { stage, counts } of stages)
    lines.push(
      `  ${stage.padEnd(8)} ${Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(', ')}`,
    );
  const others = steps.filter((step) => step.verdict !== 'identical');
  const first = others.find((step) => step.difference !== undefined);
  if (first !== undefined) lines.push(`first difference: ${renderStep(first)}`);
  for (const step of others) if (step !== first) lines.push(renderStep(step));
  lines.push(verdict === 'within-tolerance' ? 'within tolerance' : verdict);
  return lines.join('\n');
}

function renderStep({
  stage,
  step,
  verdict,
  difference,
  deviations = [],
  changed = [],
  reason,
}: StepComparison): string {
  const parts = [
    difference === undefined ? verdict : renderDifference(difference, 'stored', 'now'),
    ...(reason === undefined ? [] : [reason]),
    ...deviations.map(renderDeviation),
    ...(changed.length === 0 ? [] : [`not as it was: ${changed.map(renderChange).join(', ')}`]),
  ];
  return `${step === '' ? stage : `${stage}, ${step}`}: ${parts.join('; ')}`;
}

/** `rollout sum-3#code#1, completionIds[4] of tokens: stored 93, now 92 (the stored bytes are damaged)` */
export function renderDifference(difference: Difference, left: string, right: string): string {
  const { output, item, field, stored, now, isDamaged } = difference;
  const damage = isDamaged === true ? ' (the stored bytes were changed after they were written)' : '';
  return `${item === undefined ? '' : `${item}, `}${field} of ${output}: ${left} ${stored}, ${right} ${now}${damage}`;
}

const renderDeviation = ({ of, largest, allowed }: Deviation): string =>
  `${of} within ${formatMetric(largest)}, allowed ${formatMetric(allowed)}`;
