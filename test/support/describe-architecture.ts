/** Reads a config.json from stdin and prints what the trainer's job says of such a model: the Python tests ask it. */
import { text } from 'node:stream/consumers';
import { parseModelConfig } from '../../src/models/model-config.ts';
import { describeArchitecture } from '../../src/trainer/architecture.ts';

process.stdout.write(
  JSON.stringify(describeArchitecture(parseModelConfig(JSON.parse(await text(process.stdin)), 'stdin'))),
);
