import { describe, expect, it } from 'vitest';
import { TEMPLATES } from '../../../src/rollout/template.ts';
import { renderToolOutput } from '../../../src/rollout/tool-output.ts';

const { testbed, markdown } = TEMPLATES;

describe('tool output', () => {
  it('is the last line, cut to the limit', () => {
    expect(renderToolOutput({ end: 'ok', stdout: 'a\nb\n', cpuMs: 1 }, testbed)).toBe('b<|out|>');
    expect(renderToolOutput({ end: 'ok', stdout: 'x'.repeat(99), cpuMs: 1 }, testbed)).toBe(`${'x'.repeat(48)}<|out|>`);
  });

  it('is the exception where the code raised one', () => {
    const raised = { end: 'error', stdout: 'a\n', exception: "NameError: name 'x' is not defined", cpuMs: 1 } as const;
    expect(renderToolOutput(raised, testbed)).toBe("NameError: name 'x' is not defined<|out|>");
    expect(renderToolOutput(raised, markdown)).toBe("\n```output\na\nNameError: name 'x' is not defined\n```\n");
  });

  it('ends with the value of the last expression, as in a notebook', () => {
    const shown = { end: 'ok', stdout: 'x\n', value: '42' } as const;
    expect(renderToolOutput(shown, markdown)).toBe('\n```output\nx\n42\n```\n');
    expect(renderToolOutput({ ...shown, stdout: '' }, markdown)).toBe('\n```output\n42\n```\n');
    expect(renderToolOutput(shown, testbed)).toBe('42<|out|>');
  });

  it('keeps head and tail of long output within the limit', () => {
    const text = renderToolOutput({ end: 'ok', stdout: `${'a'.repeat(500)}${'z'.repeat(500)}`, cpuMs: 1 }, markdown);
    const body = text.slice(markdown.toolOpen.length, -markdown.toolClose.length);
    expect(body).toHaveLength(markdown.toolMaxCharacters);
    expect(body).toMatch(/^a+ \.\.\. z+$/);
  });

  it('refuses to speak of an infrastructure failure', () => {
    expect(() => renderToolOutput({ end: 'infrastructure', stdout: '', cpuMs: 0 }, testbed)).toThrow(
      /no text for the model/,
    );
  });
});
