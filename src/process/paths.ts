import { join } from 'node:path';

/** Places in a home folder that several processes share. */
export const storePath = (home: string): string => join(home, 'store');
export const databasePath = (home: string): string => join(home, 'database');
export const logPath = (home: string, part: string): string => join(home, 'logs', `${part}.log`);
/** Of trainings under way. */
export const scratchPath = (home: string): string => join(home, 'scratch');
