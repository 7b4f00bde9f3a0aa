/** The model card of an exported checkpoint: what it is, how to ask it, how it was trained, what was measured. */
import { basename } from 'node:path';
import { stringify } from 'yaml';
import type { CampaignConfig } from '../config/campaign.ts';
import type { CheckpointView, EvaluationView } from '../db/views.ts';
import { formatMeasure, shortDigest } from '../formats/for-people.ts';
import { TESTBED } from '../models/model-source.ts';
import type { RolloutTemplate } from '../rollout/template.ts';
import { metricsIn } from '../scoring/metrics.ts';

/** A checkpoint, and the one that it was trained from. */
export interface Lineage {
  readonly digest: string;
  readonly campaign: string;
  /** 0 is the warm start. */
  readonly iteration: number;
  readonly madeAt: string;
  /** Of the first checkpoint of a fork, e.g. `math/3`. */
  readonly forkedFrom?: string;
}

/** The checkpoint first, then its ancestors, over forks. */
export function lineageOf(checkpoints: readonly CheckpointView[], from: CheckpointView): Lineage[] {
  const found: CheckpointView[] = [];
  const before = ({ digest, campaignId, forkedFrom, parent }: CheckpointView): CheckpointView | undefined => {
    const others = checkpoints.filter((item) => !found.includes(item));
    // The first of a fork is the same checkpoint in the other campaign.
    const origin = forkedFrom?.split('/')[0];
    if (origin !== undefined) return others.find((item) => item.digest === digest && item.campaignId === origin);
    const parents = others.filter((item) => item.digest === parent);
    return parents.find((item) => item.campaignId === campaignId) ?? parents[0];
  };
  for (let at: CheckpointView | undefined = from; at !== undefined; at = before(at)) found.push(at);
  return found.map(({ digest, campaignId, iteration, createdAt, forkedFrom }) => ({
    digest,
    campaign: campaignId,
    iteration,
    madeAt: createdAt,
    ...(forkedFrom === undefined ? {} : { forkedFrom }),
  }));
}

export interface CardFacts {
  readonly digest: string;
  readonly config: CampaignConfig;
  readonly template: RolloutTemplate;
  readonly lineage: readonly Lineage[];
  readonly evaluations: readonly EvaluationView[];
}

export function modelCard({ digest, config, template, lineage, evaluations }: CardFacts): string {
  const [own] = lineage;
  const name = own === undefined ? config.name : `${own.campaign}/${own.iteration}`;
  const base = config.model === TESTBED ? undefined : basename(config.model);
  const front = {
    library_name: 'transformers',
    pipeline_tag: 'text-generation',
    tags: ['math', 'code', 'whencode', config.method],
  };
  return `---
${stringify(front).trimEnd()}
---

# ${name}

A language model for mathematics that decides by itself whether to write code. It was trained by Whencode
([AutoCode, arXiv 2502.00691](https://arxiv.org/abs/2502.00691)) from ${base === undefined ? 'scratch, on generated problems' : `\`${base}\``}, with the method \`${config.method}\`. Checkpoint \`${digest}\`.

## How to ask it

${howToAsk(template)}

A solution with code begins with \`${oneLine(template.prefixes.code)}\`, one without with \`${oneLine(template.prefixes.cot)}\`. Stop at \`${oneLine(template.codeClose)}\`,
run the block, append its output between \`${oneLine(template.toolOpen)}\` and \`${oneLine(template.toolClose)}\`, and let the model go on.
Run its code in a sandbox only. \`whencode solve --model FOLDER "…"\` does all of this.

## Measured

${evaluationTable(evaluations)}

## Where it comes from

| checkpoint | campaign | iteration | made |
|---|---|---|---|
${lineage.map((item) => `| ${shortDigest(item.digest)} | ${item.campaign}${item.forkedFrom === undefined ? '' : `, forked from ${item.forkedFrom}`} | ${item.iteration} | ${item.madeAt} |`).join('\n')}

## Settings

\`whencode.json\` has all settings, the lineage and the figures for programs.

\`\`\`yaml
${stringify(recipeOf(config)).trimEnd()}
\`\`\`
`;
}

function howToAsk({ prompt }: RolloutTemplate): string {
  const around = `${JSON.stringify(prompt.before)} + problem + ${JSON.stringify(prompt.after)}`;
  if (prompt.kind === 'text') return `The prompt is ${around}; \`chat_template.jinja\` makes it of the last message.`;
  const system = prompt.system === undefined ? '' : `, after the system message ${JSON.stringify(prompt.system)}`;
  return `By the model's chat template, with ${around} as the user's message${system}.`;
}

const MEASURED = metricsIn('evaluations');

function evaluationTable(evaluations: readonly EvaluationView[]): string {
  if (evaluations.length === 0) return 'Nothing was measured with this checkpoint.';
  const head = ['suite', ...MEASURED.map(({ label }) => label)];
  const rows = evaluations.map(({ suite, metrics }) => [
    suite,
    ...MEASURED.map(({ pick }) => formatMeasure(metrics === undefined ? undefined : pick(metrics))),
  ]);
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  return `${table}\n\nIntervals of 95 % over the problems. *auto* is what a user gets; *cot* and *code* have the decision forced.`;
}

/** What people ask first; the paths of a machine are left out. */
function recipeOf({ method, iterations, seed, problemsPerIteration, sampling, strategy, train, sft }: CampaignConfig) {
  const warmUp =
    sft === undefined
      ? {}
      : { sft: { ...sft, demonstrations: typeof sft.demonstrations === 'string' ? sft.demonstrations : 'traces' } };
  return { method, iterations, seed, problemsPerIteration, sampling, strategy, train, ...warmUp };
}

/** In quotes, so that an empty mark and a line break show; fences would end the code of Markdown. */
const oneLine = (text: string): string => JSON.stringify(text).replace(/`/g, "'");
