import { finalChannel } from './channels.ts';
import { withoutCode } from './fences.ts';
import { withoutThoughts } from './thoughts.ts';
import { ownTurn } from './turns.ts';

/**
 * What a response says in the end: without thoughts, channels but the final one, control tokens, what follows the model's own turn, code
 * and error reports. Empty if nothing is said. Linear in the length.
 *
 * @example finalPart('<think>\\boxed{12}?</think>It is 6.<|im_end|>') // 'It is 6.'
 */
export function finalPart(response: string): string {
  return withoutCode(ownTurn(withoutThoughts(finalChannel(response))));
}
