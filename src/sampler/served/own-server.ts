/** The sampler on a server of our own: started on a checkpoint, given other weights if it can take them, ended with it. */

import { ModelFolderError, readOptionalText } from '../../models/model-files.ts';
import { SamplerRequestError } from '../engine/errors.ts';
import type { Sampler, SamplerCallOptions } from '../types.ts';
import { type CompletionsClient, createCompletionsClient } from './completions-client.ts';
import { createServedSampler } from './served-sampler.ts';
import { type ServerStart, startServer } from './server-process.ts';
import { labelWeights, offersReload, putToSleep, reloadWeights, requireWeights } from './weight-reload.ts';

/** vLLM's option without which `/sleep` keeps the memory; a server that has it may sleep. */
const SLEEP_OPTION = '--enable-sleep-mode';

/** Starts a server on the folder and connects to it; closing the sampler ends the server. */
export async function startServedSampler(start: ServerStart): Promise<Sampler> {
  const server = await startServer(start);
  const { modelDirectory, servedName } = start;
  try {
    const { url, apiKey } = server;
    const { maxSequences } = start;
    const bound = maxSequences === undefined ? {} : { maxSequences };
    const connected = await createServedSampler({ url, apiKey, servedName, modelDirectory, ...bound });
    const sampler: Sampler = {
      ...connected,
      async close() {
        await connected.close();
        await server.close();
      },
    };
    const client = createCompletionsClient({ url, apiKey });
    return (await offersReload(client))
      ? await reloadable(sampler, client, {
          ...start,
          offersSleep: start.command.includes(SLEEP_OPTION),
        })
      : sampler;
  } catch (error) {
    await server.close();
    throw error;
  }
}

/**
 * The sampler with `swapWeights`. Answers then still name the checkpoint that the server was started on, so the server is
 * asked before and after each call whose weights it has; only this process changes them, and only between calls.
 */
export async function reloadable(
  sampler: Sampler,
  client: CompletionsClient,
  {
    modelDirectory,
    servedName,
    offersSleep = false,
  }: Pick<ServerStart, 'modelDirectory' | 'servedName'> & { readonly offersSleep?: boolean },
): Promise<Sampler> {
  await labelWeights(client, servedName);
  let served = { modelDirectory, checkpoint: servedName };
  let swapping: Promise<void> = Promise.resolve();
  const running = new Set<Promise<unknown>>();

  async function attested<Result>(
    { checkpoint, ...call }: SamplerCallOptions,
    work: (call: SamplerCallOptions) => Promise<Result>,
  ): Promise<Result> {
    const swapped = swapping;
    const result = (async () => {
      await swapped;
      const demanded = checkpoint ?? served.checkpoint;
      if (demanded !== served.checkpoint)
        throw new SamplerRequestError(`checkpoint ${demanded} was asked for, the server has ${served.checkpoint}`);
      await requireWeights(client, demanded, call.signal);
      const answer = await work(call);
      await requireWeights(client, demanded, call.signal);
      return answer;
    })();
    running.add(result);
    return result.finally(() => running.delete(result));
  }

  return {
    ...sampler,
    generate: (requests, call = {}) => attested(call, (rest) => sampler.generate(requests, rest)),
    score: (requests, call = {}) => attested(call, (rest) => sampler.score(requests, rest)),
    swapWeights(directory, checkpoint) {
      const swapped = Promise.allSettled([swapping, ...running]).then(async () => {
        await requireSameModel(served.modelDirectory, directory);
        await reloadWeights(client, directory, checkpoint, offersSleep);
        served = { modelDirectory: directory, checkpoint };
      });
      // Calls behind it wait, whatever comes of it.
      swapping = swapped.catch(() => undefined);
      return swapped;
    },
    ...(offersSleep
      ? {
          sleep(): Promise<void> {
            const slept = Promise.allSettled([swapping, ...running]).then(() => putToSleep(client));
            swapping = slept.catch(() => undefined);
            return slept;
          },
        }
      : {}),
  };
}

/** What a server reads when it starts and not again. */
const READ_AT_START = ['config.json', 'generation_config.json', 'tokenizer.json'];

async function requireSameModel(before: string, after: string): Promise<void> {
  for (const file of READ_AT_START)
    if ((await readOptionalText(before, file)) !== (await readOptionalText(after, file)))
      throw new ModelFolderError(`${file} of ${after} differs from that of ${before}; only its weights can be swapped`);
}
