/** Commits a manifest of its own for the same step keys as its competitors, and prints whose manifests stand. */
import { openStore } from '../../../src/artifacts/open-store.ts';

const [folder = '', name = '', rounds = '0'] = process.argv.slice(2);
const store = await openStore(folder);
const winners: unknown[] = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const output = await store.putBlob(Buffer.from(`shared ${round}`));
  const manifest = await store.commitManifest({
    step: { stage: 'sample', version: 1, inputs: {}, config: { k: 4 }, seed: `race ${round}` },
    outputs: { output },
    facts: { by: name },
    information: {},
  });
  winners.push(manifest.facts.by);
}
process.stdout.write(JSON.stringify(winners));
