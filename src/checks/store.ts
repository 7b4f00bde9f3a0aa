/** What `whencode doctor` says of an artifact store. */
import type { Finding } from '../../infra/setup/types.d.ts';
import { openStorage } from '../artifacts/open-store.ts';
import { raceWriters } from '../artifacts/race-writers.ts';
import { StoreError } from '../artifacts/store-error.ts';
import type { Environment } from '../config/environment.ts';
import { storeCache, storeLocation } from '../process/home-store.ts';

/** A bucket is opened, and 20 writers race for the same objects in it, which are removed again. */
export async function checkStore(environment: Environment): Promise<Finding> {
  const location = storeLocation(environment.home, environment);
  if (!location.startsWith('s3:')) return { status: 'ok', detail: location };
  try {
    const cache = storeCache(environment.home, environment);
    const { storage } = await openStorage(location, { cache, endpoint: environment.s3Endpoint });
    const { writers, rounds, wrong } = await raceWriters(storage);
    if (wrong === 0) return { status: 'ok', detail: `${location}; of ${writers} writers at once one is first` };
    return {
      status: 'fail',
      detail: `${location}: in ${wrong} of ${rounds} races of ${writers} writers not exactly one was first`,
      remedy: 'use a server that keeps the first writer’s object: AWS S3, or VersityGW (docs/several-machines.md)',
    };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { status: 'fail', detail: error.message };
  }
}
