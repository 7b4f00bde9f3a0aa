/** Text to ids and back with the files of a model folder: tokenizer.json, tokenizer_config.json, the chat template. */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import { shown } from '../formats/shown.ts';
import {
  isObject,
  type JsonObject,
  ModelFolderError,
  readOptionalJson,
  readOptionalText,
  readRequiredJson,
} from '../models/model-files.ts';
import { quoter, readAddedTokens } from './control-tokens.ts';
import { createEncoder, type Encode } from './encode-text.ts';
import { chooseEosTokenIds, readDeclaredEos } from './eos.ts';
import { createRenderer, type RenderChat, TemplateLimitError } from './render-chat.ts';
import type { Tokenizer } from './types.ts';

/** Throws ModelFolderError naming the file that is missing or torn. */
export async function readTokenizer(modelDirectory: string): Promise<Tokenizer> {
  const model = await readRequiredJson(modelDirectory, 'tokenizer.json', 'the vocabulary');
  const config = await readRequiredJson(modelDirectory, 'tokenizer_config.json', 'the tokenizer settings');
  const specials = await readOptionalJson(modelDirectory, 'special_tokens_map.json');
  const templateFile = await readOptionalText(modelDirectory, 'chat_template.jinja');
  const texts = specialTokenTexts(specials ?? {}, config);
  const added = readAddedTokens(model);
  const { tokenizer, encode } = openTokenizer(modelDirectory, () => {
    const opened = new HuggingFaceTokenizer(model, config);
    return { tokenizer: opened, encode: createEncoder(opened, added, model) };
  });
  const source = templateFile ?? defaultTemplate(config);
  const render = source === undefined ? undefined : createRenderer(source, texts);
  const renderChat: RenderChat = async (messages, options) => {
    if (render === undefined)
      throw new ModelFolderError(
        `${modelDirectory} has no chat template (chat_template.jinja, or chat_template in tokenizer_config.json); use a plain prompt template`,
      );
    return render(messages, options).catch((error: unknown) => {
      const message = `${modelDirectory}: ${error instanceof Error ? error.message : error}`;
      throw error instanceof TemplateLimitError ? new ModelFolderError(message) : new Error(message);
    });
  };
  const eosTokenIds = await chooseEosTokenIds(modelDirectory, await readDeclaredEos(modelDirectory), {
    idOf: (text) => tokenizer.token_to_id(text),
    eosToken: texts.eos_token,
    renderChat: render === undefined ? undefined : renderChat,
    added,
  });
  return {
    eosTokenIds,
    encode,
    encodeContinuation: continuing(tokenizer, encode),
    quote: quoter(added),
    decode: (ids) =>
      ids.length === 0
        ? ''
        : tokenizer.decode([...ids], { skip_special_tokens: false, clean_up_tokenization_spaces: false }),
    renderChat,
  };
}

/** The library's own errors name nothing of the folder. */
function openTokenizer<T>(modelDirectory: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new ModelFolderError(
      `the tokenizer of ${modelDirectory} can't be opened (${shown(error instanceof Error ? error.message : error)}); it has to be what save_pretrained of transformers writes as tokenizer.json`,
    );
  }
}

/**
 * Ids that end a generation: see `chooseEosTokenIds`. A folder without a tokenizer has those that its JSON files name.
 * Throws ModelFolderError if there is none.
 */
export async function readEosTokenIds(modelDirectory: string): Promise<readonly number[]> {
  const files = ['tokenizer.json', 'tokenizer_config.json'].map((file) => readOptionalText(modelDirectory, file));
  if ((await Promise.all(files)).every((text) => text !== undefined))
    return (await readTokenizer(modelDirectory)).eosTokenIds;
  const nothing = { idOf: () => undefined, eosToken: undefined, renderChat: undefined, added: [] };
  return chooseEosTokenIds(modelDirectory, await readDeclaredEos(modelDirectory), nothing);
}

/** Characters whose tokens stay what they are in front of any text, for one tokenizer or another. */
const ANCHORS = ['\n', '.', '0', 'a'];

/** A SentencePiece model puts a space before every text; of one that goes on from another it is cut off again. */
function continuing(tokenizer: HuggingFaceTokenizer, encode: Encode): Encode {
  const [first] = encode('a');
  const prependsSpace = first !== undefined && /^[▁Ġ]/u.test(tokenizer.id_to_token(first) ?? '');
  if (!prependsSpace) return encode;
  return (text) => {
    for (const anchor of ANCHORS) {
      const head = encode(anchor);
      const whole = encode(`${anchor}${text}`);
      if (head.every((id, at) => whole[at] === id)) return whole.slice(head.length);
    }
    return encode(text);
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

const SPECIAL_TOKENS = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'].map((name) => `${name}_token`);

/** `bos_token` and its like as text, for templates that write them; the last file that names one counts. */
function specialTokenTexts(...files: readonly JsonObject[]): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const file of files)
    for (const name of SPECIAL_TOKENS) {
      const value = file[name];
      const text = isObject(value) ? value.content : value;
      if (typeof text === 'string') texts[name] = text;
    }
  return texts;
}
