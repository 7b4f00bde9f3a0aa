/** A campaign's configuration as people change it: of the iteration under way, and of the next. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { CampaignConfig } from '../src/config/campaign.ts';
import type { Settings } from '../src/config/settings.ts';
import type { CampaignInput } from '../src/protocol/campaign-input.ts';
import type { SettingsChange } from '../src/protocol/campaign-messages.ts';
import type { CampaignState } from '../src/protocol/campaign-state.ts';
import { describeFailure } from '../src/protocol/failures.ts';
import { control } from './policies.ts';

export interface PinnedConfig {
  readonly config: CampaignConfig;
  /** Its blob. */
  readonly digest: Digest;
}

export interface CampaignSettings {
  /** Of the iteration under way; it changes only when a blocked one is retried with other settings. */
  readonly now: () => PinnedConfig;
  /** Of the next iteration; undefined until the campaign has been opened. */
  readonly next: () => PinnedConfig | undefined;
  readonly opened: (digest: Digest) => void;
  /** The state with what people have changed for what comes after it. */
  readonly carriedBy: (state: CampaignState) => CampaignState;
  /** The iteration takes the settings as they are, and keeps them. */
  readonly begin: (iteration: number) => void;
  /** Checks and stores the change; `at-once` is for a blocked iteration. @throws ApplicationFailure `bad-input` */
  readonly change: (settings: Settings, when: 'at-once' | 'next-iteration') => Promise<SettingsChange>;
}

export function createCampaignSettings({ campaignId, config, nextConfig, state }: CampaignInput): CampaignSettings {
  let now: PinnedConfig | undefined = state === undefined ? undefined : { config, digest: state.config };
  let next = now;
  // A recovered campaign begins its iteration a second time: what was changed meanwhile counts from the one after.
  let later = nextConfig;
  let begun = state?.iterationsDone ?? 0;
  let last: Promise<unknown> = Promise.resolve();

  const applied = async (to: PinnedConfig, settings: Settings) => {
    try {
      const changed = await control.changeSettings({ config: to.digest, settings });
      return { pinned: { config: changed.resolved, digest: changed.config }, changes: changed.changes };
    } catch (error) {
      const { type, message } = describeFailure(error);
      throw ApplicationFailure.nonRetryable(message, type);
    }
  };
  return {
    now: () => {
      if (now === undefined) throw new Error(`campaign ${campaignId} has not been opened`);
      return now;
    },
    next: () => next,
    opened: (digest) => {
      next = { config, digest };
      now = next;
    },
    carriedBy: (state) => (next === undefined ? state : { ...state, config: next.digest }),
    begin: (iteration) => {
      begun = iteration;
      now = next;
      next = later ?? next;
      later = undefined;
    },
    change(settings, when) {
      // One after the other: each builds on what the one before has left.
      const changing = last.then(async (): Promise<SettingsChange> => {
        if (next === undefined || now === undefined)
          throw ApplicationFailure.nonRetryable(
            `campaign ${campaignId} is not open yet, so it has no settings to change; try again once it runs`,
            'bad-input',
          );
        const changed = await applied(next, settings);
        const sooner = when === 'at-once' ? await applied(now, settings) : undefined;
        next = changed.pinned;
        later = later === undefined ? undefined : (await applied(later, settings)).pinned;
        now = sooner?.pinned ?? now;
        return {
          fromIteration: when === 'at-once' ? Math.max(1, begun) : begun + 1,
          changes: sooner?.changes ?? changed.changes,
          config: (later ?? next).digest,
        };
      });
      last = changing.catch(() => undefined);
      return changing;
    },
  };
}
