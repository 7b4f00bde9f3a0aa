/** A bench file: models × prompts × suites, each cell an evaluation that joins an equal one. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type EvaluationAsked, evaluationRequest, evaluationSuite } from '../campaigns/evaluation-request.ts';
import { ConfigError } from '../config/config-error.ts';
import { absoluteSource } from '../config/problem-source.ts';
import { placeOf } from '../config/yaml-place.ts';
import { decodeText } from '../formats/decode-text.ts';
import { describeIssue } from '../formats/describe-issue.ts';
import { readJsonLines } from '../formats/json-lines.ts';
import { TEMPLATE_NAMES } from '../rollout/template.ts';
import { ARMS, type Arm } from '../rollout/types.ts';
import { chooseExemplars, EXEMPLAR_CHOICES } from './exemplars.ts';

const count = z.int().min(1);
const name = z.string().regex(/^[\w.+@-]{1,40}$/, 'letters, digits and . + @ - _');
const { samples, temperature, limit, seed, maxNewTokens, maxTurns, checkpoint, campaign } = evaluationRequest.shape;

const promptSchema = z.strictObject({
  before: z.string().optional().describe('Text before the problem; default: the template’s'),
  after: z.string().optional().describe('Text behind the problem; default: the template’s'),
  system: z.string().optional().describe('System message of a chat'),
  exemplars: z
    .strictObject({
      file: z.string().describe('JSON lines with `problem` and `solution`, relative to the bench file'),
      choose: z.enum(EXEMPLAR_CHOICES).default('first'),
      count: count.default(4),
    })
    .optional()
    .describe('Solved problems in front of the one that is asked'),
  arms: z.array(z.enum(ARMS)).min(1).optional().describe('Of this prompt; default: those of the bench'),
});

const modelSchema = z.strictObject({
  checkpoint: checkpoint.unwrap(),
  campaign,
  template: z.enum(TEMPLATE_NAMES).optional(),
});

const benchSchema = z
  .strictObject({
    models: z.record(name, z.union([z.string(), modelSchema])).describe('Checkpoints by the name that tables show'),
    prompts: z.record(name, promptSchema).default({ own: {} }).describe('Ways to ask by their names'),
    suites: z.array(evaluationSuite).min(1),
    arms: z
      .array(z.enum(ARMS))
      .min(1)
      .default([...ARMS]),
    votes: z
      .array(z.int().min(2))
      .max(20)
      .refine((sizes) => new Set(sizes).size === sizes.length, 'name each size once')
      .default([])
      .describe('Sizes of the majority votes among the samples'),
    reference: z
      .strictObject({ model: name, prompt: name.optional(), arm: z.enum(ARMS).optional(), votes: count.optional() })
      .optional()
      .describe('The row that all are compared with; default: the first'),
    tokens: count
      .optional()
      .describe('Also shows the best way of each model and prompt within so many tokens a problem'),
    ...{ samples, temperature, limit, seed, maxNewTokens, maxTurns },
  })
  .superRefine(({ models, prompts, suites, votes, samples: drawn, reference, arms }, context) => {
    const fail = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (Object.keys(models).length === 0) fail(['models'], 'name at least one model');
    const most = Math.max(0, ...votes, reference?.votes ?? 0);
    const least = Math.min(...suites.map((suite) => drawn ?? (typeof suite === 'string' ? 1 : suite.samples)));
    if (most > least) fail(['votes'], `a vote of ${most} needs samples: ${most} or more; it is ${least}`);
    const names = suites.map((suite) => (typeof suite === 'string' ? suite : suite.suite));
    const twice = names.find((one, at) => names.indexOf(one) !== at);
    if (twice !== undefined) fail(['suites'], `two are called ${twice}; give each suite a name of its own`);
    if (reference === undefined) return;
    const known = (key: string, given: string | undefined, allowed: readonly string[]): void => {
      if (given !== undefined && !allowed.includes(given))
        fail(['reference', key], `"${given}" is none of ${allowed.join(', ')}`);
    };
    known('model', reference.model, Object.keys(models));
    known('prompt', reference.prompt, Object.keys(prompts));
    known('arm', reference.arm, arms);
    if ((reference.votes ?? 1) > 1 && !votes.includes(reference.votes ?? 1))
      fail(['reference', 'votes'], `${reference.votes} is none of votes: ${votes.join(', ')}`);
  });

/** One evaluation of the bench. */
export interface BenchCell {
  readonly model: string;
  readonly prompt: string;
  readonly suite: string;
  readonly arms: readonly Arm[];
  readonly request: EvaluationAsked;
}

export interface Bench {
  readonly cells: readonly BenchCell[];
  readonly votes: readonly number[];
  readonly tokens?: number;
  /** One rollout or a vote of an arm; `votes` 1 is one rollout. */
  readonly reference: { readonly model: string; readonly prompt: string; readonly arm: Arm; readonly votes: number };
}

/**
 * Reads a bench file with the files that it names.
 *
 * @throws ConfigError that lists every error, by line
 */
export async function loadBench(path: string): Promise<Bench> {
  const text = await readFile(path).catch(() => {
    throw new ConfigError(`${path} can't be read; give the path of a bench file, e.g. examples/benches/testbed.yaml`);
  });
  const { models, prompts, suites, arms, votes, tokens, reference, ...limits } = parseBench(decodeText(text), path);
  const folder = dirname(path);
  const asked = await Promise.all(
    Object.entries(prompts).map(async ([prompt, { exemplars, arms: own = arms, ...parts }]) => {
      const examples = exemplars === undefined ? undefined : await readExemplars(folder, exemplars);
      return { prompt, arms: own, parts: { ...parts, ...(examples !== undefined && { examples }) } };
    }),
  );
  const cells = suites.flatMap((suite) =>
    Object.entries(models).flatMap(([model, given]) =>
      asked.map(({ prompt, arms: own, parts }): BenchCell => {
        const { checkpoint: from, ...rest } = typeof given === 'string' ? { checkpoint: given } : given;
        const request: EvaluationAsked = {
          ...limits,
          ...rest,
          checkpoint: /^\.{0,2}\//.test(from) ? resolve(folder, from) : from,
          suite: absoluteSuite(suite, folder),
          arms: [...own],
          ...(Object.keys(parts).length > 0 && { prompt: parts }),
        };
        return { model, prompt, suite: typeof suite === 'string' ? suite : suite.suite, arms: own, request };
      }),
    ),
  );
  const [first] = cells;
  if (first === undefined) throw new ConfigError(`${path}: models: name at least one model`);
  const { model = first.model, prompt = first.prompt, votes: most = 1 } = reference ?? {};
  const own = asked.find((item) => item.prompt === prompt)?.arms ?? arms;
  const arm = reference?.arm ?? own[0] ?? 'auto';
  if (!own.includes(arm))
    throw new ConfigError(`${path}: reference: the prompt ${prompt} has no arm ${arm}; it has ${own.join(', ')}`);
  return { cells, votes, reference: { model, prompt, arm, votes: most }, ...(tokens !== undefined && { tokens }) };
}

function parseBench(text: string, path: string): z.output<typeof benchSchema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new ConfigError(`${path}: ${syntax.message}`);
  const result = benchSchema.safeParse(document.toJS() ?? {});
  if (result.success) return result.data;
  const messages = result.error.issues.map(
    (issue) =>
      `${path}${placeOf(document, lines, issue.path)}: ${issue.path.map(String).join('.') || 'the file'}: ${describeIssue(issue)}`,
  );
  throw new ConfigError(messages.join('\n'));
}

const exemplarSchema = z.looseObject({ problem: z.string().min(1), solution: z.string().min(1) });

async function readExemplars(
  folder: string,
  { file, choose, count: wanted }: NonNullable<z.output<typeof promptSchema>['exemplars']>,
) {
  const path = resolve(folder, file);
  const bytes = await readFile(path).catch(() => {
    throw new ConfigError(`exemplars: ${path} can't be read; give JSON lines with problem and solution`);
  });
  const parsed = z.array(exemplarSchema).safeParse(readJsonLines(bytes, path));
  if (!parsed.success)
    throw new ConfigError(
      `exemplars: ${path}, line ${Number(parsed.error.issues[0]?.path[0] ?? 0) + 1} lacks problem or solution`,
    );
  if (parsed.data.length < wanted)
    throw new ConfigError(`exemplars: ${path} has ${parsed.data.length}; asked are ${wanted}`);
  return chooseExemplars(parsed.data, choose, wanted).map(({ problem, solution }) => ({ problem, solution }));
}

function absoluteSuite(suite: EvaluationAsked['suite'], folder: string): EvaluationAsked['suite'] {
  if (typeof suite === 'string') return absoluteSource(suite, folder);
  return { ...suite, problems: { ...suite.problems, from: absoluteSource(suite.problems.from, folder) } };
}
