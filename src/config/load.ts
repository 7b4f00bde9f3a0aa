/** Reads a campaign file: YAML, validated whole before anything starts, with errors that name line, value and mend. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isMap, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { parseModelSource } from '../models/model-source.ts';
import { type CampaignConfig, campaignSchema, type ProblemsConfig } from './campaign.ts';
import { ConfigError } from './config-error.ts';
import { nearestName } from './nearest-name.ts';

type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
};

/** The published JSON schema of campaign files (what an editor completes from): input side, defaults optional. */
export const campaignJsonSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(campaignSchema, { io: 'input' }),
  title: 'Whencode campaign',
});

/** Names allowed at a path of the file, over all variants of a union. */
function allowedNames(schema: JsonSchema, path: readonly PropertyKey[]): string[] {
  const variants = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  const [head, ...rest] = path;
  if (head === undefined) return variants.flatMap((variant) => Object.keys(variant.properties ?? {}));
  return variants.flatMap((variant) => {
    const child = typeof head === 'number' ? variant.items : variant.properties?.[String(head)];
    return child === undefined ? [] : allowedNames(child, rest);
  });
}

interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly what: string;
}

function describeIssue(issue: z.core.$ZodIssue): Mistake[] {
  const named = (path: readonly PropertyKey[]): string => (path.length === 0 ? 'the file' : path.map(String).join('.'));
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedNames(campaignJsonSchema() as JsonSchema, issue.path);
    return issue.keys.map((key) => {
      const nearest = nearestName(key, allowed);
      const hint = nearest === undefined ? `allowed are ${allowed.join(', ')}` : `did you mean ${nearest}?`;
      const path = [...issue.path, key];
      return { path, what: `${named(path)} is not a setting; ${hint}` };
    });
  }
  const reasons =
    issue.code === 'invalid_union'
      ? issue.errors
          .flat()
          .map((inner) => inner.message)
          .join('; or ')
      : issue.message;
  return [{ path: issue.path, what: `${named(issue.path)}: ${reasons}` }];
}

/** Everything that is wrong with a configuration that was not read from a file, a line each. */
export const describeIssues = (error: z.ZodError): string[] =>
  error.issues.flatMap(describeIssue).map(({ what }) => what);

/** Parses the text of a campaign file. Throws `ConfigError` listing everything that is wrong with it. */
export function parseCampaign(text: string, fileName: string): CampaignConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new ConfigError(`${fileName}: ${syntax.message}`);
  if (!isMap(document.contents))
    throw new ConfigError(`${fileName}: a campaign file is a map of settings, e.g. "name: my-campaign"`);
  const lineOf = (path: readonly PropertyKey[]): string => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const node = document.getIn(path.slice(0, depth), true);
      const range = (node as { range?: [number, number, number] } | undefined)?.range;
      if (range !== undefined && range !== null) return `:${lines.linePos(range[0]).line}`;
    }
    return '';
  };
  const result = campaignSchema.safeParse(document.toJS());
  if (!result.success) {
    const mistakes = result.error.issues.flatMap(describeIssue);
    throw new ConfigError(mistakes.map(({ path, what }) => `${fileName}${lineOf(path)}: ${what}`).join('\n'));
  }
  return result.data;
}

/** A path in a campaign file; anything else is a name. */
export const isPath = (text: string): boolean => /[\\/]|\.jsonl$/.test(text);

/** A folder that exists goes before an id of the hub: `models/tiny` may be either. */
function withAbsoluteModel(model: string, folder: string): string {
  const source = parseModelSource(model);
  switch (source.kind) {
    case 'testbed':
      return model;
    case 'folder':
      return resolve(folder, source.path);
    case 'hub':
      return existsSync(resolve(folder, model)) ? resolve(folder, model) : model;
  }
}

/** Paths in a campaign file are relative to the file, so that it means the same wherever it is started from. */
function withAbsolutePaths(config: CampaignConfig, folder: string): CampaignConfig {
  const problems = <P extends ProblemsConfig>(item: P): P =>
    isPath(item.from) ? { ...item, from: resolve(folder, item.from) } : item;
  return {
    ...config,
    model: withAbsoluteModel(config.model, folder),
    problems: config.problems.map(problems),
    evaluations: config.evaluations.map((item) => ({ ...item, problems: problems(item.problems) })),
  };
}

/** Reads and validates the file; paths in it become absolute. @throws ConfigError */
export async function loadCampaign(path: string): Promise<CampaignConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    throw new ConfigError(`${path} can't be read; give the path of a campaign file, e.g. examples/testbed.yaml`);
  }
  return withAbsolutePaths(parseCampaign(text, path), dirname(path));
}
