/** All checkpoints, by campaign, with forks below the campaigns that they are from. */
import type { LineageCampaign, LineageCheckpoint } from '../campaigns/checkpoint-lineage.ts';
import { formatBytes } from '../formats/for-people.ts';
import { CHECKPOINT_ACTIONS, campaignAddress, evaluateAddress, forkAddress, iterationAddress } from './addresses.ts';
import { Layout } from './layout.tsx';
import { DigestText, Instant, MeasureText, Status } from './parts.tsx';
import { type Column, Table } from './table.tsx';

export function CheckpointsPage({ lineage }: { readonly lineage: readonly LineageCampaign[] }) {
  return (
    <Layout title="Checkpoints">
      <header class="title">
        <h1>Checkpoints</h1>
      </header>
      {lineage.length === 0 ? (
        <section class="panel">
          <p class="empty">No checkpoint yet. The first one of a campaign is its start.</p>
        </section>
      ) : (
        <div class="sections">
          {lineage.map((campaign) => (
            <section class="panel" aria-labelledby={`of-${campaign.id}`}>
              <Lineage campaign={campaign} level={0} />
            </section>
          ))}
        </div>
      )}
    </Layout>
  );
}

function Lineage({ campaign, level }: { readonly campaign: LineageCampaign; readonly level: number }) {
  const { id, status, forkedFrom, suite, checkpoints, forks } = campaign;
  const Heading = level === 0 ? 'h2' : 'h3';
  return (
    <>
      <Heading id={`of-${id}`}>
        <a href={campaignAddress(id)}>{id}</a> <Status status={status} />
        {forkedFrom === undefined ? null : <span class="made">{` forked from ${forkedFrom}`}</span>}
      </Heading>
      {checkpoints.length === 0 ? (
        <p class="empty">No checkpoint has been made yet.</p>
      ) : (
        <Table label={`Checkpoints of ${id}`} columns={columnsOf(suite)} rows={checkpoints} />
      )}
      {forks.length === 0 ? null : (
        <ul class="forks">
          {forks.map((fork) => (
            <li>
              <Lineage campaign={fork} level={level + 1} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const columnsOf = (suite: string | undefined): Column<LineageCheckpoint>[] => [
  {
    head: 'Iteration',
    cell: ({ campaignId, iteration }) =>
      iteration === 0 ? 'start' : <a href={iterationAddress(campaignId, iteration)}>{iteration}</a>,
  },
  { head: 'Checkpoint', cell: ({ digest }) => <DigestText digest={digest} /> },
  {
    head: `Auto${suite === undefined ? '' : ` on ${suite}`}`,
    kind: 'number',
    cell: ({ accuracy }) => <MeasureText measure={accuracy} />,
  },
  {
    head: 'Kept as',
    note: 'Heads, starts, the best, pinned ones and the last are never collected',
    cell: (item) => keptAs(item).map((name) => <span class="tag">{name}</span>),
  },
  {
    head: 'Files',
    kind: 'number',
    cell: ({ bytes, collectedAt }) =>
      bytes !== undefined ? (
        formatBytes(bytes)
      ) : collectedAt === undefined ? (
        'missing'
      ) : (
        <>
          collected <Instant at={collectedAt} />
        </>
      ),
  },
  { head: 'Made (UTC)', kind: 'optional', cell: ({ createdAt }) => <Instant at={createdAt} /> },
  {
    head: 'Actions',
    cell: (item) => (item.bytes === undefined ? <span class="none">–</span> : <Actions checkpoint={item} />),
  },
];

const keptAs = ({ roles, iteration, pinned }: LineageCheckpoint): string[] => [
  ...(iteration === 0 ? ['start'] : []),
  ...roles,
  ...(pinned === true ? ['pinned'] : []),
];

function Actions({ checkpoint }: { readonly checkpoint: LineageCheckpoint }) {
  const { digest, campaignId, iteration, pinned } = checkpoint;
  const name = `${campaignId}/${iteration}`;
  const action = pinned === true ? 'unpin' : 'pin';
  return (
    <form class="row-actions" method="post" action={CHECKPOINT_ACTIONS}>
      <input type="hidden" name="checkpoint" value={digest} />
      <button type="submit" name="action" value={action} aria-label={`${action} ${name}`}>
        {action}
      </button>
      <a href={evaluateAddress(name)} aria-label={`evaluate ${name}`}>
        evaluate
      </a>
      <a href={forkAddress(name)} aria-label={`fork ${name}`}>
        fork
      </a>
    </form>
  );
}
