/** Facts of one campaign, dealt to several writers. */
import type { Fact } from '../../../src/protocol/facts.ts';

export const WRITERS = 4;

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const;
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

/** Each field of a row comes from another fact, so a row without one of them is wrong. */
export function storyOf(campaignId: string): Fact[] {
  const stage = { campaignId, iteration: 1, stage: 'train' } as const;
  const evaluation = {
    kind: 'evaluation',
    id: `of-${campaignId}`,
    checkpoint: digest('b'),
    suite: 'held-out',
    campaignId,
  } as const;
  return [
    { kind: 'campaign', id: campaignId, status: 'running', at: at(0), config: { method: 'em' }, iterationsPlanned: 3 },
    { kind: 'campaign', id: campaignId, status: 'running', at: at(1), head: digest('a'), iterationsDone: 1 },
    { kind: 'campaign', id: campaignId, status: 'running', at: at(2), iterationsDone: 2 },
    { kind: 'campaign', id: campaignId, status: 'completed', at: at(3), iterationsDone: 3 },
    { kind: 'iteration', campaignId, iteration: 1, status: 'running', at: at(4), from: digest('a') },
    { kind: 'iteration', campaignId, iteration: 1, status: 'completed', at: at(9), from: digest('a'), to: digest('b') },
    { kind: 'stage', ...stage, status: 'running', at: at(5) },
    { kind: 'stage', ...stage, status: 'completed', at: at(6), counts: { updates: 3 }, manifest: digest('c') },
    { ...evaluation, status: 'running', at: at(7), iteration: 1 },
    { ...evaluation, status: 'completed', at: at(8), manifest: digest('d') },
    { kind: 'checkpoint', digest: digest('b'), campaignId, iteration: 1, parent: digest('a'), at: at(8) },
    { kind: 'checkpoint', digest: digest('a'), campaignId, iteration: 0, at: at(0) },
  ];
}

/** The facts of one writer; together the writers have all of them. */
export const writtenBy = (writer: number, facts: readonly Fact[]): Fact[] =>
  facts.filter((_, index) => index % WRITERS === writer);
