/** The documented table of all settings and defaults, generated from the schema so that it can't go stale. */
import { campaignJsonSchema } from './load.ts';

interface Node {
  description?: string;
  default?: unknown;
  type?: string | string[];
  enum?: string[];
  const?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  properties?: Record<string, Node>;
  items?: Node;
  anyOf?: Node[];
  oneOf?: Node[];
  required?: string[];
}

function typeOf(node: Node): string {
  if (node.enum !== undefined) return node.enum.map((value) => `\`${value}\``).join(' \\| ');
  if (node.const !== undefined) return `\`${node.const}\``;
  if (node.anyOf !== undefined) return node.anyOf.map(typeOf).join(' or ');
  if (node.type === 'array') return `list of ${node.items === undefined ? 'values' : typeOf(node.items)}`;
  if (node.type === 'object') return 'section';
  const bounds = [
    ...(node.exclusiveMinimum === undefined ? [] : [`> ${node.exclusiveMinimum}`]),
    ...(node.minimum === undefined ? [] : [`≥ ${node.minimum}`]),
    ...(node.exclusiveMaximum === undefined ? [] : [`< ${node.exclusiveMaximum}`]),
    ...(node.maximum === undefined || node.maximum > 1e9 ? [] : [`≤ ${node.maximum}`]),
  ];
  return [node.type ?? 'value', bounds.join(', ')].filter((part) => part !== '').join(' ');
}

function rows(node: Node, path: string, required: boolean): string[] {
  const own =
    path === ''
      ? []
      : [
          `| \`${path}\` | ${typeOf(node)} | ${required ? '**required**' : defaultOf(node)} | ${node.description ?? ''} |`,
        ];
  const inner = node.type === 'array' ? node.items : node;
  const prefix = node.type === 'array' ? `${path}[]` : path;
  const children = Object.entries(inner?.properties ?? {}).flatMap(([name, child]) =>
    rows(child, prefix === '' ? name : `${prefix}.${name}`, inner?.required?.includes(name) ?? false),
  );
  return [...own, ...children];
}

function defaultOf(node: Node): string {
  if (node.default === undefined || (typeof node.default === 'object' && node.type === 'object')) return '–';
  return `\`${JSON.stringify(node.default)}\``;
}

export function settingsMarkdown(): string {
  return `# Settings of a campaign file

Generated from \`src/config/campaign.ts\` by \`npm run docs\`. A campaign file is YAML; put
\`# yaml-language-server: $schema=../docs/campaign.schema.json\` in its first line for completion in an editor.
\`whencode campaign start FILE --dry-run\` validates everything and starts nothing.

| setting | type | default | meaning |
|---|---|---|---|
${rows(campaignJsonSchema() as Node, '', false).join('\n')}
`;
}
