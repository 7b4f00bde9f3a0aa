/**
 * Text to ids as the `tokenizers` library does it, over the parts of `@huggingface/tokenizers`. Its own `encode` can't be
 * used: it recognises control tokens wherever they stand, ignores `single_word`, and makes unknown tokens of what a
 * Unigram model spells in bytes.
 */
import type { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers';
import type { JsonObject } from '../models/model-files.ts';
import { type AddedToken, isControlToken, QUOTE } from './control-tokens.ts';

export type Encode = (text: string) => number[];

/** What lies between two tokens, or a token. */
type Section = { readonly text: string } | { readonly token: AddedToken };

/** Nothing is added at the ends of a text; quoted control tokens (see `quoter`) are spelt out. */
export function createEncoder(tokenizer: HuggingFaceTokenizer, added: readonly AddedToken[], file: JsonObject): Encode {
  const { normalizer, pre_tokenizer: preTokenizer, model } = tokenizer;
  if (model === null) throw new Error('the tokenizer has no model');
  const normalise = (text: string): string => (normalizer === null ? text : normalizer(text));
  const raw = splitter(added.filter(({ normalized }) => !normalized || normalizer === null));
  const normalised = splitter(
    added.filter(({ normalized }) => normalized && normalizer !== null),
    ({ content }) => normalise(content),
  );
  const control = new Set(added.filter(isControlToken).map(({ id }) => id));
  const isUnigramInBytes = isByteFallback(file, 'Unigram');

  /** Ids of a piece that the model made; one that it has no token for is spelt in bytes, or unknown. */
  function idsOf(piece: string): readonly number[] {
    const id = model?.tokens_to_ids.get(piece);
    if (id !== undefined && (!control.has(id) || id === model?.unk_token_id)) return [id];
    // A control token is never made of text: its characters one by one.
    if (id !== undefined && [...piece].length > 1)
      return (model?.encode([...piece]) ?? []).flatMap((part: string) => (part === piece ? [] : idsOf(part)));
    const bytes = [...Buffer.from(piece, 'utf8')].map((byte) =>
      model?.tokens_to_ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`),
    );
    if (isUnigramInBytes && bytes.every((byte) => byte !== undefined)) return bytes;
    return model?.unk_token_id === undefined ? [] : [model.unk_token_id];
  }

  function encodePlain(text: string, sectionIndex: number): number[] {
    if (text === '') return [];
    const pieces = preTokenizer === null ? [text] : preTokenizer(text, { section_index: sectionIndex });
    // Without the fusing of unknown pieces, which forgets what they were.
    const tokens = isUnigramInBytes ? model?.encode(pieces) : model?.(pieces);
    return (tokens ?? []).flatMap(idsOf);
  }

  return (text) =>
    raw(text).flatMap((section, index) => {
      if ('token' in section) return [section.token.id];
      // The quotes go last: they part a token after the normalisation, too.
      return normalised(normalise(section.text)).flatMap((part) =>
        'token' in part ? [part.token.id] : encodePlain(part.text.replaceAll(QUOTE, ''), index),
      );
    });
}

function isByteFallback({ model }: JsonObject, type: string): boolean {
  const { byte_fallback: fallback, type: found } = (model ?? {}) as JsonObject;
  return fallback === true && found === type;
}

/** Finds tokens from left to right, the longest of those that begin at a place. */
function splitter(
  tokens: readonly AddedToken[],
  contentOf: (token: AddedToken) => string = ({ content }) => content,
): (text: string) => Section[] {
  const byFirst = new Map<string, { content: string; token: AddedToken }[]>();
  for (const token of tokens) {
    const content = contentOf(token);
    if (content === '') continue;
    const alike = byFirst.get(content.charAt(0)) ?? [];
    byFirst.set(
      content.charAt(0),
      [...alike, { content, token }].sort((a, b) => b.content.length - a.content.length),
    );
  }
  return (text) => {
    const sections: Section[] = [];
    let start = 0;
    for (let at = 0; at < text.length; ) {
      const found = byFirst
        .get(text.charAt(at))
        ?.find(({ content, token }) => text.startsWith(content, at) && fits(token, text, at, content.length));
      if (found === undefined) {
        at += 1;
        continue;
      }
      const { content, token } = found;
      const before = text.slice(start, at);
      if (before !== '') sections.push({ text: token.lstrip ? before.trimEnd() : before });
      sections.push({ token });
      at += content.length;
      if (token.rstrip) while (/\s/.test(text.charAt(at))) at += 1;
      start = at;
    }
    if (start < text.length) sections.push({ text: text.slice(start) });
    return sections;
  };
}

function fits({ singleWord }: AddedToken, text: string, at: number, length: number): boolean {
  if (!singleWord) return true;
  return ![text.charAt(at - 1), text.charAt(at + length)].some((neighbour) => /[\p{L}\p{N}_]/u.test(neighbour));
}
