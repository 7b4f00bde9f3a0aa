/**
 * The documentation as a site. `npm run docs:build` writes it to `docs/.vitepress/dist`, and fails on a dead link.
 * The site loads nothing from another host: fonts and the search index are in it.
 */
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { slugOf } from '../../infra/docs/slug.mjs';

const DOCS = fileURLToPath(new URL('../', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));
/** The icon of the product's pages. */
const ICON = fileURLToPath(new URL('../../src/web/assets/icon.svg', import.meta.url));

/** The way through the pages. A page that is named nowhere is in the last section. */
const SECTIONS = {
  Start: ['quickstart', 'first-campaign', 'set-up', 'data', 'templates', 'pages'],
  Train: ['methods', 'retool', 'hyper-parameters', 'evaluations', 'bench', 'replay-and-what-if', 'reports'],
  'When something is wrong': ['alarms', 'troubleshooting', 'failures-and-control', 'recovery'],
  Grow: ['one-gpu', 'going-to-a-gpu', 'served-models', 'several-machines', 'memory', 'large-models'],
  Understand: [
    'glossary',
    'comparison',
    'strategy',
    'objective',
    'grader',
    'code-blocks',
    'sampler',
    'sandbox',
    'architecture',
    'security',
  ],
  Reference: ['cli', 'settings', 'api', 'upgrading', 'licences'],
  Measurements: ['curves', 'settings-grid', 'testbed', 'smollm2', 'growth', 'kill-anything'],
};
const NAMED = Object.values(SECTIONS).flat();
const PAGES = readdirSync(DOCS).flatMap((file) => (/^(?!index\.).+\.md$/.test(file) ? [file.slice(0, -3)] : []));
const UNNAMED = PAGES.filter((page) => !NAMED.includes(page));

/** @param {string} page */
function entryOf(page) {
  const text = readFileSync(join(DOCS, `${page}.md`), 'utf8');
  return { text: /^# (.+)$/m.exec(text)?.[1]?.replaceAll(/[`\\]/g, '') ?? page, link: `/${page}` };
}

/** @param {string} name @param {string[]} pages */
const sectionOf = (name, pages) => ({
  text: name,
  collapsed: name === 'Measurements',
  items: pages.filter((page) => existsSync(join(DOCS, `${page}.md`))).map(entryOf),
});

/** Campaign files are outside of docs/; the site has copies. @param {import('markdown-it').default} md */
function linkExamples(md) {
  md.core.ruler.push('examples', ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const file = /^\.\.\/examples\/(.+)$/.exec(token.attrGet('href') ?? '')?.[1];
      if (file === undefined) continue;
      if (!existsSync(join(EXAMPLES, file))) throw new Error(`there is no examples/${file}`);
      token.attrSet('href', `/examples/${file}`);
      token.attrSet('target', '_blank');
    }
  });
}

export default {
  title: 'Whencode',
  description: 'Teaches a math language model when to write code',
  lang: 'en',
  head: [['link', { rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' }]],
  themeConfig: {
    // All words of the query: a message is searched for as it is.
    search: { provider: 'local', options: { miniSearch: { searchOptions: { combineWith: 'AND', fuzzy: 0.1 } } } },
    outline: [2, 3],
    nav: [
      { text: 'Quickstart', link: '/quickstart' },
      { text: 'Troubleshooting', link: '/troubleshooting' },
      { text: 'Commands', link: '/cli' },
      { text: 'Settings', link: '/settings' },
    ],
    sidebar: [
      ...Object.entries(SECTIONS).map(([name, pages]) => sectionOf(name, pages)),
      ...(UNNAMED.length === 0 ? [] : [sectionOf('More', UNNAMED)]),
    ],
  },
  markdown: { config: linkExamples, anchor: { slugify: slugOf } },
  /** @param {{ outDir: string }} site */
  buildEnd: ({ outDir }) => {
    cpSync(EXAMPLES, join(outDir, 'examples'), { recursive: true });
    cpSync(ICON, join(outDir, 'icon.svg'));
  },
};
