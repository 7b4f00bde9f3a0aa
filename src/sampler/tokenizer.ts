/** Text to ids and back with the files of a model folder: tokenizer.json, tokenizer_config.json, the chat template. */
import { Template } from '@huggingface/jinja';
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { readEosTokenIds } from '../models/eos.ts';
import {
  isObject,
  type JsonObject,
  ModelFolderError,
  readOptionalText,
  readRequiredJson,
} from '../models/model-files.ts';
import type { Tokenizer } from './types.ts';

/** Throws ModelFolderError naming the file that is missing or torn. */
export async function readTokenizer(modelDirectory: string): Promise<Tokenizer> {
  const model = await readRequiredJson(modelDirectory, 'tokenizer.json', 'the vocabulary');
  const config = await readRequiredJson(modelDirectory, 'tokenizer_config.json', 'the tokenizer settings');
  const templateFile = await readOptionalText(modelDirectory, 'chat_template.jinja');
  const eosTokenIds = await readEosTokenIds(modelDirectory);
  const tokenizer = new HuggingFaceTokenizer(model, config);
  const template = templateFile ?? defaultTemplate(config);
  let parsed: Template | undefined;
  return {
    eosTokenIds,
    encode: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    decode: (ids) =>
      ids.length === 0
        ? ''
        : tokenizer.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false }),
    renderChat: (messages) => {
      if (template === undefined)
        throw new ModelFolderError(
          `${modelDirectory} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json); use a plain prompt template`,
        );
      parsed ??= new Template(template);
      return parsed.render({ messages, add_generation_prompt: true, ...specialTokenTexts(config) });
    },
  };
}

/** `chat_template` is a text, or a list of named ones of which `default` counts. */
function defaultTemplate(config: JsonObject): string | undefined {
  const value = config.chat_template;
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named = value.filter(isObject).find((entry) => entry.name === 'default');
  return typeof named?.template === 'string' ? named.template : undefined;
}

/** `bos_token` and its like as text, for templates that write them. */
function specialTokenTexts(config: JsonObject): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of ['bos_token', 'eos_token', 'pad_token', 'unk_token']) {
    const value = config[name];
    if (typeof value === 'string') texts[name] = value;
    else if (isObject(value) && typeof value.content === 'string') texts[name] = value.content;
  }
  return texts;
}
