/** Whether a folder holds a model that can be sampled from: by its JSON files and the headers of its weights, in seconds. */
import type { ModelConfig } from '../models/model-config.ts';
import { isObject, type JsonObject, ModelFolderError, readRequiredJson } from '../models/model-files.ts';
import { readModel } from '../models/read-model.ts';
import { readTokenizer } from './tokenizer.ts';
import type { Tokenizer } from './types.ts';

export interface CheckedModelFolder {
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
}

/**
 * Throws ModelFolderError (SafetensorsError for a torn weight file) that names the file and what is wrong: an
 * architecture that isn't run, a missing, misshapen or truncated tensor, a tokenizer with more tokens than the embedding.
 */
export async function checkModelFolder(directory: string): Promise<CheckedModelFolder> {
  const { config } = await readModel(directory);
  const tokenizer = await readTokenizer(directory);
  const highest = highestTokenId(await readRequiredJson(directory, 'tokenizer.json', 'the vocabulary'));
  if (highest >= config.vocabSize)
    throw new ModelFolderError(
      `the tokenizer in ${directory} has token ids up to ${highest}, but the embedding only ${config.vocabSize} rows ` +
        `(vocab_size of config.json, ids 0 to ${config.vocabSize - 1}); take the tokenizer that the model was trained with`,
    );
  const foreign = tokenizer.eosTokenIds.find((id) => id >= config.vocabSize);
  if (foreign !== undefined)
    throw new ModelFolderError(
      `the end-of-text token of ${directory} is ${foreign}, but the embedding has only ${config.vocabSize} rows; correct eos_token_id in config.json or generation_config.json`,
    );
  return { config, tokenizer };
}

/** Over the vocabulary and the added tokens; −1 of an empty tokenizer. */
function highestTokenId(file: JsonObject): number {
  const vocabulary = isObject(file.model) ? file.model.vocab : undefined;
  // Unigram models list their tokens; the others map them to ids.
  const ids = isObject(vocabulary)
    ? Object.values(vocabulary)
    : [Array.isArray(vocabulary) ? vocabulary.length - 1 : -1];
  const added = Array.isArray(file.added_tokens) ? file.added_tokens.filter(isObject).map(({ id }) => id) : [];
  return [...ids, ...added].reduce<number>((most, id) => (typeof id === 'number' && id > most ? id : most), -1);
}
