/** What a page of docs/ tells its reader to save and to run. */

export interface PageBlocks {
  /** Content by name, of blocks such as ```yaml first.yaml. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines of ```bash blocks, in order. */
  readonly commands: readonly string[];
}

export function readBlocks(page: string): PageBlocks {
  const blocks = [...page.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)];
  const named = blocks.flatMap(([, , name, text = '']) => (name === undefined ? [] : [[name, text]]));
  const commands = blocks.flatMap(([, language, , text = '']) => (language === 'bash' ? text.trim().split('\n') : []));
  return { files: Object.fromEntries(named), commands };
}
