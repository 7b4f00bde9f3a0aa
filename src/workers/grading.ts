import { GRADER_FINGERPRINT } from '../grader/fingerprint.ts';
import { graderFor } from '../grader/grader-for.ts';
import type { Grading } from '../steps/grade.ts';

/** The grader with its default conventions. */
export const createGrading = (): Grading => ({
  fingerprint: GRADER_FINGERPRINT,
  graderOf: ({ answer }) => graderFor(answer),
});
