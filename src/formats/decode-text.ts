/** Decodes text files: UTF-8 with or without a byte-order mark, UTF-16 with one. */

/** The bytes are not valid in the detected encoding. The message names the first bad line and the remedy. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError';
}

const MARKS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const ARCHIVES = [
  { name: 'gzip', magic: [0x1f, 0x8b], command: 'gunzip FILE' },
  { name: 'zstandard', magic: [0x28, 0xb5, 0x2f, 0xfd], command: 'unzstd FILE' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], command: 'bunzip2 FILE' },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58], command: 'unxz FILE' },
  { name: 'zip, as xlsx is', magic: [0x50, 0x4b, 0x03, 0x04], command: 'unzip FILE' },
] as const;

/**
 * Decodes a whole file. A byte-order mark says the encoding and is left out; without one the bytes are UTF-8.
 *
 * @throws EncodingError for bytes that are not valid in the encoding, as replacing them would change problems silently,
 * and for compressed files
 * @example decodeText(await readFile('problems.jsonl'))
 */
export function decodeText(bytes: Uint8Array): string {
  const [encoding, mark] = MARKS.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte)) ?? ['utf-8', []];
  const content = bytes.subarray(mark.length);
  const archive = ARCHIVES.find(({ magic }) => magic.every((byte, at) => bytes[at] === byte));
  if (archive !== undefined)
    throw new EncodingError(`it is no text but compressed (${archive.name}); unpack it with \`${archive.command}\``);
  // Zero bytes are valid UTF-8, and what most letters of UTF-16 and UTF-32 have.
  if (content.subarray(0, 1000).includes(0) && (encoding === 'utf-8' || (content[0] === 0 && content[1] === 0)))
    throw new EncodingError(
      'it has zero bytes, as UTF-16 without a byte-order mark and UTF-32 have; convert it, e.g. with `iconv -f utf-16le -t utf-8 FILE`',
    );
  try {
    if (encoding !== 'utf-16be') return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(content);
    return new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true }).decode(Buffer.from(content).swap16());
  } catch {
    const where = encoding === 'utf-8' ? ` at line ${firstBadLine(content)}` : '';
    throw new EncodingError(
      `it is not ${encoding.toUpperCase()} text${where}; convert it, e.g. with \`iconv -f latin1 -t utf-8 FILE\``,
    );
  }
}

/** Number of the first line, from 1, that is not valid UTF-8. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let from = 0; from < bytes.length; line += 1) {
    const end = bytes.indexOf(10, from);
    const to = end === -1 ? bytes.length : end;
    try {
      decoder.decode(bytes.subarray(from, to));
    } catch {
      return line;
    }
    from = to + 1;
  }
  return line;
}
