import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Code, RichText } from '../../../src/web/rich-text.tsx';
import { textParts } from '../../../src/web/rich-text-parts.ts';

const render = async (text: string): Promise<string> =>
  String(
    await (
      <p>
        <RichText text={text} />
      </p>
    ),
  );
const kinds = (text: string): string[] => textParts(text).map(({ kind }) => kind);

describe('the parts of a text', () => {
  it.each([
    ['so $x+1$ is', ['prose', 'formula', 'prose']],
    ['$$\\frac12$$', ['formula']],
    ['\\[a\\] and \\(b\\)', ['formula', 'prose', 'formula']],
    ['it costs $5 and $6', ['prose']],
    ['from $5 to $6.', ['prose']],
    ['a $ b $ c', ['prose']],
    ['\\$5 and \\$6$', ['prose']],
    ['$a\n\nb$', ['prose']],
    ['$\\$5$', ['formula']],
    ['```python\nprint(1)\n```\nso', ['code', 'prose']],
    ['```output\n1\n```', ['prose']],
  ])('%j', (text, expected) => {
    expect(kinds(text)).toEqual(expected);
  });

  it('lose nothing', () => {
    const pieces = fc.constantFrom(
      '$',
      '$$',
      '\\(',
      '\\)',
      '\\[',
      '\\]',
      '```',
      '```python\n',
      '\n',
      ' ',
      'x',
      '<b>',
      '5',
      '\\',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (list) => {
        const text = list.join('');
        expect(
          textParts(text)
            .map((part) => ('source' in part ? part.source : part.text))
            .join(''),
        ).toBe(text);
      }),
    );
  });

  it.each(['$', '$x', '\\(', '\\[', '$$', '```python\n', '$a\n', '\\(\\'])(
    'of 20,000 characters of %j take no time',
    (piece) => {
      const text = piece.repeat(20_000 / piece.length);
      const startMs = performance.now();
      textParts(text);
      expect(performance.now() - startMs).toBeLessThan(1000);
    },
  );
});

it('renders formulas as MathML, without styles', async () => {
  const html = await render('The half is $\\frac{1}{2}$.');
  expect(html).toContain('<mfrac>');
  expect(html).not.toContain('style=');
});

it.each([
  ['an unknown command', '$\\nosuchcommand$'],
  ['an open brace', '$\\frac{1$'],
  ['endless macros', '$\\def\\a{\\a\\a}\\a$'],
  ['a formula that is too long', `$${'x+'.repeat(1500)}x$`],
])('shows %s as it is written', async (_, text) => {
  expect(await render(text)).toBe(`<p>${text}</p>`);
});

/** What could run, load, or lead away. */
const DANGEROUS = /<(?:script|img|iframe|a|link|style|object)\b|\son\w+=|\sstyle=|href=|src=/i;

it.each([
  '<script>window.stolen=1</script>',
  '$<img src=x onerror=alert(1)>$',
  '$\\href{javascript:alert(1)}{x}$',
  '$\\url{javascript:alert(1)}$',
  '$\\includegraphics{http://x/y.png}$',
  '$\\htmlStyle{background:url(//x)}{x}$',
  '$\\htmlData{x="><img src=x onerror=alert(1)>}{y}$',
  '$\\text{<script>alert(1)</script>}$',
  '$\\unicode{<}\\char"3C script>$',
  '```python\n"<img src=x onerror=alert(1)>" # </pre><script>\n```',
  '$a$</annotation></semantics></math><img src=x onerror=alert(1)>$b$',
])('keeps %j harmless', async (text) => {
  // Escaped text holds the same letters, so only real tags are searched.
  const tags = (await render(text)).match(/<[^>]*>/g)?.join('') ?? '';
  expect(tags).not.toMatch(DANGEROUS);
});

it('keeps any text harmless', async () => {
  const pieces = fc.constantFrom(
    '$',
    '\\',
    '<',
    '>',
    '"',
    "'",
    '&',
    '{',
    '}',
    'href',
    'script',
    'img src=x onerror=y',
    '\n',
    '```python\n',
    '```',
    '^',
    '_',
    '\\text',
    '\\href',
    '#',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 25 }), async (list) => {
      const tags = (await render(list.join(''))).match(/<[^>]*>/g)?.join('') ?? '';
      expect(tags).not.toMatch(DANGEROUS);
    }),
  );
});

it('highlights code and keeps its text', async () => {
  const html = String(
    await (
      <pre>
        <Code code={'x = "<b>" # & so'} />
      </pre>
    ),
  );
  expect(html).toContain('<span class="hljs-string">');
  expect(html.replace(/<[^>]*>/g, '')).toBe('x = &quot;&lt;b&gt;&quot; # &amp; so');
});
