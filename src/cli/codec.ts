import type { Command } from 'commander';
import { readEnvironment } from '../config/environment.ts';
import { startCodecServer } from '../temporal/codec-server.ts';
import { readPayloadKey } from '../temporal/payload-key.ts';
import { homeOf } from './context.ts';
import { UsageError } from './exit.ts';
import { parsePort } from './options.ts';
import { nextStopSignal } from './stop-signal.ts';
import { print } from './terminal.ts';

/** Where the pages of Temporal's dev server are. */
const DEV_SERVER_PAGES = 'http://localhost:8233';

/** `whencode codec`: Temporal's own pages show payloads readable while it runs. */
export function addCodecCommand(program: Command): void {
  program
    .command('codec')
    .description("decrypt what Temporal's own pages and its command line show, until Ctrl-C")
    .option('--ui <url>', 'of the pages that may ask', parseOrigin, DEV_SERVER_PAGES)
    .option('--port <number>', 'on this machine', parsePort, 8234)
    .action(async (options: { readonly ui: string; readonly port: number }, command: Command) => {
      const { payloadKeyFile } = readEnvironment();
      const key = await readPayloadKey({ home: homeOf(command), payloadKeyFile });
      const stopping = nextStopSignal();
      const server = await startCodecServer(key, options);
      print(`Codec server for ${options.ui}, and for \`temporal … --codec-endpoint\`; who knows it can decrypt:`);
      print(`  ${server.endpoint}`);
      await stopping;
      await server.close();
    });
}

function parseOrigin(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new UsageError(`--ui: "${text}" is no address of a page; give e.g. ${DEV_SERVER_PAGES}`);
  return new URL(text).origin;
}
