/** Settings of a campaign: where it is from, what a person changed, and all of them in the order of the file. */

import { z } from 'zod';
import { campaignSchema } from '../config/campaign.ts';
import type { SettingChange } from '../config/settings.ts';
import type { SettingsChanged } from '../db/read-settings-changes.ts';
import type { CampaignDetail } from '../db/views.ts';
import { DigestText, Instant } from './parts.tsx';
import { type Column, Table } from './table.tsx';

export interface SettingsHistory {
  /** What a fork has otherwise than the campaign that it is from. */
  readonly differences: readonly SettingChange[];
  readonly changed: readonly SettingsChanged[];
}

const shown = (value: unknown): string =>
  value === undefined ? 'not set' : typeof value === 'string' ? value : JSON.stringify(value);

const DIFFERENCES: readonly Column<SettingChange>[] = [
  { head: 'Setting', cell: ({ setting }) => setting },
  { head: 'There', cell: ({ from }) => shown(from) },
  { head: 'Here', cell: ({ to }) => shown(to) },
];

export function Settings({
  campaign,
  history,
}: {
  readonly campaign: CampaignDetail;
  readonly history: SettingsHistory;
}) {
  const { forkedFrom, config } = campaign;
  return (
    <>
      {forkedFrom === undefined ? null : (
        <p class="note">
          Forked from <a href={`/campaigns/${forkedFrom.campaignId}`}>{forkedFrom.campaignId}</a>
          {` after iteration ${forkedFrom.iteration} (`}
          <DigestText digest={forkedFrom.checkpoint} />
          {history.differences.length === 0 ? '), with the same settings.' : '), with other settings:'}
        </p>
      )}
      {history.differences.length === 0 ? null : (
        <Table label="Settings other than those of the origin" columns={DIFFERENCES} rows={history.differences} />
      )}
      <ChangedSettings changed={history.changed} />
      <details data-key="configuration">
        <summary>All settings</summary>
        <pre class="code">{JSON.stringify(inOrder(config), null, 2)}</pre>
      </details>
    </>
  );
}

/** What people changed in mid-campaign. */
export function ChangedSettings({ changed }: { readonly changed: readonly SettingsChanged[] }) {
  if (changed.length === 0) return null;
  return (
    <ul class="changes" aria-label="Changes">
      {changed.map(({ at, by, fromIteration, changes }) => (
        <li>
          {`From iteration ${fromIteration}: `}
          {changes.map(({ setting, from, to }) => `${setting} ${shown(from)} → ${shown(to)}`).join(', ')}
          {' · '}
          {by === undefined ? null : `${by}, `}
          <Instant at={at} />
        </li>
      ))}
    </ul>
  );
}

/** The database orders keys by their length; the schema has the order of the documentation. */
function inOrder(config: unknown): unknown {
  const parsed = z.object({ ...campaignSchema.shape }).safeParse(config);
  return parsed.success ? parsed.data : config;
}
