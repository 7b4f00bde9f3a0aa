/** The rollout browser: all rollouts of an iteration, filtered and paged. */

import type { RolloutPage } from '../campaigns/read-rollouts.ts';
import type { RolloutFilter } from '../campaigns/rollout-filter.ts';
import type { CampaignDetail } from '../db/views.ts';
import { formatCount } from '../formats/for-people.ts';
import { ARMS } from '../rollout/types.ts';
import { Layout } from './layout.tsx';
import { RolloutList } from './section-rollouts.tsx';

const CHOICES = {
  arm: ARMS,
  grade: ['correct', 'incorrect', 'undecided', 'none'],
  end: ['completed', 'truncated', 'violation', 'infrastructure'],
} as const;

export function RolloutsPage({
  campaign,
  filter,
  page,
}: {
  readonly campaign: CampaignDetail;
  readonly filter: RolloutFilter;
  readonly page: RolloutPage;
}) {
  const first = page.rollouts.length === 0 ? 0 : page.offset + 1;
  return (
    <Layout title={`Rollouts of ${campaign.id}`}>
      <header class="title">
        <h1>
          <a href={`/campaigns/${campaign.id}`}>{campaign.id}</a> rollouts
        </h1>
      </header>
      <section class="panel">
        <form class="filters" method="get">
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
          {(['arm', 'grade', 'end'] as const).map((name) => (
            <label>
              {name}
              <select name={name}>
                <option value="">all</option>
                {CHOICES[name].map((choice) => (
                  <option value={choice} selected={filter[name] === choice}>
                    {choice}
                  </option>
                ))}
              </select>
            </label>
          ))}
          <label>
            problem
            <input name="problem" value={filter.problem ?? ''} placeholder="id" size={18} />
          </label>
          <button type="submit">show</button>
        </form>
        <p class="note">{`${formatCount(first)}–${formatCount(page.offset + page.rollouts.length)} of ${formatCount(page.total)}`}</p>
        <RolloutList rollouts={page.rollouts} />
        <nav class="pages" aria-label="Pages of rollouts">
          <PageLink filter={filter} page={page} offset={page.offset - filter.limit} name="← newer" />
          <PageLink filter={filter} page={page} offset={page.offset + filter.limit} name="older →" />
        </nav>
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
  const query = new URLSearchParams({ iteration: String(page.iteration), offset: String(Math.max(0, offset)) });
  for (const key of ['arm', 'grade', 'end', 'problem'] as const) {
    const value = filter[key];
    if (value !== undefined) query.set(key, value);
  }
  return <a href={`?${query}`}>{name}</a>;
}
