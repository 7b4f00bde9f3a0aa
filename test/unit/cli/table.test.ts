import { describe, expect, it } from 'vitest';
import { renderTable } from '../../../src/cli/table.ts';

const HEADER = ['id', 'status', 'auto', 'started', 'counts'];
const ROWS = [
  ['demo-em', 'running', '88.5', '2026-11-30 21:00', 'rollouts 1024, newTokens 90211, ties 3'],
  ['demo-rl', 'completed', '71.0', '2026-11-30 21:05', 'rollouts 16'],
];
const widest = (table: string): number => Math.max(...table.split('\n').map((line) => line.length));

describe('a table', () => {
  it('is whole for a file or another program, and where it fits', () => {
    const whole = renderTable(HEADER, ROWS, undefined);
    expect(whole).toContain('ties 3');
    expect(renderTable(HEADER, ROWS, 200)).toBe(whole);
  });

  it('has its last column cut where a terminal is a little narrower', () => {
    const table = renderTable(HEADER, ROWS, 80);
    expect(widest(table)).toBeLessThanOrEqual(80);
    expect(table).toMatch(/rollouts 1024, newTokens 90211.*…$/m);
    expect(table).not.toContain('too narrow');
  });

  it.each([20, 30, 40, 50])('leaves columns out at %i columns, and names them', (width) => {
    const table = renderTable(HEADER, ROWS, width);
    const rows = table.split('\n').slice(0, 4).join('\n');
    expect(widest(rows)).toBeLessThanOrEqual(width);
    expect(table).toMatch(/\(too narrow for: .*counts; --json has all\)$/);
    expect(table).toContain('demo-em');
  });

  it('shows the first column at any width', () => {
    expect(renderTable(HEADER, ROWS, 3)).toContain('demo-rl');
    expect(renderTable(HEADER, [], 10)).toContain('id');
  });
});
