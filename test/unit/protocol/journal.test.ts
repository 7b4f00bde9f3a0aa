import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/formats/canonical-json.ts';
import { controlContract } from '../../../src/protocol/activities.ts';
import { decodeEvent, decodeJournal } from '../../../src/protocol/decode-journal.ts';
import { factSchema } from '../../../src/protocol/facts.ts';
import { type JournalEvent, journalEventSchema, journalNoteSchema } from '../../../src/protocol/journal.ts';
import { describeSkipped } from '../../../src/protocol/skipped-entries.ts';
import { recordedInputsOf } from '../../support/recorded-payloads.ts';

const AT = '2026-11-30T12:00:00.000Z';
const hex = (digit: string): `sha256:${string}` => `sha256:${digit.repeat(64)}`;
const state = {
  config: hex('1'),
  problems: hex('2'),
  base: hex('3'),
  head: hex('4'),
  isStartEvaluated: true,
  iterationsDone: 2,
  iterationsPlanned: 5,
  cursor: 64,
};
const origin = {
  campaignId: 'math',
  iteration: 2,
  checkpoint: hex('4'),
  base: hex('3'),
  problems: hex('2'),
  cursor: 64,
};
const asked = { by: 'ada@lovelace', updateId: 'once' };
const answer = { ...asked, what: 'iteration 3', reason: 'too many lost', lost: { 'failed.code.sandbox': 4 } };
const measure = { value: 0.5, low: 0.4, high: 0.6, n: 32 };

/** One of each kind, with every field. */
const EVENTS: readonly JournalEvent[] = [
  {
    at: AT,
    kind: 'fact',
    details: {
      fact: {
        kind: 'campaign',
        id: 'math',
        status: 'running',
        at: AT,
        config: { iterations: 5 },
        reason: 'because',
        head: hex('4'),
        iterationsDone: 2,
        iterationsPlanned: 5,
        forkedFrom: origin,
      },
    },
  },
  { at: AT, kind: 'opened', details: { config: hex('1'), problems: hex('2'), gradedAsText: [{ id: 'p', why: 'w' }] } },
  { at: AT, kind: 'state', details: state },
  { at: AT, kind: 'paused', details: asked },
  { at: AT, kind: 'resumed', details: {} },
  { at: AT, kind: 'stop-requested', details: { ...asked, when: 'now' } },
  { at: AT, kind: 'extended', details: { ...asked, iterations: 2, iterationsPlanned: 7, restarts: true } },
  {
    at: AT,
    kind: 'settings-changed',
    details: {
      ...asked,
      fromIteration: 3,
      changes: [{ setting: 'strategy.alpha', from: 2, to: 4 }, { setting: 'failures.webhook' }],
      config: hex('5'),
      configNow: hex('1'),
      when: 'next-iteration',
    },
  },
  { at: AT, kind: 'iteration-retried', details: answer },
  { at: AT, kind: 'failures-accepted', details: answer },
  { at: AT, kind: 'iteration-aborted', details: answer },
  { at: AT, kind: 'recovered', details: { ...asked, iterationsDone: 2, paused: false } },
  { at: AT, kind: 'forked', details: { ...asked, from: origin, settings: { 'strategy.alpha': 4 } } },
  {
    at: AT,
    kind: 'replayed',
    details: {
      ...asked,
      iteration: 2,
      from: 'curate',
      settings: {},
      verdict: 'different',
      first: {
        stage: 'curate',
        step: '',
        verdict: 'different',
        difference: { output: 'curation', item: 'problem 3', field: 'kept[0]', stored: '1', now: '2', isDamaged: true },
        deviations: [{ of: 'weights', largest: 0.1, allowed: 0.01 }],
        changed: [{ setting: 'strategy.alpha', from: 2, to: 4 }],
        reason: 'changed',
        metrics: { loss: 0.5 },
      },
    },
  },
  { at: AT, kind: 'webhook-failed', details: { url: 'http://127.0.0.1:9/', reason: 'refused' } },
  { at: AT, kind: 'rolled-back', details: { iteration: 3, to: 1, checkpoint: hex('4'), reason: 'fell to 41 %' } },
  { at: AT, kind: 'collection-failed', details: { reason: 'the disk is read-only' } },
];

const FACTS: readonly unknown[] = [
  {
    kind: 'iteration',
    campaignId: 'math',
    iteration: 1,
    status: 'no-signal',
    at: AT,
    from: hex('3'),
    metrics: { a: 1 },
  },
  { kind: 'stage', campaignId: 'math', iteration: 0, stage: 'warm-up', status: 'failed', at: AT, reason: 'why' },
  { kind: 'shard', campaignId: 'math', iteration: 1, shard: 0, of: 2, at: AT, manifest: hex('6'), counts: {} },
  { kind: 'checkpoint', digest: hex('4'), campaignId: 'math', iteration: 1, parent: hex('3'), at: AT },
  { kind: 'checkpoint-mark', digest: hex('4'), campaignId: 'math', at: AT, mark: 'collected', freedBytes: 2 ** 40 },
  {
    kind: 'evaluation',
    id: 'eval/1',
    checkpoint: hex('4'),
    suite: 'held',
    status: 'completed',
    at: AT,
    manifest: hex('7'),
    metrics: {
      accuracy: { auto: measure, cot: measure },
      repeated: { code: { k: 2, avg: measure, maj: measure, pass: { 1: measure } } },
      selectionAccuracy: { greedy: measure },
      regret: measure,
      counts: { violations: 1 },
    },
  },
];

const entry = (name: string, value: unknown) => ({ name, text: JSON.stringify(value) });
const reasonOf = (value: unknown): string => {
  const decoded = decodeEvent(value);
  return 'reason' in decoded ? decoded.reason : '';
};

/** The path of every value in the value, itself not counted. */
function placesIn(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [[key], ...placesIn(item).map((rest) => [key, ...rest])]);
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  const copy = Array.isArray(value) ? [...value] : { ...(value as object) };
  return Object.assign(copy, { [key]: replaced((value as Record<string, unknown>)[key], rest, by) });
}

describe('the decoder of journals', () => {
  it('has an example of every kind here', () => {
    const kinds = (options: readonly { readonly shape: { readonly kind: { readonly value: string } } }[]) =>
      options.map(({ shape }) => shape.kind.value);
    const [fact, notes] = journalEventSchema.options;
    expect(EVENTS.map(({ kind }) => kind).sort()).toEqual([...kinds([fact]), ...kinds(notes.options)].sort());
    expect(['campaign', ...FACTS.map((item) => (item as { kind: string }).kind)].sort()).toEqual(
      kinds(factSchema.options).sort(),
    );
  });

  it.each(EVENTS.map((event) => [event.kind, event] as const))('reads back what was written: %s', (_kind, event) => {
    const text = canonicalJson(event);
    const { events, skipped } = decodeJournal('math', [{ name: 'one.json', text }]);
    expect(skipped).toEqual([]);
    expect(events).toEqual([event]);
    expect(canonicalJson(events[0])).toBe(text);
    if (event.kind === 'fact') return;
    expect(journalNoteSchema.parse({ campaignId: 'math', ...event })).toEqual({ campaignId: 'math', ...event });
  });

  it.each(FACTS.map((fact) => [(fact as { kind: string }).kind, fact] as const))(
    'reads a fact of %s',
    (_kind, fact) => {
      expect(decodeEvent({ at: AT, kind: 'fact', details: { fact } })).toEqual({
        event: { at: AT, kind: 'fact', details: { fact } },
      });
      expect(controlContract.recordFacts.input.parse({ facts: [fact] })).toEqual({ facts: [fact] });
    },
  );

  it('reads every entry and fact that earlier versions have recorded', () => {
    const notes = recordedInputsOf('writeJournal') as { campaignId: string }[];
    const facts = recordedInputsOf('recordFacts') as { facts: { at: string }[] }[];
    expect(notes.length).toBeGreaterThan(10);
    expect(facts.length).toBeGreaterThan(50);
    for (const input of notes) {
      const { campaignId: _id, ...event } = input;
      expect(decodeEvent(event)).toEqual({ event });
      expect(journalNoteSchema.parse(input)).toEqual(input);
    }
    for (const input of facts) {
      expect(controlContract.recordFacts.input.parse(input)).toEqual(input);
      for (const fact of input.facts) expect(reasonOf({ at: fact.at, kind: 'fact', details: { fact } })).toBe('');
    }
  });

  it('keeps what a newer version has added to an entry', () => {
    const event = { at: AT, kind: 'state', details: { ...state, curriculum: 'sorted' }, version: 2 };
    expect(decodeEvent(event)).toEqual({ event });
  });

  it('skips what it can not read, with its name and the reason, and reads the rest', () => {
    const good = { at: AT, kind: 'paused', details: {} };
    const damaged = {
      'cut-off.json': canonicalJson(good).slice(0, 20),
      'empty.json': '',
      'zeros.json': '\0'.repeat(40),
      'null.json': 'null',
      'list.json': '[]',
      'unknown.json': JSON.stringify({ ...good, kind: 'dreamt' }),
      'unknown-fact.json': JSON.stringify({ at: AT, kind: 'fact', details: { fact: { kind: 'dream', at: AT } } }),
      'no-time.json': JSON.stringify({ ...good, at: 'yesterday' }),
      'no-details.json': JSON.stringify({ at: AT, kind: 'paused' }),
      'wrong.json': JSON.stringify({ at: AT, kind: 'state', details: { ...state, config: 'sha256:12' } }),
    };
    const entries = Object.entries(damaged).map(([name, text]) => ({ name, text }));
    const { events, skipped } = decodeJournal('math', [
      entry('first.json', good),
      ...entries,
      entry('last.json', good),
    ]);
    expect(events).toEqual([good, good]);
    expect(skipped.map(({ name }) => name)).toEqual(Object.keys(damaged).map((name) => `math/${name}`));
    for (const { reason } of skipped) expect(reason).not.toBe('');
    const reasons = Object.fromEntries(skipped.map(({ name, reason }) => [name, reason]));
    expect(reasons['math/unknown.json']).toBe('kind "dreamt" is unknown to this version');
    expect(reasons['math/unknown-fact.json']).toBe('details.fact.kind "dream" is unknown to this version');
    expect(reasons['math/wrong.json']).toBe('details.config: not a digest');
    expect(describeSkipped(skipped)).toMatch(/^10 journal entries are skipped: math\/cut-off.json: .*; and 5 more$/);
    expect(describeSkipped([])).toBe('');
  });

  it('never throws, for any JSON value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        decodeEvent(value);
        decodeJournal('any', [entry('any.json', value)]);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => decodeJournal('any', [{ name: 'any.json', text }]).events.length < 2));
  });

  it('reads an entry in which any value was replaced as it stands, or says why not', () => {
    const places = EVENTS.flatMap((event) => placesIn(event).map((place) => [event, place] as const));
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue(), ([event, place], value) => {
        const changed = replaced(event, place, value);
        const decoded = decodeEvent(changed);
        if ('event' in decoded) expect(canonicalJson(decoded.event)).toBe(canonicalJson(changed));
        else expect(decoded.reason).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('facts to record', () => {
  const [, stage] = FACTS as [unknown, Record<string, unknown>];
  it.each([
    ['a kind that there is not', { ...stage, kind: 'dream' }],
    ['a status that there is not', { ...stage, status: 'asleep' }],
    ['a time that is none', { ...stage, at: '30 November' }],
    ['a date that there is not', { ...stage, at: '2026-02-30T00:00:00.000Z' }],
    ['a year that the database does not hold', { ...stage, at: '0000-01-01T00:00:00.000Z' }],
    ['a negative iteration', { ...stage, iteration: -1 }],
    ['an iteration that the database does not hold', { ...stage, iteration: 2 ** 31 }],
    ['half an iteration', { ...stage, iteration: 0.5 }],
    ['a count that is not a number', { ...stage, counts: { rollouts: 'many' } }],
    ['a manifest that is no digest', { ...stage, manifest: 'sha256:12' }],
    ['no campaign', { ...stage, campaignId: undefined }],
    ['a field that no fact has', { ...stage, stauts: 'running' }],
    ['a fact that is a text', 'stage'],
  ])('are refused with %s', (_what, fact) => {
    expect(controlContract.recordFacts.input.safeParse({ facts: [FACTS[0], fact] }).success).toBe(false);
  });
});
