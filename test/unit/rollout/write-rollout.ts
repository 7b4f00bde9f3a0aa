/** Plays a sampler that writes a given text: it stops where a stop string is complete, on tokens of any length. */
import { encodePrefix } from '../../../src/rollout/prompt.ts';
import { TEMPLATES } from '../../../src/rollout/template.ts';
import { applyGeneration, generateRequest, startRollout, type TurnRules } from '../../../src/rollout/turn.ts';
import type { Arm, Rollout } from '../../../src/rollout/types.ts';
import { letterTokenizer } from './letter-tokenizer.ts';

export const FENCE_RULES_OF_TURN: TurnRules = {
  template: TEMPLATES.markdown,
  tokenizer: letterTokenizer,
  maxNewTokens: 100_000,
  maxTurns: 4,
  temperature: 1,
  maxContextTokens: 1_000_000,
};

export function beginRollout(arm: Arm, rules: TurnRules = FENCE_RULES_OF_TURN): Rollout {
  const { template, tokenizer } = rules;
  const prefixIds = encodePrefix(arm, template, tokenizer);
  return startRollout({ problemId: 'p', arm, sample: 0, seed: 's', promptIds: [9], prefixIds }, rules);
}

/** What becomes of a rollout whose model goes on with `text`; a token has `charactersAToken` characters. */
export function writeRollout(
  arm: Arm,
  text: string,
  options: { charactersAToken?: number; rules?: TurnRules } = {},
): Rollout {
  return continueRollout(beginRollout(arm, options.rules), text, options);
}

/** What becomes of an open rollout whose model goes on with `text`, until it ends or its code is to be run. */
export function continueRollout(
  before: Rollout,
  text: string,
  { charactersAToken = 1, rules = FENCE_RULES_OF_TURN }: { charactersAToken?: number; rules?: TurnRules } = {},
): Rollout {
  let rollout = before;
  let at = 0;
  for (let round = 0; rollout.state === 'open'; round++) {
    if (round > text.length + 2) throw new Error(`the rollout stops for ever: ${JSON.stringify(text)}`);
    const { stopStrings } = generateRequest(rollout, rules);
    let piece = '';
    while (at < text.length && !stopStrings.some((stop) => piece.includes(stop))) {
      piece += text.slice(at, at + charactersAToken);
      at += charactersAToken;
    }
    const hasStopped = stopStrings.some((stop) => piece.includes(stop));
    const tokenIds = letterTokenizer.encode(hasStopped ? piece : `${piece}<|eos|>`);
    const logProbs = tokenIds.map(() => -0.5);
    rollout = applyGeneration(
      rollout,
      { id: rollout.id, tokenIds, logProbs, finish: hasStopped ? 'stop' : 'eos' },
      rules,
    );
  }
  return rollout;
}
