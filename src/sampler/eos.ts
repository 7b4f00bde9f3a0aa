/** Which tokens end a generation. */
import { ModelFolderError, readOptionalJson } from '../models/model-files.ts';
import { type AddedToken, isControlToken } from './control-tokens.ts';
import type { RenderChat } from './render-chat.ts';

/**
 * Ids that generation_config.json and config.json name, in this order; a negative one means none. Throws ModelFolderError
 * for a number that is no id.
 */
export async function readDeclaredEos(modelDirectory: string): Promise<number[]> {
  const ids: number[] = [];
  for (const file of ['generation_config.json', 'config.json']) {
    const value = (await readOptionalJson(modelDirectory, file))?.eos_token_id;
    const named = [value].flat().filter((id) => typeof id === 'number');
    const torn = named.find((id) => !Number.isSafeInteger(id));
    if (torn !== undefined)
      throw new ModelFolderError(
        `${modelDirectory}/${file}: eos_token_id is ${torn}; it must be a whole number, or a list of them`,
      );
    ids.push(...named.filter((id) => id >= 0));
  }
  return ids;
}

/**
 * The declared ids, the tokenizer's own, and what the chat template puts behind an assistant's turn: a base model with
 * a chat template would else run on into a turn of the user. Throws ModelFolderError if there is none.
 */
export async function chooseEosTokenIds(
  modelDirectory: string,
  declared: readonly number[],
  tokenizer: {
    readonly idOf: (text: string) => number | undefined;
    readonly eosToken: string | undefined;
    readonly renderChat: RenderChat | undefined;
    readonly added: readonly AddedToken[];
  },
): Promise<number[]> {
  const { idOf, eosToken, renderChat, added } = tokenizer;
  const own = eosToken === undefined ? undefined : idOf(eosToken);
  const turn = renderChat === undefined ? undefined : await endOfTurn(renderChat, added);
  const ids = [...new Set([...declared, own, turn].filter((id) => id !== undefined))];
  if (ids.length > 0) return ids;
  throw new ModelFolderError(
    `${modelDirectory} names no end-of-sequence token; set eos_token_id in generation_config.json or config.json`,
  );
}

const CONTENT = 'Well.';

async function endOfTurn(renderChat: RenderChat, added: readonly AddedToken[]): Promise<number | undefined> {
  let text: string;
  try {
    const messages = [{ role: 'user', content: 'Hello' } as const, { role: 'assistant', content: CONTENT } as const];
    text = await renderChat(messages, { prompt: false });
  } catch (error) {
    if (error instanceof ModelFolderError) throw error;
    // A template that renders no finished chat says nothing of its end.
    return undefined;
  }
  const at = text.lastIndexOf(CONTENT);
  if (at === -1) return undefined;
  const rest = text.slice(at + CONTENT.length).trimStart();
  const found = added.filter((token) => isControlToken(token) && rest.startsWith(token.content));
  return found.sort((a, b) => b.content.length - a.content.length)[0]?.id;
}
