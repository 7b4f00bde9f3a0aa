import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadCampaign, type PathVariables, parseCampaign } from '../../../src/config/load.ts';
import { checkTraces } from '../../../src/datasets/traces/check-traces.ts';
import { TEMPLATES } from '../../../src/rollout/template.ts';

const examples = readdirSync('examples').filter((name) => name.endsWith('.yaml'));
const minimal = 'name: a\nmodel: ./m\ntemplate: markdown\niterations: 1\nproblems: [{ from: gsm8k }]\n';

describe('campaign files', () => {
  it.each(examples)('examples/%s is valid', async (name) => {
    await expect(loadCampaign(`examples/${name}`)).resolves.toMatchObject({ name: expect.any(String) });
  });

  it('of the examples have their traces beside them, which every template with fences reads', async () => {
    for (const template of [TEMPLATES.markdown, TEMPLATES.interleaved]) {
      const { traces, unreadable } = await checkTraces('examples/traces.jsonl', template);
      expect(unreadable).toEqual([]);
      expect(traces.map(({ verdict }) => verdict)).toEqual(traces.map(() => 'correct'));
      expect(new Set(traces.map(({ arm }) => arm)).size).toBe(2);
    }
    const { sft } = await loadCampaign('examples/smollm2-traces.yaml');
    expect(sft?.demonstrations).toEqual({ file: resolve('examples/traces.jsonl'), keep: 'correct' });
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

  it.each([
    ['method: em\ntrain: { klReference: start }', undefined],
    ['method: rft\ntrain: { klReference: start }', undefined],
    ['train: { klReference: start, klWeight: 0 }', /train\.klReference: train\.klWeight is 0/],
    ['train: { klReference: start, lora: {} }', /train\.klReference: needs train\.gpus 1, and neither/],
    ['train: { klReference: start, gpus: 2 }', /train\.klReference: needs train\.gpus 1/],
    ['train: { klReference: start, offload: true }', /train\.klReference: needs train\.gpus 1/],
  ])('anchor to the start where there is an anchor: %s', (text, message) => {
    const parse = () => parseCampaign(`${minimal}${text}\n`, 'c.yaml');
    if (message === undefined) expect(parse().train.klReference).toBe('start');
    else expect(parse).toThrow(message);
  });

  it('say that a variable stands in a path alone', () => {
    expect(() => parseCampaign(minimal.replace('iterations: 1', `iterations: \${N}`), 'c.yaml')).toThrow(
      /c\.yaml:4: iterations: must be a number; variables are read in paths alone/,
    );
  });

  it('name every mistake with its line and the nearest setting', () => {
    const text = `${minimal}sampling: { samplesPerArms: 3 }\nmetod: em\ntrain: { epochs: 0 }\n`;
    expect(() => parseCampaign(text, 'c.yaml')).toThrow(
      /c\.yaml:6: sampling\.samplesPerArms is not a setting; did you mean samplesPerArm\?\nc\.yaml:8: train\.epochs: .*\nc\.yaml:7: metod is not a setting; did you mean method\?/,
    );
  });

  it('refuse settings that contradict each other', () => {
    expect(() => parseCampaign(minimal.replace('./m', 'testbed'), 'c.yaml')).toThrow(/add a sft section/);
    expect(() => parseCampaign(`${minimal}strategy: { minValid: 9 }\n`, 'c.yaml')).toThrow(/only 8 rollouts are drawn/);
    expect(() => parseCampaign(`${minimal}strategy: { priorFloor: 0.9 }\n`, 'c.yaml')).toThrow(
      /c\.yaml:6: .*at most 0\.5/,
    );
    expect(() => parseCampaign(`${minimal}sampling: { maxTurns: 500 }\n`, 'c.yaml')).toThrow(/at most 64/);
    const muon = 'train: { optimizer: { name: muon } }';
    expect(() => parseCampaign(`${minimal}${muon}\n`, 'c.yaml')).toThrow(/muon needs muonLearningRate/);
    const whole = (more: string) => `${minimal}train: { optimizer: { name: muon, muonLearningRate: 1e-3 }, ${more} }\n`;
    expect(() => parseCampaign(whole('gpus: 2'), 'c.yaml')).toThrow(/train\.gpus above 1 use adamw/);
    expect(() => parseCampaign(whole('lora: {}'), 'c.yaml')).toThrow(/with lora use adamw/);
    expect(() => parseCampaign(whole('gpus: 1'), 'c.yaml')).not.toThrow();
    const skew = 'sft: { demonstrations: testbed, problems: 8, batchTokens: 99, lora: {}, skewTo: 0.1 }\n';
    expect(() => parseCampaign(`${whole('gpus: 1')}${skew}`, 'c.yaml')).not.toThrow();
    const scratch = 'sft: { demonstrations: testbed, problems: 8, batchTokens: 99, lora: {} }';
    expect(() => parseCampaign(`${minimal.replace('./m', 'testbed')}${scratch}\n`, 'c.yaml')).toThrow(/random weights/);
  });

  it('refuse what is not a map, and a file that is not there', async () => {
    expect(() => parseCampaign('- a', 'c.yaml')).toThrow(/map of settings/);
    await expect(loadCampaign('absent.yaml')).rejects.toThrow(/can't be read/);
  });
});

const variable = (name: string): string => `$\{${name}}`;

describe('YAML as people write it', () => {
  const base = [
    'name: mine',
    'model: m',
    'template: markdown',
    'iterations: 1',
    'problems: [{ from: testbed, limit: 5 }]',
  ];
  const parse = (lines: readonly string[], machine?: PathVariables) =>
    parseCampaign([...base, ...lines].join('\n'), 'mine.yaml', machine);

  it('may have sections with nothing in them, which are as absent', () => {
    const sections = ['train', 'sampling', 'execution', 'strategy', 'failures', 'evaluations', 'checkpoints', 'sft'];
    fc.assert(
      fc.property(fc.subarray(sections), fc.constantFrom('', ' # all defaults', ' ~', ' null'), (names, rest) => {
        expect(parse(names.map((name) => `${name}:${rest}`))).toEqual(parse([]));
      }),
    );
  });

  it('may merge sections, from a key that is only there for that', () => {
    const merged = parse([
      'defaults: &d { temperature: 0.5 }',
      'evaluations: [{ suite: a, problems: { from: gsm8k }, <<: *d }]',
    ]);
    expect(merged.evaluations[0]?.temperature).toBe(0.5);
  });

  it.each([
    ['an alias without its anchor', ['train: *nope'], /mine\.yaml: .*alias.*nope/i],
    [
      'aliases that grow without end',
      [
        'a: &a [x, x, x, x, x, x, x, x, x]',
        ...'bcdefgh'.split('').map((name, at) => `${name}: &${name} [${`*${'abcdefg'[at]}, `.repeat(9)}]`),
      ],
      /mine\.yaml: .*alias/i,
    ],
    [
      'a variable that is not set',
      [`evaluations: [{ suite: a, problems: { from: "${variable('NOWHERE')}/x.jsonl" } }]`],
      /the variable NOWHERE is not set/,
    ],
  ])('%s is an error of the file', (_what, lines, message) => {
    expect(() => parse(lines)).toThrow(message);
  });

  it('names the home folder and variables in paths', () => {
    const machine = { homeFolder: '/home/ada', variables: { DATA: '/data', NAME: 'set' } };
    const { evaluations } = parse(
      [
        'evaluations:',
        '  - { suite: a, problems: { from: ~/a.jsonl } }',
        `  - { suite: b, problems: { from: "${variable('DATA')}/$NAME.csv" } }`,
      ],
      machine,
    );
    expect(evaluations.map(({ problems }) => problems.from)).toEqual(['/home/ada/a.jsonl', '/data/set.csv']);
  });

  it('refuses URLs and what shells do with variables, in every path', () => {
    const other = fc.constantFrom(
      'https://huggingface.co/datasets/openai/gsm8k',
      'hf://datasets/openai/gsm8k',
      'file:///data/a.jsonl',
      's3://bucket/a.parquet',
      `${variable('DATA:-/data')}/a.jsonl`,
      `${variable('{ env.DATA }')}/a.jsonl`,
      `${variable('DATA').slice(0, -1)}/a.jsonl`,
    );
    const machine = { homeFolder: '/home/ada', variables: { DATA: '/data' } };
    const place = fc.constantFrom(
      (path: string) => minimal.replace('{ from: gsm8k }', `{ from: "${path}" }`),
      (path: string) => minimal.replace('./m', `"${path}"`),
    );
    fc.assert(
      fc.property(place, other, (write, path) => {
        expect(() => parseCampaign(write(path), 'mine.yaml', machine)).toThrow(
          /^mine\.yaml:\d+: (?:model|problems\.0\.from): ".*" is (?:a URL; give a path|not read; of a variable)/,
        );
      }),
    );
  });

  it('is an error with nothing in it', () => {
    for (const text of ['', '\n', '# only a comment\n', '\uFEFF'])
      expect(() => parseCampaign(text, 'mine.yaml')).toThrow(/a campaign file is a map of settings/);
  });
});

describe('a campaign that can not work is refused', () => {
  it.each([
    ['sampling: { maxTurns: 1 }', /sampling\.maxTurns: at least 2/],
    ['execution: { memoryMb: 1 }', /execution\.memoryMb: at least 128/],
    ['execution: { cpuMs: 1 }', /execution\.cpuMs: at least 10/],
    ['execution: { cpuMs: 2000, wallMs: 50 }', /execution\.wallMs: at least execution\.cpuMs/],
    ['execution: { cpuMs: 5, wallMs: 5 }', /execution\.wallMs: at least 10/],
    [
      "template: { prompt: { kind: text, before: '', after: '' }, prefixes: { cot: a, code: '```py\\n' }, codeOpen: '```py', codeClose: '\\n```', toolOpen: '', toolClose: '', toolMaxCharacters: 9, toolCut: head-tail }",
      /template\.prefixes\.code: .*only in double quotes/,
    ],
  ])('%s', (setting, message) => {
    const [name = ''] = setting.split(':');
    const lines = minimal.split('\n').filter((line) => !line.startsWith(`${name}:`));
    expect(() => parseCampaign([...lines, setting].join('\n'), 'mine.yaml')).toThrow(message);
  });

  it('the testbed with a chat template', () => {
    const text = minimal
      .replace('./m', 'testbed')
      .concat('sft: { demonstrations: testbed, problems: 5, batchTokens: 9 }');
    expect(() => parseCampaign(text, 'mine.yaml')).toThrow(/template: the testbed's model has no chat template/);
  });
});
