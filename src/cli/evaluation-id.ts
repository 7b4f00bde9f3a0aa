/** Ids of evaluations begin with this; names of campaigns have no slash. */
export const isEvaluationId = (text: string): boolean => text.startsWith('eval/');
