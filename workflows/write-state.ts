import type { CampaignState } from '../src/protocol/campaign-state.ts';
import { stepRecords } from './policies.ts';

/** To the journal, from which a campaign goes on where the orchestrator's own record is lost. */
export function writeState(campaignId: string, state: CampaignState): Promise<void> {
  return stepRecords.writeJournal({
    campaignId,
    at: new Date().toISOString(),
    kind: 'state',
    details: state,
  });
}
