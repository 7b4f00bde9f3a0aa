import { join } from 'node:path';

/** Paths in a home folder that several processes use. */
export const storePath = (home: string): string => join(home, 'store');
export const databasePath = (home: string): string => join(home, 'database');
export const logPath = (home: string, part: string): string => join(home, 'logs', `${part}.log`);
/** Folder of the trainings in progress. */
export const scratchPath = (home: string): string => join(home, 'scratch');
/** Who has which GPU, and who waits. */
export const gpusPath = (home: string): string => join(home, 'gpus');
