/** What brings back what was lost, or begins anew from what is there: recover, fork, rebuild. */

import { Hono } from 'hono';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { planFork } from '../campaigns/fork.ts';
import { requireCampaign, tell } from '../campaigns/known-campaigns.ts';
import { readRecovery } from '../campaigns/recovery.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { readJournalOf, rebuildDatabase } from '../db/apply-journal.ts';
import { readCampaign } from '../db/read-campaigns.ts';
import { describeSkipped } from '../protocol/decode-journal.ts';
import { isOpenStatus } from '../protocol/statuses.ts';
import { readBody } from './read-body.ts';
import { askedBody, forkBody } from './requests.ts';

/** Mounted below `/api`. */
export function recoveryRoutes(deps: CampaignDeps): Hono {
  const routes = new Hono();

  routes.post('/campaigns/:id/recover', async (context) => {
    const { by } = parseAsked(askedBody, await readBody(context), 'the request');
    const { id, status } = await requireCampaign(deps, context.req.param('id'));
    const run = await deps.gateway.readRunState(id);
    if (run === 'running') throw new UseCaseError('conflict', `campaign "${id}" runs; there is nothing to recover`);
    if (!isOpenStatus(status) || run === 'completed')
      throw new UseCaseError('conflict', `campaign "${id}" has ended (${status}); \`campaign extend\` goes on with it`);
    const { input, skipped } = await readRecovery(deps.store, id);
    if (input === undefined)
      throw new UseCaseError(
        'conflict',
        `the journal of campaign "${id}" holds no configuration; start a new one${skipped.length === 0 ? '' : ` (${describeSkipped(skipped)})`}`,
      );
    const iterationsDone = input.state?.iterationsDone ?? 0;
    const details = { ...(by === undefined ? {} : { by }), iterationsDone, paused: input.paused === true };
    // Before the start: what the campaign says of itself then is later.
    const at = new Date().toISOString();
    await deps.gateway.startCampaign({ ...input, begunBy: { kind: 'recovered', details } });
    const now = input.paused === true ? 'paused' : 'running';
    await tell(deps, [{ kind: 'campaign', id, status: now, at }]);
    return context.json({ id, iterationsDone, paused: input.paused === true, skipped });
  });

  routes.post('/campaigns/:id/fork', async (context) => {
    const { name, settings, iterations, by } = parseAsked(forkBody, await readBody(context), 'the fork');
    if ((await readCampaign(deps.db, name)) !== undefined)
      throw new UseCaseError('conflict', `a campaign "${name}" exists already; give the fork another name`);
    const input = await planFork(deps, { from: context.req.param('id'), name, settings, iterations });
    const { config, forkedFrom } = input;
    await deps.preflight(config);
    const at = new Date().toISOString();
    const details = {
      ...(by === undefined ? {} : { by }),
      ...(forkedFrom === undefined ? {} : { from: forkedFrom }),
      settings,
    };
    await deps.gateway.startCampaign({ ...input, begunBy: { kind: 'forked', details } });
    const { iterations: iterationsPlanned } = config;
    const iterationsDone = forkedFrom?.iteration ?? 0;
    const fact = {
      kind: 'campaign',
      id: name,
      status: 'running',
      at,
      config,
      iterationsPlanned,
      iterationsDone,
    } as const;
    await tell(deps, [forkedFrom === undefined ? fact : { ...fact, forkedFrom, head: forkedFrom.checkpoint }]);
    return context.json({ id: name, forkedFrom, iterationsPlanned }, 201);
  });

  routes.get('/campaigns/:id/journal', async (context) => {
    const { id } = await requireCampaign(deps, context.req.param('id'));
    const { events, skipped } = await readJournalOf(deps.db, id);
    return context.json({ entries: events, skipped });
  });

  routes.post('/database/rebuild', async (context) => context.json(await rebuildDatabase(deps.db, deps.store)));

  return routes;
}
