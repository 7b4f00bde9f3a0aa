import type { Sessions } from '../api/auth.ts';
import type { ArtifactStore } from '../artifacts/types.ts';
import type { Database } from '../db/database.ts';
import type { ResolveProblems } from '../steps/evaluate.ts';
import type { WorkflowGateway } from './gateway.ts';
import type { Preflight } from './preflight.ts';
import type { RolloutReader } from './read-rollouts.ts';
import type { Watch } from './watch.ts';

/** What routes and pages work with. */
export interface ServerDeps {
  readonly db: Database;
  readonly store: ArtifactStore;
  readonly gateway: WorkflowGateway;
  readonly watch: Watch;
  readonly rollouts: RolloutReader;
  readonly sessions: Sessions;
  /** Problems of a data set, generator or file; throws `ConfigError` for a name that there is not. */
  readonly resolveProblems: ResolveProblems;
  readonly preflight: Preflight;
}
