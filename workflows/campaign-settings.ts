/** A campaign's configuration, which people may change: that of the current iteration and that of the next. */
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
  /** Digest of its blob. */
  readonly digest: Digest;
}

/** `at-once` is for the retry of a blocked iteration. */
type SettingsTime = 'at-once' | 'next-iteration';

export class CampaignSettings {
  private readonly campaignId: string;
  private readonly initial: CampaignConfig;
  private current: PinnedConfig | undefined;
  private upcoming: PinnedConfig | undefined;
  /** A recovered campaign repeats its iteration. Changes made in the meantime apply from the iteration after it. */
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

  /**
   * Configuration of the current iteration. It changes only when a blocked iteration is retried with other settings.
   */
  get now(): PinnedConfig {
    if (this.current === undefined) throw new Error(`campaign ${this.campaignId} has not been opened`);
    return this.current;
  }

  /** Configuration of the next iteration; undefined until the campaign is opened. */
  get next(): PinnedConfig | undefined {
    return this.upcoming;
  }

  /** Configuration of the next iteration; before the campaign is opened, the one it was started with. */
  get newest(): CampaignConfig {
    return this.upcoming?.config ?? this.initial;
  }

  opened(digest: Digest): void {
    this.upcoming = { config: this.initial, digest };
    this.current = this.upcoming;
  }

  /** The state with the settings of the next iteration. */
  carriedBy(state: CampaignState): CampaignState {
    return this.upcoming === undefined ? state : { ...state, config: this.upcoming.digest };
  }

  /** Fixes the current settings for the iteration that begins. */
  begin(iteration: number): void {
    this.begun = iteration;
    this.current = this.upcoming;
    this.upcoming = this.later ?? this.upcoming;
    this.later = undefined;
  }

  /**
   * Checks and stores a change. Changes run one after the other, because each builds on the one before.
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
