/** Folders with small tokenizers of the kinds that models have, written by hand: every byte or letter is a token. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const TOKENIZER_KINDS = ['byte-level', 'sentencepiece', 'metaspace', 'unigram'] as const;
export type TokenizerKind = (typeof TOKENIZER_KINDS)[number];

/** Marks of Llama 2, Llama 3, Mistral, Qwen and DeepSeek; those of the second list are not flagged as special. */
export const SPECIAL_MARKS = ['<s>', '</s>', '<|im_start|>', '<|im_end|>', '[INST]', '[/INST]', '<｜User｜>'];
export const PLAIN_MARKS = ['<think>', '</think>', '<tool_call>', '<｜Assistant｜>'];
/** Added, but no mark. */
export const ADDED_WORD = '\\boxed{';

const BYTES = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
const LETTERS = [...'abcdefghijklmnopqrstuvwxyzWHT0123456789.,<>/|[]_\n'];

/** Writes tokenizer.json and tokenizer_config.json, and what `files` says besides. */
export async function writeTokenizerFolder(
  folder: string,
  kind: TokenizerKind,
  files: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { vocabulary, ...parts } = partsOf(kind);
  const marks = [...SPECIAL_MARKS, ...PLAIN_MARKS, ADDED_WORD];
  const isNew = (content: string): boolean => !vocabulary.includes(content);
  const newMarks = marks.filter(isNew);
  const added = marks.map((content) => ({
    id: isNew(content) ? vocabulary.length + newMarks.indexOf(content) : vocabulary.indexOf(content),
    content,
    special: SPECIAL_MARKS.includes(content),
    normalized: false,
    lstrip: false,
    rstrip: false,
    single_word: false,
  }));
  const tokenizer = { version: '1.0', added_tokens: added, post_processor: null, ...parts };
  const all = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': { eos_token: '</s>' }, ...files };
  for (const [name, content] of Object.entries(all))
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

function partsOf(kind: TokenizerKind) {
  const replaceSpace = { type: 'Replace', pattern: { String: ' ' }, content: '▁' };
  const toText = { type: 'Replace', pattern: { String: '▁' }, content: ' ' };
  const decoder = { type: 'Sequence', decoders: [toText, { type: 'ByteFallback' }, { type: 'Fuse' }] };
  const pieces = ['<unk>', '<s>', '</s>', ...BYTES, '▁', ...LETTERS, 'th', '▁t', '</'];
  const bpe = {
    type: 'BPE',
    unk_token: '<unk>',
    fuse_unk: true,
    byte_fallback: true,
    vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    merges: [
      ['t', 'h'],
      ['▁', 't'],
      ['<', '/'],
    ],
  };
  switch (kind) {
    case 'byte-level': {
      const vocabulary = byteAlphabet();
      return {
        vocabulary,
        normalizer: null,
        pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
        decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
        model: { type: 'BPE', vocab: Object.fromEntries(vocabulary.map((piece, id) => [piece, id])), merges: [] },
      };
    }
    case 'sentencepiece':
      return {
        vocabulary: pieces,
        normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, replaceSpace] },
        pre_tokenizer: null,
        decoder,
        model: bpe,
      };
    case 'metaspace':
      return {
        vocabulary: pieces,
        normalizer: null,
        pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'first', split: false },
        decoder,
        model: bpe,
      };
    case 'unigram':
      return {
        vocabulary: pieces,
        normalizer: replaceSpace,
        pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
        decoder,
        model: {
          type: 'Unigram',
          unk_id: 0,
          byte_fallback: true,
          vocab: pieces.map((piece) => [piece, scoreOf(piece)]),
        },
      };
  }
}

/** Control pieces have the best score, as SentencePiece stores them. */
const scoreOf = (piece: string): number => (piece.startsWith('<') && piece.length > 2 ? 0 : -piece.length - 1);

/** GPT-2's letters for the 256 bytes. */
function byteAlphabet(): string[] {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return String.fromCodePoint(isPrintable ? byte : next++);
  });
}
