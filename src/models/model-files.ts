/** Reads the JSON files of a model folder, with errors that name the file and say what belongs there. */
import { join } from 'node:path';
import { errorCode } from '../formats/error-code.ts';
import { JsonTextError, parseJson } from '../formats/parse-json.ts';
import { readRegularFile, UnfitFileError } from '../formats/regular-file.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** A model folder that can't be used: the message names the file, what is wrong and what is allowed. */
export class ModelFolderError extends Error {
  override readonly name = 'ModelFolderError';
}

/** The file's object, or undefined if there is no such file. Throws ModelFolderError for anything but a JSON object. */
export async function readOptionalJson(directory: string, file: string): Promise<JsonObject | undefined> {
  const text = await readOptionalText(directory, file);
  if (text === undefined) return undefined;
  if (text.startsWith('version https://git-lfs'))
    throw new ModelFolderError(
      `${join(directory, file)} is a pointer of Git LFS, not the file itself; fetch it with \`git lfs pull\` in the folder, or download the model with \`hf download\``,
    );
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonTextError)) throw error;
    throw new ModelFolderError(`${join(directory, file)} is ${error.message}; was it cut short while copying?`);
  }
  if (!isObject(value)) throw new ModelFolderError(`${join(directory, file)} must hold a JSON object`);
  return value;
}

/** Like `readOptionalJson`; `purpose` completes "it has to hold …" in the error for a missing file. */
export async function readRequiredJson(directory: string, file: string, purpose: string): Promise<JsonObject> {
  const value = await readOptionalJson(directory, file);
  if (value === undefined)
    throw new ModelFolderError(
      `${directory} has no ${file}; it has to hold ${purpose}. A model folder is what save_pretrained of transformers writes (config.json, model.safetensors, tokenizer.json, tokenizer_config.json)`,
    );
  return value;
}

/** Tokenizers of large vocabularies have about 35 MB. */
export const MAX_TEXT_BYTES = 64 * 2 ** 20;

/** The file's text, or undefined if there is no such file. Throws ModelFolderError for what is no regular file up to 64 MiB. */
export async function readOptionalText(directory: string, file: string): Promise<string | undefined> {
  try {
    return (await readRegularFile(join(directory, file), MAX_TEXT_BYTES)).toString('utf8');
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (error instanceof UnfitFileError) throw new ModelFolderError(error.message);
    if (code === 'ELOOP') throw new ModelFolderError(`${join(directory, file)} is a link that leads to itself`);
    throw error;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
