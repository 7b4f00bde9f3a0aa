/** The suite that a campaign is judged by: the first one that does not measure retention. */
interface Suites {
  readonly evaluations?: readonly { readonly suite?: unknown; readonly role?: unknown }[];
}

/** Undefined for a campaign without such a suite; `config` may be of an older version. */
export function mainSuiteOf(config: Suites | null | undefined): string | undefined {
  const suite = config?.evaluations?.find(({ role }) => role === undefined)?.suite;
  return typeof suite === 'string' ? suite : undefined;
}

/** Suites with `role: retention`: what the model could do before the campaign. */
export const retentionSuitesOf = (config: Suites | null | undefined): string[] =>
  config?.evaluations?.flatMap(({ suite, role }) =>
    role === 'retention' && typeof suite === 'string' ? [suite] : [],
  ) ?? [];
