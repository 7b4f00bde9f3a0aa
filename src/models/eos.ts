import { isObject, ModelFolderError, readOptionalJson } from './model-files.ts';

/**
 * Ids that end a generation: from generation_config.json, else config.json, else the eos_token of
 * tokenizer_config.json: the order in which transformers looks. Throws ModelFolderError if none names one.
 */
export async function readEosTokenIds(modelDirectory: string): Promise<number[]> {
  for (const file of ['generation_config.json', 'config.json']) {
    const value = (await readOptionalJson(modelDirectory, file))?.eos_token_id;
    if (typeof value === 'number') return [value];
    if (Array.isArray(value) && value.length > 0 && value.every((id) => typeof id === 'number')) return value;
  }
  const named = (await readOptionalJson(modelDirectory, 'tokenizer_config.json'))?.eos_token;
  const text = isObject(named) ? named.content : named;
  const tokenizer = await readOptionalJson(modelDirectory, 'tokenizer.json');
  const added = Array.isArray(tokenizer?.added_tokens) ? tokenizer.added_tokens.filter(isObject) : [];
  const id = added.find((token) => token.content === text)?.id;
  if (typeof text === 'string' && typeof id === 'number') return [id];
  throw new ModelFolderError(
    `${modelDirectory} names no end-of-sequence token; set eos_token_id in generation_config.json or config.json`,
  );
}
