/** The table of trackers that follow campaigns. Another one is a file of its own and a line here. */
import type { Environment } from '../config/environment.ts';
import { followWith } from './follow.ts';
import type { Tracker } from './tracker.ts';

/** Each opens where the environment asks for it. */
const TRACKERS: readonly ((environment: Environment) => Tracker | undefined)[] = [];

/** All trackers that the environment asks for, as one. */
export const openTrackers = (environment: Environment, warn: (message: string) => void): Required<Tracker> =>
  followWith(
    TRACKERS.flatMap((open) => open(environment) ?? []),
    { warn },
  );
