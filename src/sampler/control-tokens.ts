/** Tokens that steer a model, and how text from elsewhere is kept from turning into them. */
import { isObject, type JsonObject } from '../models/model-files.ts';

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  /** Matched in the text after normalisation. */
  readonly normalized: boolean;
  /** Adjacent white space belongs to it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Matched only where no letter or digit is next to it. */
  readonly singleWord: boolean;
}

/** `added_tokens` of tokenizer.json. */
export function readAddedTokens(tokenizer: JsonObject): AddedToken[] {
  const listed = Array.isArray(tokenizer.added_tokens) ? tokenizer.added_tokens.filter(isObject) : [];
  return listed.flatMap(({ id, content, ...flags }) =>
    typeof id === 'number' && typeof content === 'string' && content !== ''
      ? [
          {
            id,
            content,
            special: flags.special === true,
            normalized: flags.normalized === true,
            lstrip: flags.lstrip === true,
            rstrip: flags.rstrip === true,
            singleWord: flags.single_word === true,
          },
        ]
      : [],
  );
}

/** `<think>`, `<|im_end|>`, `<｜User｜>`, `[INST]`, `</tool_call>`: marks that a chat is made of, flagged as special or not. */
const MARK = /^(?:<[^\s<>]+>|<\|.+\|>|<｜.+｜>|\[\/?[A-Z][A-Z_]*\])$/u;

export const isControlToken = ({ special, content }: AddedToken): boolean => special || MARK.test(content);

/** A noncharacter of Unicode, which no text holds: it parts what would be a control token, and is removed in encoding. */
export const QUOTE = '\uFDD0';

/** Marks every control token that stands in the text, so that none of them is recognised when the text is encoded. */
export function quoter(tokens: readonly AddedToken[]): (text: string) => string {
  const contents = tokens
    .filter(isControlToken)
    .map(({ content }) => content)
    .sort((a, b) => b.length - a.length);
  if (contents.length === 0) return (text) => text;
  const pattern = new RegExp(contents.map(escapePattern).join('|'), 'gu');
  return (text) => {
    let quoted = text.replaceAll(QUOTE, '\uFFFD');
    // Once more where a token overlapped with the one before it.
    for (let before = ''; before !== quoted; ) {
      before = quoted;
      quoted = quoted.replace(pattern, ([first = '', ...rest]) => `${first}${QUOTE}${rest.join('')}`);
    }
    return quoted;
  };
}

const escapePattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
