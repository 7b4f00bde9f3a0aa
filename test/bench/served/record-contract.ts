/**
 * Records what a real vLLM answers, for tests where none is.
 *
 *   npx tsx test/bench/served/record-contract.ts FOLDER [NAME…]     (FOLDER as made by test/bench/served/install-vllm.mjs)
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../src/process/port.ts';
import { createCompletionsClient } from '../../../src/sampler/served/completions-client.ts';
import { reloadable } from '../../../src/sampler/served/own-server.ts';
import { createServedSampler } from '../../../src/sampler/served/served-sampler.ts';
import { startServer } from '../../../src/sampler/served/server-process.ts';
import {
  type Contract,
  type ContractName,
  close,
  contractFile,
  type Exchange,
  listen,
  nextModel,
  readBody,
  runReload,
  runScenario,
  SERVED_NAME,
  servedModel,
} from '../../support/served-contract.ts';
import { vllmCommand } from '../../support/vllm-command.ts';

const [folder, ...names] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('usage: record-contract.ts FOLDER (of install-vllm.mjs) [processed raw reload]');
const modelDirectory = await servedModel();
const logFile = join(await mkdtemp(join(tmpdir(), 'whencode-record-')), 'server.log');

/** Runs the work against a proxy that writes everything down. */
async function record(name: ContractName, work: (url: string) => Promise<unknown>): Promise<void> {
  if (names.length > 0 && !names.includes(name)) return;
  const command = vllmCommand(folder ?? '', name === 'raw' ? 'raw' : 'processed');
  const server = await startServer({
    command,
    modelDirectory,
    servedName: SERVED_NAME,
    port: await freePort(undefined),
    logFile,
  });
  const exchanges: Exchange[] = [];
  const proxy = createServer((request, response) => {
    void (async () => {
      const body = await readBody(request);
      const path = request.url ?? '';
      const headers = { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' };
      const init = body === undefined ? { headers } : { method: 'POST', body: JSON.stringify(body), headers };
      const answer = await fetch(`${server.url}${path}`, init);
      const text = await answer.text();
      const value: unknown = text === '' ? null : JSON.parse(text);
      exchanges.push({ path, ...(body === undefined ? {} : { body }), status: answer.status, answer: value });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    })();
  });
  try {
    await work(await listen(proxy));
    const { version } = (await (await fetch(`${server.url}/version`)).json()) as { version: string };
    const contract: Contract = { server: `vLLM ${version}`, exchanges };
    await writeFile(contractFile(name), `${JSON.stringify(contract)}\n`);
    console.log(`${contractFile(name)}: ${exchanges.length} exchanges with ${contract.server}`);
  } finally {
    await close(proxy);
    await server.close();
  }
}

await record('processed', async (url) => {
  const sampler = await createServedSampler({ url, servedName: SERVED_NAME, modelDirectory });
  await runScenario(sampler);
  // What the server refuses: a checkpoint that it does not have, a prompt that does not fit.
  const other = await createServedSampler({ url, servedName: 'sha256:07e4', modelDirectory }).catch(String);
  const tooLong = {
    id: 'x',
    promptIds: Array.from({ length: 600 }, () => 5),
    seed: 'x',
    maxNewTokens: 1,
    temperature: 1,
    stopStrings: [],
  };
  console.log(other, await sampler.generate([tooLong]).catch(String));
});
await record('raw', (url) =>
  createServedSampler({ url, servedName: SERVED_NAME, modelDirectory }).catch(String).then(console.log),
);
await record('reload', async (url) => {
  const sampler = await createServedSampler({ url, servedName: SERVED_NAME, modelDirectory });
  const start = { modelDirectory, servedName: SERVED_NAME };
  await runReload(await reloadable(sampler, createCompletionsClient({ url }), start), await nextModel(modelDirectory));
});
