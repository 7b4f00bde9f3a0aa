/** The use cases over a real database and store, without HTTP and without an orchestrator. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import type { CampaignPlan } from '../../../src/campaigns/plan-campaign.ts';
import { recoverCampaign } from '../../../src/campaigns/recover-campaign.ts';
import { startCampaign } from '../../../src/campaigns/start-campaign.ts';
import { cancelEvaluation } from '../../../src/campaigns/start-evaluation.ts';
import * as steer from '../../../src/campaigns/steer-campaign.ts';
import { UseCaseError } from '../../../src/campaigns/use-case-error.ts';
import { type CampaignConfig, campaignSchema } from '../../../src/config/campaign.ts';
import { ConfigError } from '../../../src/config/config-error.ts';
import { applyFacts } from '../../../src/db/apply-facts.ts';
import { readCampaign } from '../../../src/db/read-campaigns.ts';
import type { Request } from '../../../src/protocol/campaign-messages.ts';
import { CAMPAIGN_STATUSES, isOpenStatus } from '../../../src/protocol/statuses.ts';
import { ButtonIds, pressButton } from '../../../src/web/buttons.ts';
import { openTestDeps, type TestDeps } from '../../support/http.ts';
import { RecordingGateway } from '../../support/recording-gateway.ts';

const config = campaignSchema.parse({
  name: 'math',
  model: '/a/model',
  template: 'testbed',
  iterations: 2,
  problems: [{ from: 'testbed', limit: 8 }],
});
const at = '2026-01-01T00:00:00.000Z';

let deps: TestDeps;
let gateway: RecordingGateway;
let preflight: () => Promise<CampaignPlan>;

beforeAll(async () => {
  gateway = new RecordingGateway();
  deps = await openTestDeps({ gateway, preflight: () => preflight() });
  await applyFacts(
    deps.db,
    CAMPAIGN_STATUSES.map((status) => ({ kind: 'campaign', id: status, status, at, config })),
  );
});
afterAll(() => deps.close());
beforeEach(() => {
  gateway.calls.length = 0;
  gateway.runState = 'running';
  gateway.failure = undefined;
  preflight = async () => planOf(135e6);
});

/** A plan of which a start reads the size of the model. */
const planOf = (parameters: number): CampaignPlan =>
  ({ model: { parameters, checked: [] } }) as unknown as CampaignPlan;

const refusal = async (work: Promise<unknown>): Promise<UseCaseError> => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UseCaseError);
  return error as UseCaseError;
};

const settings = { 'strategy.alpha': 4 };

/** Everything that a campaign can be asked while it is open. */
const REQUESTS: Readonly<Record<string, (id: string, request: Request) => Promise<unknown>>> = {
  pause: (id, request) => steer.pauseCampaign(deps, id, request),
  resume: (id, request) => steer.resumeCampaign(deps, id, request),
  'stop now': (id, request) => steer.stopCampaign(deps, id, { ...request, when: 'now' }),
  'stop after the iteration': (id, request) => steer.stopCampaign(deps, id, { ...request, when: 'after-iteration' }),
  retry: (id, request) => steer.retryIteration(deps, id, request),
  'retry with settings': (id, request) => steer.retryIteration(deps, id, { ...request, settings }),
  accept: (id, request) => steer.acceptFailures(deps, id, request),
  abort: (id, request) => steer.abortIteration(deps, id, request),
  settings: (id, request) => steer.changeCampaignSettings(deps, id, { ...request, settings }),
};
const BUTTONS = ['pause', 'resume', 'stop', 'retry', 'accept', 'abort'];
const REQUEST = { by: 'ada', id: 'r-1' };

describe.each(Object.entries(REQUESTS))('%s', (_name, send) => {
  test.each(CAMPAIGN_STATUSES.filter(isOpenStatus))(
    'of a campaign that is %s reaches it once, with its id',
    async (id) => {
      await send(id, REQUEST);
      expect(gateway.calls).toHaveLength(1);
      expect(gateway.calls[0]?.args).toContainEqual(expect.objectContaining(REQUEST));
    },
  );

  test.each(CAMPAIGN_STATUSES.filter((status) => !isOpenStatus(status)))(
    'of a campaign that has ended as %s is refused, and nothing is asked of it',
    async (id) => {
      expect(await refusal(send(id, REQUEST))).toMatchObject({
        code: 'conflict',
        message: `campaign "${id}" has ended (${id}); \`campaign extend\` goes on with it`,
      });
      expect(gateway.calls).toEqual([]);
    },
  );

  it('of an unknown campaign names those that there are', async () => {
    expect(await refusal(send('nobody', REQUEST))).toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('there are'),
    });
  });
});

describe('a button of a page', () => {
  test.each(BUTTONS)('%s is refused on a campaign that has ended with the words of the API', async (action) => {
    const pressed = await refusal(pressButton(deps, new ButtonIds(), 'completed', { action }));
    const asked = await refusal(steer.pauseCampaign(deps, 'completed', {}));
    expect([pressed.code, pressed.message]).toEqual([asked.code, asked.message]);
    expect(gateway.calls).toEqual([]);
  });

  test.each(BUTTONS)('%s, pressed twice, sends two requests with one id', async (action) => {
    const ids = new ButtonIds();
    const form = { action, requestId: ids.idOf('running') };
    await Promise.all([pressButton(deps, ids, 'running', form), pressButton(deps, ids, 'running', form)]);
    const [first, second] = gateway.calls.map(({ args }) => args.at(-1));
    expect(first).toEqual({ by: 'page', id: `${form.requestId}/${action}` });
    expect(second).toEqual(first);
  });

  it('has another id than the other buttons, and another one after it was pressed', async () => {
    const ids = new ButtonIds();
    const requestId = ids.idOf('running');
    expect(ids.idOf('running')).toBe(requestId);
    await pressButton(deps, ids, 'running', { action: 'pause', requestId });
    expect(ids.idOf('running')).not.toBe(requestId);
    await pressButton(deps, ids, 'running', { action: 'resume', requestId });
    const sent = gateway.calls.map(({ args }) => (args[1] as Request).id);
    expect(new Set(sent).size).toBe(2);
  });

  it('keeps its id where the campaign could not be asked, so that the next try is the same request', async () => {
    const ids = new ButtonIds();
    const requestId = ids.idOf('running');
    gateway.failure = new UseCaseError('unavailable', 'Temporal does not answer');
    expect(await refusal(pressButton(deps, ids, 'running', { action: 'stop', requestId }))).toMatchObject({
      code: 'unavailable',
    });
    expect(ids.idOf('running')).toBe(requestId);
  });

  test.each([{}, { action: 'explode' }, { action: 'toString' }, { action: 'pause', requestId: '' }])(
    'is refused with %j',
    async (form) => {
      expect((await refusal(pressButton(deps, new ButtonIds(), 'running', form))).code).toBe('bad-request');
    },
  );
});

describe('a start', () => {
  it('takes no name twice, and asks nothing before its checks have passed', async () => {
    expect(await refusal(startCampaign(deps, { ...config, name: 'failed' }))).toMatchObject({ code: 'conflict' });
    preflight = async () => {
      throw new ConfigError('no such model');
    };
    await expect(startCampaign(deps, { ...config, name: 'new' })).rejects.toThrow('no such model');
    expect(gateway.calls).toEqual([]);
    expect(await readCampaign(deps.db, 'new')).toBeUndefined();
  });

  it('is recorded once the orchestrator has it, and not where it is away', async () => {
    gateway.failure = new UseCaseError('unavailable', 'away');
    expect((await refusal(startCampaign(deps, { ...config, name: 'new' }))).code).toBe('unavailable');
    expect(await readCampaign(deps.db, 'new')).toBeUndefined();
    gateway.failure = undefined;
    expect(await startCampaign(deps, { ...config, name: 'new' })).toEqual({ id: 'new' });
    expect(await readCampaign(deps.db, 'new')).toMatchObject({ status: 'running', iterationsPlanned: 2 });
  });
});

describe('the checkpoints that are kept', () => {
  const startedWith = async (parameters: number, checkpoints?: CampaignConfig['checkpoints']) => {
    preflight = async () => planOf(parameters);
    const name = `size-${parameters}-${checkpoints?.keepLast ?? 'all'}`;
    await startCampaign(deps, { ...config, name, ...(checkpoints === undefined ? {} : { checkpoints }) });
    const [input] = gateway.calls.at(-1)?.args ?? [];
    return (input as { config: CampaignConfig }).config.checkpoints;
  };

  it('are all of a model of up to a billion parameters, and the last two above, if the file does not say', async () => {
    expect(await startedWith(1e9)).toBeUndefined();
    expect(await startedWith(1e9 + 1)).toEqual({ keepLast: 2 });
    expect(await startedWith(7e9)).toEqual({ keepLast: 2 });
    expect(await startedWith(7e9, { keepLast: 5 })).toEqual({ keepLast: 5 });
    expect(await startedWith(135e6, { keepLast: 1 })).toEqual({ keepLast: 1 });
  });
});

describe('an extension', () => {
  test.each(['missing', 'failed'] as const)('of a campaign that is lost (%s) asks for a recovery', async (state) => {
    gateway.runState = state;
    expect(await refusal(steer.extendCampaign(deps, 'running', { iterations: 1 }))).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('campaign recover'),
    });
    expect(gateway.calls).toEqual([]);
  });

  it('of a campaign that has ended is recorded as running again', async () => {
    expect(await steer.extendCampaign(deps, 'stopped', { iterations: 3 })).toEqual({
      id: 'stopped',
      iterationsPlanned: 3,
    });
    expect((await readCampaign(deps.db, 'stopped'))?.status).toBe('running');
    await applyFacts(deps.db, [{ kind: 'campaign', id: 'stopped', status: 'stopped', at: '2100-01-01T00:00:00.000Z' }]);
  });
});

test.each([
  ['running', 'running', 'there is nothing to recover'],
  ['completed', 'completed', 'campaign extend'],
  ['running', 'completed', 'campaign extend'],
  ['running', 'missing', 'holds no configuration'],
] as const)('a recovery of a campaign that is %s, with a run that is %s, is refused: %s', async (id, state, why) => {
  gateway.runState = state;
  expect(await refusal(recoverCampaign(deps, id, 'ada'))).toMatchObject({
    code: 'conflict',
    message: expect.stringContaining(why),
  });
  expect(gateway.calls).toEqual([]);
});

test('an evaluation that has ended is not cancelled', async () => {
  const evaluation = { kind: 'evaluation', id: 'eval/a', checkpoint: 'sha256:0', suite: 's', at } as const;
  await applyFacts(deps.db, [{ ...evaluation, status: 'running' }]);
  await cancelEvaluation(deps, 'eval/a');
  expect(gateway.calls).toMatchObject([{ call: 'cancelEvaluation' }]);
  await applyFacts(deps.db, [{ ...evaluation, status: 'failed', at: '2026-01-02T00:00:00.000Z' }]);
  expect((await refusal(cancelEvaluation(deps, 'eval/a'))).code).toBe('conflict');
  expect((await refusal(cancelEvaluation(deps, 'eval/b'))).code).toBe('not-found');
});
