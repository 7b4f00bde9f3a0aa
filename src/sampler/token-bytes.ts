/**
 * The bytes that each token adds to the text, so that stop strings are found without detokenising again and again.
 * Byte-level BPE (GPT-2, Llama 3, Qwen, SmolLM2) and SentencePiece, BPE or Unigram, with byte fallback (Llama 2, Mistral).
 */

import { isObject, type JsonObject, ModelFolderError, readRequiredJson } from '../models/model-files.ts';
import type { TokenByteTable } from './engine/messages.ts';

export async function readTokenBytes(modelDirectory: string): Promise<TokenByteTable> {
  const tokenizer = await readRequiredJson(modelDirectory, 'tokenizer.json', 'the vocabulary');
  const model = tokenizer.model;
  const vocabulary = listPieces(isObject(model) ? model.vocab : undefined);
  if (vocabulary === undefined)
    throw new ModelFolderError(`${modelDirectory}/tokenizer.json: stop strings need a vocabulary (model.vocab)`);
  const toBytes = pieceDecoder(tokenizer, modelDirectory);
  const pieces: Uint8Array[] = [];
  for (const [piece, id] of vocabulary) pieces[id] = toBytes(piece);
  const added = Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens : [];
  for (const token of added)
    if (isObject(token) && typeof token.id === 'number' && typeof token.content === 'string')
      pieces[token.id] = Buffer.from(token.content, 'utf8');

  const offsets = new Uint32Array(pieces.length + 1);
  for (let id = 0; id < pieces.length; id++) offsets[id + 1] = (offsets[id] ?? 0) + (pieces[id]?.byteLength ?? 0);
  const bytes = new Uint8Array(offsets[pieces.length] ?? 0);
  for (let id = 0; id < pieces.length; id++) bytes.set(pieces[id] ?? [], offsets[id]);
  return { bytes, offsets };
}

/** Pieces with their ids: BPE maps them, Unigram lists them with scores. */
function listPieces(vocabulary: unknown): [string, number][] | undefined {
  if (Array.isArray(vocabulary)) return vocabulary.map(([piece], id): [string, number] => [`${piece}`, id]);
  if (!isObject(vocabulary)) return undefined;
  return Object.entries(vocabulary).flatMap(([piece, id]) => (typeof id === 'number' ? [[piece, id]] : []));
}

function pieceDecoder(tokenizer: JsonObject, modelDirectory: string): (piece: string) => Uint8Array {
  const decoders = decoderTypes(tokenizer.decoder);
  if (decoders.includes('ByteLevel')) {
    const byteOf = byteLevelAlphabet();
    return (piece) =>
      Uint8Array.from([...piece].flatMap((character) => byteOf.get(character) ?? [...Buffer.from(character)]));
  }
  if (decoders.includes('ByteFallback') || decoders.includes('Metaspace'))
    return (piece) => {
      const byte = /^<0x([0-9A-F]{2})>$/.exec(piece)?.[1];
      return byte === undefined
        ? Buffer.from(piece.replaceAll('▁', ' '), 'utf8')
        : Uint8Array.of(Number.parseInt(byte, 16));
    };
  throw new ModelFolderError(
    `${modelDirectory}/tokenizer.json: stop strings need a ByteLevel, ByteFallback or Metaspace decoder, this one has ${decoders.join(', ') || 'none'}`,
  );
}

function decoderTypes(decoder: unknown): string[] {
  if (!isObject(decoder)) return [];
  const nested = Array.isArray(decoder.decoders) ? decoder.decoders.flatMap(decoderTypes) : [];
  return [...(typeof decoder.type === 'string' ? [decoder.type] : []), ...nested];
}

/** GPT-2's table: printable bytes stand for themselves, the others for the characters from U+0100 on. */
function byteLevelAlphabet(): Map<string, number[]> {
  const isPrintable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  const alphabet = new Map<string, number[]>();
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) alphabet.set(String.fromCodePoint(isPrintable(byte) ? byte : next++), [byte]);
  return alphabet;
}
