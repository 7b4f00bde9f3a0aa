import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCampaign, parseCampaign } from '../../../src/config/load.ts';

const examples = readdirSync('examples').filter((name) => name.endsWith('.yaml'));
const minimal = 'name: a\nmodel: ./m\ntemplate: markdown\niterations: 1\nproblems: [{ from: gsm8k }]\n';

describe('campaign files', () => {
  it.each(examples)('examples/%s is valid', async (name) => {
    await expect(loadCampaign(`examples/${name}`)).resolves.toMatchObject({ name: expect.any(String) });
  });

  it('fill in the documented defaults', () => {
    const config = parseCampaign(minimal, 'c.yaml');
    expect(config).toMatchObject({
      method: 'em',
      sampling: { samplesPerArm: 8, maxTurns: 4 },
      strategy: { name: 'energy', alpha: 8 },
      train: { decisionWeight: 2, clip: 0.2, epochs: 3 },
    });
  });

  it('name every mistake with its line and the nearest setting', () => {
    const text = `${minimal}sampling: { samplesPerArms: 3 }\nmetod: em\ntrain: { epochs: 0 }\n`;
    expect(() => parseCampaign(text, 'c.yaml')).toThrow(
      /c\.yaml:6: sampling\.samplesPerArms is not a setting; did you mean samplesPerArm\?\nc\.yaml:8: train\.epochs: .*\nc\.yaml:7: metod is not a setting; did you mean method\?/,
    );
  });

  it('refuse settings that contradict each other', () => {
    expect(() => parseCampaign(minimal.replace('./m', 'testbed'), 'c.yaml')).toThrow(/add a warmUp section/);
    expect(() => parseCampaign(`${minimal}strategy: { minValid: 9 }\n`, 'c.yaml')).toThrow(/only 8 rollouts are drawn/);
    expect(() => parseCampaign(`${minimal}strategy: { priorFloor: 0.9 }\n`, 'c.yaml')).toThrow(
      /c\.yaml:6: .*at most 0\.5/,
    );
    expect(() => parseCampaign(`${minimal}sampling: { maxTurns: 500 }\n`, 'c.yaml')).toThrow(/at most 64/);
    const muon = 'train: { optimizer: { name: muon } }';
    expect(() => parseCampaign(`${minimal}${muon}\n`, 'c.yaml')).toThrow(/muon needs muonLearningRate/);
  });

  it('refuse what is not a map, and a file that is not there', async () => {
    expect(() => parseCampaign('- a', 'c.yaml')).toThrow(/map of settings/);
    await expect(loadCampaign('absent.yaml')).rejects.toThrow(/can't be read/);
  });
});
