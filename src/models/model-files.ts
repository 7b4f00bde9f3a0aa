/** Reads the JSON files of a model folder, with errors that name the file and say what belongs there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

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
    value = JSON.parse(text);
  } catch (error) {
    throw new ModelFolderError(
      `${join(directory, file)} is not JSON (${error instanceof Error ? error.message : error}); was it cut short while copying?`,
    );
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

export async function readOptionalText(directory: string, file: string): Promise<string | undefined> {
  try {
    return await readFile(join(directory, file), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
