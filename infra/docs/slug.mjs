/**
 * The anchor of a heading as GitHub makes it, so that a link works on GitHub and on the site alike.
 *
 * @param {string} heading - Text without Markdown marks.
 * @example slugOf('Which problems have a target: strategy.confidence') // 'which-problems-have-a-target-strategyconfidence'
 */
export const slugOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
