/** A campaign's configuration as people change it: of the iteration under way, and of the next. */
import { ApplicationFailure } from '@temporalio/workflow';
import type { Digest } from '../src/artifacts/types.ts';
import type { CampaignConfig } from '../src/config/campaign.ts';
import type { SettingChange, Settings } from '../src/config/settings.ts';
import type { CampaignInput } from '../src/protocol/campaign-input.ts';
import type { SettingsChange } from '../src/protocol/campaign-messages.ts';
import type { CampaignState } from '../src/protocol/campaign-state.ts';
import { describeFailure } from '../src/protocol/failures.ts';
import { control } from './policies.ts';

interface PinnedConfig {
  readonly config: CampaignConfig;
  /** Its blob. */
  readonly digest: Digest;
}

/** `at-once` is for a blocked iteration that is retried. */
type SettingsTime = 'at-once' | 'next-iteration';

export class CampaignSettings {
  private readonly campaignId: string;
  private readonly initial: CampaignConfig;
  private current: PinnedConfig | undefined;
  private upcoming: PinnedConfig | undefined;
  /** A recovered campaign begins its iteration a second time: what was changed meanwhile counts from the one after. */
  private later: PinnedConfig | undefined;
  private begun: number;
  private lastChange: Promise<unknown> = Promise.resolve();

  constructor({ campaignId, config, nextConfig, state }: CampaignInput) {
    this.campaignId = campaignId;
    this.initial = config;
    this.current = state === undefined ? undefined : { config, digest: state.config };
    this.upcoming = this.current;
    this.later = nextConfig;
    this.begun = state?.iterationsDone ?? 0;
  }

  /** Of the iteration under way; it changes only when a blocked one is retried with other settings. */
  get now(): PinnedConfig {
    if (this.current === undefined) throw new Error(`campaign ${this.campaignId} has not been opened`);
    return this.current;
  }

  /** Of the next iteration; undefined until the campaign has been opened. */
  get next(): PinnedConfig | undefined {
    return this.upcoming;
  }

  /** Of the next iteration; before the campaign is opened, as it was started. */
  get newest(): CampaignConfig {
    return this.upcoming?.config ?? this.initial;
  }

  opened(digest: Digest): void {
    this.upcoming = { config: this.initial, digest };
    this.current = this.upcoming;
  }

  /** The state with the settings of what comes after it. */
  carriedBy(state: CampaignState): CampaignState {
    return this.upcoming === undefined ? state : { ...state, config: this.upcoming.digest };
  }

  /** The iteration takes the settings as they are, and keeps them. */
  begin(iteration: number): void {
    this.begun = iteration;
    this.current = this.upcoming;
    this.upcoming = this.later ?? this.upcoming;
    this.later = undefined;
  }

  /**
   * Checks and stores a change. Changes wait for each other: each builds on the one before.
   * @throws ApplicationFailure `bad-input`
   */
  change(settings: Settings, when: SettingsTime): Promise<SettingsChange> {
    const changing = this.lastChange.then(() => this.makeChange(settings, when));
    this.lastChange = changing.catch(() => undefined);
    return changing;
  }

  /** The settings of the next iteration. @throws ApplicationFailure `bad-input` before the campaign is opened */
  requireOpened(): PinnedConfig {
    if (this.upcoming !== undefined) return this.upcoming;
    throw ApplicationFailure.nonRetryable(
      `campaign ${this.campaignId} is not open yet, so it has no settings to change; try again once it runs`,
      'bad-input',
    );
  }

  private async makeChange(settings: Settings, when: SettingsTime): Promise<SettingsChange> {
    const changed = await applied(this.requireOpened(), settings);
    const sooner = when === 'at-once' ? await applied(this.now, settings) : undefined;
    this.upcoming = changed.pinned;
    this.later = this.later === undefined ? undefined : (await applied(this.later, settings)).pinned;
    this.current = sooner?.pinned ?? this.current;
    return {
      fromIteration: when === 'at-once' ? Math.max(1, this.begun) : this.begun + 1,
      changes: sooner?.changes ?? changed.changes,
      config: (this.later ?? this.upcoming).digest,
    };
  }
}

async function applied(
  to: PinnedConfig,
  settings: Settings,
): Promise<{ readonly pinned: PinnedConfig; readonly changes: readonly SettingChange[] }> {
  try {
    const { config, resolved, changes } = await control.changeSettings({ config: to.digest, settings });
    return { pinned: { config: resolved, digest: config }, changes };
  } catch (error) {
    const { type, message } = describeFailure(error);
    throw ApplicationFailure.nonRetryable(message, type);
  }
}
