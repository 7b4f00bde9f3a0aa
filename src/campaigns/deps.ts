import type { ArtifactStore } from '../artifacts/types.ts';
import type { Database } from '../db/database.ts';
import type { ResolveProblems } from '../steps/describe-evaluation.ts';
import type { WorkflowGateway } from './gateway.ts';
import type { Preflight } from './preflight.ts';
import type { RolloutReader } from './read-rollouts.ts';
import type { ReportDesk } from './report-desk.ts';
import type { Watch } from './watch.ts';

/** The dependencies of the use cases; each use case takes the ones that it needs. */
export interface CampaignDeps {
  readonly db: Database;
  readonly store: ArtifactStore;
  readonly gateway: WorkflowGateway;
  readonly watch: Watch;
  readonly rollouts: RolloutReader;
  /** Problems of a data set, generator or file. @throws ConfigError for an unknown name */
  readonly resolveProblems: ResolveProblems;
  readonly preflight: Preflight;
  readonly reports: ReportDesk;
}
