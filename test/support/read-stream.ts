/** Reads an event stream piece by piece. */
export interface StreamReader {
  /** Reads on until what was read since the last call fits; the end of the stream is an error. */
  until(pattern: RegExp): Promise<string>;
  /** What is left up to the end of the stream. */
  rest(): Promise<string>;
}

export function readStream(response: Response): StreamReader {
  if (response.body === null) throw new Error('the response has no body');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const readWhile = async (goesOn: (text: string) => boolean, mayEnd: boolean): Promise<string> => {
    let text = '';
    while (goesOn(text)) {
      const { done, value } = await reader.read();
      if (done && !mayEnd) throw new Error(`the stream ended after ${text}`);
      if (done) return text;
      text += value;
    }
    return text;
  };
  return {
    until: (pattern) => readWhile((text) => !pattern.test(text), false),
    rest: () => readWhile(() => true, true),
  };
}
