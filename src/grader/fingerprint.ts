import { DEFAULT_OPTIONS } from './options.ts';

/** Bumped when the grader's verdicts change, so that stored grades are not taken for its own. */
const GRADER_VERSION = 9;

/** Version and conventions of the grader: part of every grade's step key and of every evaluation's id. */
export const GRADER_FINGERPRINT = JSON.stringify({ version: GRADER_VERSION, options: DEFAULT_OPTIONS });
