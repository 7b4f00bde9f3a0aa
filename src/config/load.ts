/** Reads a campaign file: YAML, validated completely before anything starts. Errors name line, value and fix. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Document, isMap, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { z } from 'zod';
import { decodeText, EncodingError } from '../formats/decode-text.ts';
import { describeIssue } from '../formats/describe-issue.ts';
import { parseModelSource } from '../models/model-source.ts';
import { type CampaignConfig, campaignSchema, type ProblemsConfig } from './campaign.ts';
import { ConfigError } from './config-error.ts';
import { nearestName } from './nearest-name.ts';
import { absoluteSource } from './problem-source.ts';
import { renameSettings } from './renamed-settings.ts';
import { SETTING_ALIASES } from './setting-aliases.ts';
import { placeOf } from './yaml-place.ts';

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

function mistakesOf(issue: z.core.$ZodIssue): Mistake[] {
  const named = (path: readonly PropertyKey[]): string => (path.length === 0 ? 'the file' : path.map(String).join('.'));
  if (issue.code === 'unrecognized_keys') {
    const allowed = allowedNames(campaignJsonSchema() as JsonSchema, issue.path);
    return issue.keys.map((key) => {
      const nearest =
        issue.path.length === 0 ? (SETTING_ALIASES[key] ?? nearestName(key, allowed)) : nearestName(key, allowed);
      const hint = nearest === undefined ? `allowed are ${allowed.join(', ')}` : `did you mean ${nearest}?`;
      const path = [...issue.path, key];
      return { path, what: `${named(path)} is not a setting; ${hint}` };
    });
  }
  return [{ path: issue.path, what: `${named(issue.path)}: ${describeIssue(issue)}` }];
}

/** Every error of a configuration that was not read from a file, one per line. */
export const describeIssues = (error: z.ZodError): string[] => error.issues.flatMap(mistakesOf).map(({ what }) => what);

/** The values that a path may contain: `~` is the home folder, `${NAME}` an environment variable. */
export interface PathVariables {
  readonly homeFolder: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** For settings that have another name by now. */
  readonly onNote?: (note: string) => void;
}

/**
 * Parses the text of a campaign file.
 *
 * @throws ConfigError that lists every error, by line
 * @example parseCampaign('name: mine\nmodel: testbed\n…', 'mine.yaml')
 */
export function parseCampaign(
  text: string,
  fileName: string,
  machine: PathVariables = { homeFolder: '~', variables: {} },
): CampaignConfig {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true });
  const [syntax] = document.errors;
  if (syntax !== undefined) throw new ConfigError(`${fileName}: ${syntax.message}`);
  if (!isMap(document.contents))
    throw new ConfigError(
      `${fileName}${text.trim() === '' ? ' is empty' : ''}: a campaign file is a map of settings, e.g. "name: my-campaign"`,
    );
  const given = withoutEmpty(withoutAnchors(readValues(document, fileName), document.contents));
  const { settings, notes } = renameSettings(given);
  for (const note of notes) machine.onNote?.(`${fileName}: ${note}`);
  const result = campaignSchema.safeParse(settings);
  const mistakes = result.success
    ? []
    : result.error.issues.flatMap(mistakesOf).map(({ path, what }) => {
        const isVariable = /\$\{\w+\}/.test(String(document.getIn(path)));
        return { path, what: isVariable ? `${what}; variables are read in paths alone, so write the value out` : what };
      });
  const refused = (all: readonly Mistake[]): ConfigError =>
    new ConfigError(all.map(({ path, what }) => `${fileName}${placeOf(document, lines, path)}: ${what}`).join('\n'));
  if (!result.success) throw refused(mistakes);
  return expandPaths(result.data, machine, (path, what) => {
    throw refused([{ path, what }]);
  });
}

/** Converts the document to plain values, with aliases resolved. A missing anchor and an excessive number of aliases are errors. */
function readValues(document: Document.Parsed, fileName: string): Record<string, unknown> {
  try {
    return document.toJS() as Record<string, unknown>;
  } catch (error) {
    throw new ConfigError(`${fileName}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Removes top-level keys that are no setting and have an anchor, e.g. `defaults: &d`: they exist only to be merged. */
function withoutAnchors(values: Record<string, unknown>, { items }: YAMLMap): Record<string, unknown> {
  const settings = allowedNames(campaignJsonSchema() as JsonSchema, []);
  const isOnlyAnchor = (key: string): boolean =>
    !settings.includes(key) &&
    items.some(
      (pair) =>
        String(pair.key) === key && (pair.value as { anchor?: string } | null | undefined)?.anchor !== undefined,
    );
  return Object.fromEntries(Object.entries(values).filter(([key]) => !isOnlyAnchor(key)));
}

/** Treats an empty section, e.g. `train:` with comments only, as one with its defaults. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutEmpty(inner)]));
}

/** `~/data` and `${DATA}/train.jsonl` in the settings that are paths. */
function expandPaths(
  config: CampaignConfig,
  { homeFolder, variables }: PathVariables,
  refuse: (path: readonly PropertyKey[], what: string) => never,
): CampaignConfig {
  const expand = (path: readonly PropertyKey[], text: string): string => {
    const url = /^(?:https?|hf|file|s3|gs):\/\//i.exec(text)?.[0];
    if (url !== undefined)
      refuse(
        path,
        `${path.join('.')}: "${text}" is a URL; give a path, or of the Hugging Face Hub the id, e.g. owner/name`,
      );
    const named = text.replace(/\$\{\w+\}/g, '');
    if (named.includes('${'))
      refuse(path, `${path.join('.')}: "${text}" is not read; of a variable write only its name, \${NAME}`);
    return text.replace(/^~(?=\/|$)/, homeFolder).replace(/\$(?:\{(\w+)\}|([A-Za-z_]\w*))/g, (_all, braced, bare) => {
      const name: string = braced ?? bare;
      const value = variables[name];
      return (
        value ?? refuse(path, `${path.join('.')}: the variable ${name} is not set; export it, or write the path out`)
      );
    });
  };
  return {
    ...config,
    model: expand(['model'], config.model),
    ...withTraces(config, (file) => expand(['sft', 'demonstrations', 'file'], file)),
    problems: config.problems.map((item, at) => ({ ...item, from: expand(['problems', at, 'from'], item.from) })),
    evaluations: config.evaluations.map((item, at) => ({
      ...item,
      problems: { ...item.problems, from: expand(['evaluations', at, 'problems', 'from'], item.problems.from) },
    })),
  };
}

/** The section `sft` with another path of its traces. */
function withTraces({ sft }: CampaignConfig, pathOf: (file: string) => string): Pick<CampaignConfig, 'sft'> {
  if (sft === undefined || typeof sft.demonstrations === 'string') return {};
  return { sft: { ...sft, demonstrations: { ...sft.demonstrations, file: pathOf(sft.demonstrations.file) } } };
}

/** An existing folder has priority over an id of the Hub: `models/tiny` may be either. */
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
  const problems = <P extends ProblemsConfig>(item: P): P => ({ ...item, from: absoluteSource(item.from, folder) });
  return {
    ...config,
    model: withAbsoluteModel(config.model, folder),
    ...withTraces(config, (file) => resolve(folder, file)),
    problems: config.problems.map(problems),
    evaluations: config.evaluations.map((item) => ({ ...item, problems: problems(item.problems) })),
  };
}

/**
 * Reads and validates a campaign file; paths in it become absolute.
 *
 * @throws ConfigError
 */
export async function loadCampaign(path: string, machine?: PathVariables): Promise<CampaignConfig> {
  let text: string;
  try {
    text = decodeText(await readFile(path));
  } catch (error) {
    const why =
      error instanceof EncodingError
        ? `: ${error.message}`
        : '; give the path of a campaign file, e.g. examples/testbed.yaml';
    throw new ConfigError(`${path} can't be read${why}`);
  }
  return withAbsolutePaths(parseCampaign(text, path, machine), dirname(path));
}
