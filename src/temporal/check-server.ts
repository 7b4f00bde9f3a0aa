/** What `whencode doctor` says of a Temporal server that is not the embedded one. */
import type { Finding } from '../../infra/setup/types.d.ts';
import { ConfigError } from '../config/config-error.ts';
import type { Environment } from '../config/environment.ts';
import { findTrouble } from './prepare-server.ts';
import { readTemporalServer } from './server.ts';

/** Undefined where none is named. */
export async function checkNamedServer({ temporalVariables }: Environment): Promise<Finding | undefined> {
  try {
    const server = readTemporalServer(temporalVariables);
    if (server === undefined) return undefined;
    const trouble = await findTrouble(server);
    if (trouble !== undefined) return { status: 'fail', detail: trouble };
    return { status: 'ok', detail: `${server.address}, namespace ${server.namespace}` };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { status: 'fail', detail: error.message };
  }
}
