/** Chat templates that would loop, fill the memory or the stack. */

const growing = (step: string, start = "'aaaaaaaaaaaa'"): string =>
  `{% set ns = namespace(x=${start}) %}{% for i in range(60) %}{% set ns.x = ${step} %}{% endfor %}{{ ns.x|length }}`;

export const HOSTILE_TEMPLATES: Readonly<Record<string, string>> = {
  'an endless loop': '{% for a in range(20000) %}{% for b in range(20000) %}{% endfor %}{% endfor %}',
  'an endless text': '{% for a in range(20000) %}{% for b in range(20000) %}xxxxxxxx{% endfor %}{% endfor %}',
  'a list in one allocation': '{{ range(1000000000) }}',
  'a doubling list': growing('ns.x + ns.x', '[1, 2, 3, 4]'),
  'a doubling text': growing('ns.x + ns.x'),
  'a growing replacement': growing("ns.x.replace('a', 'aaaaaaaaaaaaaaaa')"),
  'a growing join': growing("[ns.x, ns.x, ns.x, ns.x]|join('b')"),
  'a growing upper case': growing('(ns.x + ns.x)|upper'),
  'a growing indent': growing('(ns.x + ns.x)|indent(1000000)', "'a\\n'"),
  'a tree of lists as JSON': growing('[ns.x, ns.x]', '[1]').replace('|length', '|tojson'),
  'a macro that calls itself twice':
    '{% macro f(n) %}{% if n > 0 %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}',
  'deep brackets': `{{ ${'('.repeat(200_000)}1${')'.repeat(200_000)} }}`,
  'deep blocks': '{% if true %}'.repeat(50_000) + '{% endif %}'.repeat(50_000),
  'longer than its messages by megabytes': 'x'.repeat(2 ** 21),
  'not a template': '{% for %}',
};
