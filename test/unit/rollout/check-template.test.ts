import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findTemplateFaults } from '../../../src/rollout/check-template.ts';
import { type RolloutTemplate, TEMPLATES } from '../../../src/rollout/template.ts';

const faultsOf = (changes: Partial<RolloutTemplate>, base: RolloutTemplate = TEMPLATES.markdown): string[] =>
  findTemplateFaults({ ...base, ...changes }).map(({ path }) => path.join('.'));

const marks: RolloutTemplate = {
  ...TEMPLATES.testbed,
  prefixes: { cot: 'Think. ', code: '<code>' },
  codeOpen: '<code>',
  codeClose: '</code>',
};

describe('a template', () => {
  it.each(Object.entries(TEMPLATES))('%s has no fault', (_name, template) => {
    expect(findTemplateFaults(template)).toEqual([]);
  });

  it('may open its block with any text, fence and label that it closes otherwise', () => {
    const label = fc.constantFrom('python', 'py', 'Python', 'python3', '');
    const before = fc.constantFrom('', "Let's write code.\n", 'Code:\n\n');
    fc.assert(
      fc.property(label, before, fc.constantFrom('```', '~~~', '````'), fc.boolean(), (name, text, fence, breaks) => {
        const changes = {
          prefixes: { cot: 'Think. ', code: `${text}${fence}${name}\n` },
          codeOpen: `${fence}${name}`,
          codeClose: breaks || name === '' ? `\n${fence}` : fence,
        };
        expect(faultsOf(changes)).toEqual([]);
      }),
    );
  });

  it.each<[string, Partial<RolloutTemplate>, RolloutTemplate, string[]]>([
    ['begins both arms alike', { prefixes: { cot: '<code>', code: '<code>' } }, marks, ['prefixes', 'prefixes.cot']],
    ['opens and closes a block alike', { codeOpen: '<run>', codeClose: '<run>' }, marks, ['codeClose']],
    ['begins the code arm without a block', { prefixes: { cot: 'A', code: 'Use Python.' } }, marks, ['prefixes.code']],
    ['closes the block in the prefix', { prefixes: { cot: 'A', code: '<code>1</code>' } }, marks, ['prefixes.code']],
    [
      'leaves a fence open in the CoT arm',
      { prefixes: { cot: '```python\nx', code: 'Code:\n```python\n' } },
      TEMPLATES.markdown,
      ['prefixes.cot'],
    ],
    [
      'leaves a fence of another kind open in the CoT arm',
      { prefixes: { cot: 'So:\n~~~~\n', code: '```python\n' } },
      TEMPLATES.markdown,
      ['prefixes.cot'],
    ],
    [
      'begins the code arm without a fence',
      { prefixes: { cot: 'A', code: 'Use Python.\n' } },
      TEMPLATES.markdown,
      ['prefixes.code'],
    ],
    [
      'interleaves, and begins inside of a block',
      { interleaved: true, prefixes: { cot: 'A', code: '```python\n' } },
      TEMPLATES.markdown,
      ['prefixes.code'],
    ],
    [
      'interleaves, and holds a whole block',
      { prefixes: { cot: 'A', code: '```python\nprint(2)\n```\n' } },
      TEMPLATES.interleaved,
      ['prefixes.code'],
    ],
    [
      'interleaves, and begins inside of a block of another language',
      { prefixes: { cot: 'A', code: '```sql\n' } },
      TEMPLATES.interleaved,
      ['prefixes.code'],
    ],
    [
      'interleaves, and begins inside of marks',
      { interleaved: true, prefixes: { cot: 'A', code: '<code>' } },
      marks,
      ['prefixes.code'],
    ],
  ])('that %s is refused', (_what, changes, base, faults) => {
    expect(faultsOf(changes, base)).toEqual(faults);
  });

  it('whose prefixes begin alike is refused where one of them is the beginning of the other', () => {
    const words = fc.constantFrom('Think.', "Let's see. ", 'A');
    const more = fc.constantFrom('\n', ' Use code.', '\n\n');
    fc.assert(
      fc.property(words, more, (cot, between) => {
        expect(faultsOf({ prefixes: { cot, code: `${cot}${between}\n\`\`\`python\n` } })).toEqual(['prefixes']);
        expect(faultsOf({ prefixes: { cot: `${cot} Slowly.`, code: `${cot}\n\`\`\`python\n` } })).toEqual([]);
      }),
    );
  });

  it.each(['Think.\\t', '\\r\\nThink.'])('in single quotes has no tab or line break either: %s', (cot) => {
    expect(faultsOf({ prefixes: { cot, code: '```python\n' } })).toEqual(['prefixes.cot']);
  });

  it('that interleaves may have any text as its code prefix', () => {
    const prefix = fc.constantFrom('Use Python.\n', 'Let me write code: ', '- think\n\n', 'A `b` c\n');
    fc.assert(
      fc.property(prefix, fc.constantFrom(marks, TEMPLATES.markdown), (code, base) => {
        expect(faultsOf({ interleaved: true, prefixes: { cot: 'Think.', code } }, base)).toEqual([]);
      }),
    );
  });

  it('in single quotes has backslashes where line breaks were meant, in whichever text', () => {
    const quoted = {
      prefixes: { cot: 'A', code: '```python\\n' },
      codeClose: '\\n```',
      toolOpen: '\\n',
      toolClose: '\\n',
    };
    fc.assert(
      fc.property(fc.subarray(Object.keys(quoted), { minLength: 1 }), (names) => {
        const changes = Object.fromEntries(Object.entries(quoted).filter(([name]) => names.includes(name)));
        expect(faultsOf(changes).map((path) => path.split('.')[0])).toEqual(
          ['prefixes', 'codeClose', 'toolOpen', 'toolClose'].filter((name) => names.includes(name)),
        );
      }),
    );
    expect(faultsOf({ prompt: { kind: 'text', before: 'Q: ', after: '\\nA:' } })).toEqual(['prompt.after']);
  });

  it('may hold LaTeX in its prompt', () => {
    const after = '\nAnswer in \\boxed{}, with x \\neq 0 and \\nabla f.';
    expect(faultsOf({ prompt: { kind: 'text', before: '', after } })).toEqual([]);
  });
});
