/** The rollout browser: all rollouts of an iteration or an evaluation, filtered and paged. */
import type { RolloutPage } from '../campaigns/read-rollouts.ts';
import { FILTER_CHOICES, type RolloutFilter } from '../campaigns/rollout-filter.ts';
import type { CampaignDetail } from '../db/views.ts';
import { formatCount } from '../formats/for-people.ts';
import { campaignAddress, evaluationAddress, rolloutsAddress } from './addresses.ts';
import { Layout } from './layout.tsx';
import { RolloutList } from './section-rollouts.tsx';

export interface RolloutsPageProps {
  /** Whose training the rollouts are of; absent for those of an evaluation. */
  readonly campaign?: CampaignDetail;
  readonly filter: RolloutFilter;
  readonly page: RolloutPage;
}

export function RolloutsPage({ campaign, filter, page }: RolloutsPageProps) {
  const { evaluation } = page;
  const choices = (['arm', 'grade', 'end', 'decision'] as const).filter(
    // Only an evaluation samples every arm of a problem.
    (name) => name !== 'decision' || evaluation !== undefined,
  );
  return (
    <Layout title={`Rollouts of ${campaign?.id ?? evaluation}`}>
      <header class="title">
        <h1>
          {evaluation === undefined ? (
            <a href={campaignAddress(campaign?.id ?? '')}>{campaign?.id}</a>
          ) : (
            <a href={evaluationAddress(evaluation)}>{evaluation}</a>
          )}
          {' rollouts'}
        </h1>
      </header>
      <section class="panel">
        <form class="filters" method="get">
          {evaluation === undefined ? null : <input type="hidden" name="evaluation" value={evaluation} />}
          {campaign === undefined ? null : (
            <label>
              iteration
              <select name="iteration">
                {campaign.iterations
                  .filter((item) => item.shardsDone > 0)
                  .map(({ iteration }) => (
                    <option value={String(iteration)} selected={iteration === page.iteration}>
                      {iteration}
                    </option>
                  ))}
              </select>
            </label>
          )}
          {choices.map((name) => (
            <label>
              {name}
              <select name={name}>
                <option value="">all</option>
                {FILTER_CHOICES[name].map((choice) => (
                  <option value={choice} selected={filter[name] === choice}>
                    {choice}
                  </option>
                ))}
              </select>
            </label>
          ))}
          <label>
            text
            <input name="grep" value={filter.grep ?? ''} placeholder="problem, solution, output" size={22} />
          </label>
          <label>
            problem
            <input name="problem" value={filter.problem ?? ''} placeholder="id" size={18} />
          </label>
          <button type="submit">show</button>
        </form>
        {page.total === 0 ? (
          <p class="empty">No rollout is like that.</p>
        ) : (
          <>
            <p class="note">{`${formatCount(page.offset + 1)}–${formatCount(page.offset + page.rollouts.length)} of ${formatCount(page.total)}`}</p>
            <RolloutList rollouts={page.rollouts} campaign={campaign?.id} />
            <nav class="pages" aria-label="Pages of rollouts">
              <PageLink filter={filter} page={page} offset={page.offset - filter.limit} name="← newer" />
              <PageLink filter={filter} page={page} offset={page.offset + filter.limit} name="older →" />
            </nav>
          </>
        )}
      </section>
    </Layout>
  );
}

function PageLink({
  filter,
  page,
  offset,
  name,
}: {
  readonly filter: RolloutFilter;
  readonly page: RolloutPage;
  readonly offset: number;
  readonly name: string;
}) {
  if (offset >= page.total || (offset < 0 && page.offset === 0)) return <span class="none">{name}</span>;
  const { arm, grade, end, decision, grep, problem } = filter;
  const of = { campaign: filter.campaign, iteration: page.iteration, evaluation: page.evaluation };
  const more = { arm, grade, end, decision, grep, problem, offset: Math.max(0, offset) };
  return <a href={rolloutsAddress(of, more)}>{name}</a>;
}
