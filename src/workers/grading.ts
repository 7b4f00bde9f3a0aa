import type { Grading } from '../../activities/grade.ts';
import { GRADER_FINGERPRINT } from '../grader/fingerprint.ts';
import { graderFor } from '../grader/grader-for.ts';

/** The grader with its default conventions. */
export const createGrading = (): Grading => ({
  fingerprint: GRADER_FINGERPRINT,
  graderOf: ({ answer }) => graderFor(answer),
});
