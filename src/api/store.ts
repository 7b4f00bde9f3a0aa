/** `/api/store`: whether what was committed is whole, and letting a step be computed again. */
import { Hono } from 'hono';
import { z } from 'zod';
import { isDigest } from '../artifacts/digest.ts';
import type { Digest, Flaw } from '../artifacts/types.ts';
import type { CampaignDeps } from '../campaigns/deps.ts';
import { parseAsked, UseCaseError } from '../campaigns/use-case-error.ts';
import { readBody } from './read-body.ts';

export interface StoreFlaw extends Partial<Flaw> {
  readonly manifest: Digest;
  /** Absent for a manifest that is torn itself. */
  readonly stage?: string;
}

export interface StoreReport {
  readonly manifests: number;
  readonly flaws: readonly StoreFlaw[];
}

const checkQuery = z.strictObject({ deep: z.enum(['true', 'false']).default('false') });
const forgetBody = z.strictObject({
  manifest: z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'give the key of a manifest'),
});

export function storeRoutes({ store }: CampaignDeps): Hono {
  const routes = new Hono();

  routes.get('/check', async (context) => {
    const { deep } = parseAsked(checkQuery, context.req.query(), 'the query');
    const flaws: StoreFlaw[] = [];
    let manifests = 0;
    for await (const manifest of store.listManifests((key) => flaws.push({ manifest: key, kind: 'damaged' }))) {
      manifests += 1;
      for (const flaw of await store.findFlaws(manifest, deep === 'true'))
        flaws.push({ manifest: manifest.key, stage: manifest.step.stage, ...flaw });
    }
    return context.json({ manifests, flaws } satisfies StoreReport);
  });

  routes.post('/forget', async (context) => {
    const { manifest } = parseAsked(forgetBody, await readBody(context), 'the request');
    if (!(await store.retireManifest(manifest)))
      throw new UseCaseError(
        'not-found',
        `there is no manifest ${manifest}; \`whencode store check\` lists what is not whole`,
      );
    return context.json({ manifest });
  });

  return routes;
}
