/** The table of trackers of campaigns. A new tracker is a file and a line here. */
import type { Environment } from '../config/environment.ts';
import { followWith } from './follow.ts';
import type { Tracker } from './tracker.ts';

/** Each opener returns a tracker if the environment configures it. */
const TRACKERS: readonly ((environment: Environment) => Tracker | undefined)[] = [];

/** All trackers that the environment configures, and those that the caller has, as one. */
export const openTrackers = (
  environment: Environment,
  warn: (message: string) => void,
  own: readonly Tracker[] = [],
): Required<Tracker> => followWith([...own, ...TRACKERS.flatMap((open) => open(environment) ?? [])], { warn });
