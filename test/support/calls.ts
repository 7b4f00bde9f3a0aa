/** Short names for the calls of the API that tests make, over the typed client. */

import { ask, type Client, createClient, inPath } from '../../src/api/client.ts';
import type { RolloutFilter } from '../../src/campaigns/rollout-filter.ts';

type Access = Parameters<typeof createClient>[0];
/** The body of a request, by its route's function in the client. */
type BodyOf<Route extends (args: never, ...rest: never[]) => unknown> = Parameters<Route>[0] extends {
  readonly json: infer Body;
}
  ? Body
  : never;
type Api = Client['api'];
type OneCampaign = Api['campaigns'][':id'];
type OneIteration = Api['iterations'][':campaign'][':iteration'];
type Asked = BodyOf<OneCampaign['pause']['$post']>;

export type TestClient = ReturnType<typeof withCalls>;

export const createTestClient = (access: Access): TestClient => withCalls(createClient(access));

export function withCalls(client: Client) {
  const { api } = client;
  const campaign = api.campaigns[':id'];
  const evaluation = api.evaluations[':id{.+}'];
  const checkpoint = api.checkpoints[':reference'];
  const iterationRoutes = api.iterations[':campaign'][':iteration'];
  const of = (id: string) => ({ param: inPath({ id }) });
  const at = (id: string, iteration: number) => ({ param: inPath({ campaign: id, iteration }) });
  return {
    ...client,
    startCampaign: (json: BodyOf<Api['campaigns']['$post']>) => ask(api.campaigns.$post({ json })),
    listCampaigns: async () => (await ask(api.campaigns.$get())).campaigns,
    showCampaign: (id: string) => ask(campaign.$get(of(id))),
    pauseCampaign: (id: string, json: Asked = {}) => ask(campaign.pause.$post({ ...of(id), json })),
    resumeCampaign: (id: string, json: Asked = {}) => ask(campaign.resume.$post({ ...of(id), json })),
    stopCampaign: (id: string, when: 'now' | 'after-iteration' = 'now', asked: Asked = {}) =>
      ask(campaign.stop.$post({ ...of(id), json: { ...asked, when } })),
    extendCampaign: (id: string, iterations: number, asked: Asked = {}) =>
      ask(campaign.extend.$post({ ...of(id), json: { ...asked, iterations } })),
    answerBlock: (id: string, answer: 'retry' | 'accept' | 'abort', json: BodyOf<OneCampaign['retry']['$post']> = {}) =>
      ask(campaign[answer].$post({ ...of(id), json })),
    changeSettings: (id: string, json: BodyOf<OneCampaign['settings']['$post']>) =>
      ask(campaign.settings.$post({ ...of(id), json })),
    recoverCampaign: (id: string, json: Asked = {}) => ask(campaign.recover.$post({ ...of(id), json })),
    forkCampaign: (id: string, json: BodyOf<OneCampaign['fork']['$post']>) =>
      ask(campaign.fork.$post({ ...of(id), json })),
    readJournal: (id: string) => ask(campaign.journal.$get(of(id))),
    replayIteration: (id: string, iteration: number, json: BodyOf<OneIteration['replay']['$post']>) =>
      ask(iterationRoutes.replay.$post({ ...at(id, iteration), json })),
    showReplay: (id: string) => ask(api.replays[':id{.+}'].$get(of(id))),
    whatIf: (id: string, iteration: number, json: BodyOf<OneIteration['what-if']['$post']>) =>
      ask(iterationRoutes['what-if'].$post({ ...at(id, iteration), json })),
    diffIterations: (left: string, right: string) => ask(api.iterations.diff.$get({ query: { left, right } })),
    startEvaluation: (json: BodyOf<Api['evaluations']['$post']>) => ask(api.evaluations.$post({ json })),
    listEvaluations: async (query: { readonly campaign?: string; readonly checkpoint?: string } = {}) =>
      (await ask(api.evaluations.$get({ query }))).evaluations,
    compareEvaluations: (left: string, right: string) =>
      ask(api.evaluations.differences.$get({ query: { left, right } })),
    showEvaluation: async (id: string) => (await ask(evaluation.$get(of(id)))).evaluation,
    cancelEvaluation: (id: string) => ask(evaluation.cancel.$post(of(id))),
    listCheckpoints: async (id?: string) => (await ask(api.checkpoints.$get({ query: { campaign: id } }))).checkpoints,
    showCheckpoint: (reference: string) => ask(checkpoint.$get({ param: inPath({ reference }) })),
    pinCheckpoint: (reference: string, isPinned: boolean) =>
      ask(checkpoint[isPinned ? 'pin' : 'unpin'].$post({ param: inPath({ reference }) })),
    collectCheckpoints: (json: BodyOf<Api['checkpoints']['collect']['$post']>) =>
      ask(api.checkpoints.collect.$post({ json })),
    listRollouts: (query: Partial<RolloutFilter> & Pick<RolloutFilter, 'campaign'>) =>
      ask(api.rollouts.$get({ query })),
    showRollout: async (id: string, iteration: number, rollout: string) =>
      (
        await ask(
          api.rollouts[':campaign'][':iteration'][':id'].$get({
            param: inPath({ campaign: id, iteration, id: rollout }),
          }),
        )
      ).rollout,
    regradeRollouts: (
      id: string,
      iteration: number,
      json: BodyOf<Api['rollouts'][':campaign'][':iteration']['regrade']['$post']> = {},
    ) => ask(api.rollouts[':campaign'][':iteration'].regrade.$post({ ...at(id, iteration), json })),
    checkStore: (isDeep: boolean) => ask(api.store.check.$get({ query: { deep: isDeep ? 'true' : 'false' } })),
    forgetStep: (manifest: string) => ask(api.store.forget.$post({ json: { manifest } })),
    rebuildDatabase: () => ask(api.database.rebuild.$post()),
  };
}
