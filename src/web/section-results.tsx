/** Results: curves, the table of evaluations, and the time per stage. */
import type { TrainingAccuracy } from '../campaigns/training-curves.ts';
import type { CampaignDetail, EvaluationView, IterationView } from '../db/views.ts';
import { formatSeconds } from '../formats/for-people.ts';
import { STAGES } from '../protocol/stages.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { metricsIn } from '../scoring/metrics.ts';
import { campaignAddress, evaluationAddress, iterationAddress } from './addresses.ts';
import { Chart } from './chart.tsx';
import { chartData } from './chart-data.ts';
import { DigestText, Status } from './parts.tsx';
import { accuracyLines, linesOf, suitesOf } from './series.ts';
import { type Column, metricColumns, Table } from './table.tsx';

const columnsOf = (id: string): Column<EvaluationView>[] => [
  {
    head: 'Iteration',
    cell: ({ iteration }) =>
      iteration === undefined ? 'on demand' : <a href={iterationAddress(id, iteration)}>{iteration || 'start'}</a>,
  },
  {
    head: 'Suite',
    cell: ({ id, suite, status, reason, manifest }) => (
      <>
        {manifest === undefined ? suite : <a href={evaluationAddress(id)}>{suite}</a>}{' '}
        {status === 'completed' ? null : <Status status={status} />}
        {reason === undefined ? null : <small class="reason">{reason}</small>}
      </>
    ),
  },
  ...metricColumns<EvaluationView>(metricsIn('evaluations'), ({ metrics }) => metrics),
  { head: 'Checkpoint', cell: ({ checkpoint }) => <DigestText digest={checkpoint} /> },
];

const BY_ITERATION = { xName: 'iteration', unit: 'share' } as const;

/** `accuracy`: of the rollouts that the campaign is trained on. */
export function Curves({
  campaign,
  accuracy,
}: {
  readonly campaign: CampaignDetail;
  readonly accuracy: readonly TrainingAccuracy[];
}) {
  const suites = suitesOf(campaign);
  const [main, ...others] = suites;
  if (suites.length === 0 && accuracy.length === 0) return <p class="empty">{noCurves(campaign)}</p>;
  return (
    <>
      <p class="more">
        <a href={`${campaignAddress(campaign.id)}/curves`}>Every update of the trainings</a>
      </p>
      {main === undefined ? null : <SuiteCharts campaign={campaign} suite={main} />}
      {others.length === 0 ? null : (
        <details class="suites" data-key="suites">
          <summary>{`${others.length} more: ${others.join(', ')}`}</summary>
          {others.map((suite) => (
            <SuiteCharts campaign={campaign} suite={suite} />
          ))}
        </details>
      )}
      {accuracy.length === 0 ? null : (
        <div class="charts">
          <Chart
            id="accuracy-training"
            title="Accuracy of training rollouts"
            note="The reward by arm: right rollouts, mean over problems. Each iteration has other problems."
            data={chartData(accuracyLines(accuracy), BY_ITERATION)}
          />
        </div>
      )}
    </>
  );
}

function SuiteCharts({ campaign, suite }: { readonly campaign: CampaignDetail; readonly suite: string }) {
  return (
    <div class="charts">
      <Chart
        id={`accuracy-${suite}`}
        title={`Accuracy on ${suite}`}
        note="What a user gets (auto), and either arm forced. Bands are 95 % intervals."
        data={chartData(linesOf(campaign, suite, 'accuracy'), BY_ITERATION)}
      />
      <Chart
        id={`decision-${suite}`}
        title={`Decision on ${suite}`}
        note="Where the arms differ: how often the better one is taken, greedily and in probability."
        data={chartData(linesOf(campaign, suite, 'decision'), BY_ITERATION)}
      />
    </div>
  );
}

function noCurves({ status, config }: CampaignDetail): string {
  const configured = (config as { evaluations?: readonly unknown[] } | undefined)?.evaluations ?? [];
  if (configured.length === 0) return 'No evaluation is configured; `whencode eval start` measures any checkpoint.';
  return isOpenStatus(status)
    ? 'The first evaluation has not ended yet.'
    : 'The campaign ended before its first evaluation.';
}

export function Evaluations({ campaign }: { readonly campaign: CampaignDetail }) {
  if (campaign.evaluations.length === 0) return <p class="empty">Nothing has been measured yet.</p>;
  return <Table label="Evaluations" columns={columnsOf(campaign.id)} rows={campaign.evaluations} />;
}

/** One bar per iteration, divided into stages. */
export function StageTimes({ campaign }: { readonly campaign: CampaignDetail }) {
  const rows = campaign.iterations.filter((iteration) => iteration.stages.some((stage) => stage.seconds !== undefined));
  if (rows.length === 0) return <p class="empty">No stage has ended yet.</p>;
  const total = (iteration: IterationView) => iteration.stages.reduce((sum, stage) => sum + (stage.seconds ?? 0), 0);
  // The warm start is often far longer than an iteration and would flatten the rest.
  const longest = Math.max(...rows.filter((row) => row.iteration > 0 || rows.length === 1).map(total), 1e-3);
  const isStartLonger = rows.some((row) => row.iteration === 0 && total(row) > longest);
  return (
    <>
      <ul class="legend" aria-hidden="true">
        {STAGES.filter((stage) => rows.some((row) => row.stages.some((item) => item.stage === stage))).map((stage) => (
          <li class={`swatch swatch-${stage}`}>{stage}</li>
        ))}
      </ul>
      <table class="times">
        <thead>
          <tr>
            <th scope="col">Iteration</th>
            <th scope="col">
              <span class="axis">
                {[0, 0.25, 0.5, 0.75, 1].map((share) => (
                  <span>{share === 0 ? '0' : formatSeconds(share * longest)}</span>
                ))}
              </span>
            </th>
            <th scope="col" class="number">
              All stages
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr class={row.iteration === 0 && isStartLonger ? 'own-scale' : undefined}>
              <th scope="row">
                <a href={iterationAddress(campaign.id, row.iteration)}>{row.iteration || 'start'}</a>
              </th>
              <td>
                <StageBar iteration={row} longest={longest} />
              </td>
              <td class="number">{formatSeconds(total(row))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {isStartLonger ? <p class="note">The start is drawn to a scale of its own.</p> : null}
    </>
  );
}

function StageBar({ iteration, longest }: { readonly iteration: IterationView; readonly longest: number }) {
  const stages = STAGES.flatMap((name) =>
    iteration.stages.filter((stage) => stage.stage === name && stage.seconds !== undefined),
  );
  const total = stages.reduce((sum, stage) => sum + (stage.seconds ?? 0), 0);
  const scale = 1000 / Math.max(longest, total);
  let x = 0;
  return (
    <svg
      class="bar"
      viewBox="0 0 1000 16"
      preserveAspectRatio="none"
      role="img"
      aria-label={stages.map((stage) => `${stage.stage} ${formatSeconds(stage.seconds)}`).join(', ')}
    >
      {stages.map((stage) => {
        const width = (stage.seconds ?? 0) * scale;
        x += width;
        return (
          <rect class={`swatch-${stage.stage}`} x={(x - width).toFixed(1)} y="0" width={width.toFixed(1)} height="16">
            <title>{`${stage.stage}: ${formatSeconds(stage.seconds)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
