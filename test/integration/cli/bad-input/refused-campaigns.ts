/** Campaign files that can't run: what is wrong with each, and what has to be said of it. */

export interface RefusedCampaign {
  readonly what: string;
  /** Changes of a campaign that is right, by dotted path; undefined leaves the setting out. */
  readonly change: Readonly<Record<string, unknown>>;
  /** The value, what is allowed, and what to do, in one message. */
  readonly says: RegExp;
  /** 2: wrong use; 1: the machine is not up to it. */
  readonly code?: 1 | 2;
  readonly env?: Readonly<Record<string, string>>;
}

export const REFUSED_CAMPAIGNS: readonly RefusedCampaign[] = [
  { what: 'an unknown key', change: { itertions: 3 }, says: /itertions is not a setting; did you mean iterations\?/ },
  {
    what: 'an unknown key inside',
    change: { 'train.epoch': 3 },
    says: /train\.epoch is not a setting; did you mean epochs\?/,
  },
  { what: 'a wrong type', change: { iterations: 'four' }, says: /:\d+: iterations: must be a number/ },
  {
    what: 'a value out of range',
    change: { 'strategy.priorFloor': 0.9 },
    says: /strategy\.priorFloor: .*at most 0\.5/,
  },
  { what: 'a missing setting', change: { problems: undefined }, says: /problems: is missing/ },
  {
    what: 'a name that is taken',
    change: { name: 'evaluations' },
    says: /"evaluations" is taken.*call the campaign otherwise/,
  },
  {
    what: 'a missing problem file',
    change: { problems: [{ from: './absent.jsonl' }] },
    says: /absent\.jsonl can't be read/,
  },
  { what: 'an unknown data set', change: { problems: [{ from: 'gsm9k' }] }, says: /did you mean gsm8k\?/ },
  {
    what: 'a generator without an end',
    change: { problems: [{ from: 'testbed' }] },
    says: /say how many problems with "limit"/,
  },
  { what: 'an endless device', change: { problems: [{ from: '/dev/zero' }] }, says: /not a regular file/ },
  {
    what: 'an empty problem file',
    change: { problems: [{ from: './empty.jsonl' }] },
    says: /empty\.jsonl holds no problem/,
  },
  {
    what: 'a broken line',
    change: { problems: [{ from: './broken.jsonl' }] },
    says: /line 2: "answer" is neither text nor a number/,
  },
  {
    what: 'an id that comes twice',
    change: { problems: [{ from: './twice.jsonl' }] },
    says: /line 2: id "a" is already on line 1/,
  },
  {
    what: 'an id that two files share',
    change: { problems: [{ from: './sums.jsonl' }, { from: './sums.jsonl' }] },
    says: /training problem "s0" comes twice; give every problem an id of its own/,
  },
  {
    what: 'golds that the grader can’t read',
    change: { problems: [{ from: './unreadable.jsonl' }] },
    says: /3 of 100 training answers can't be read by the grader: u7 .*at most 2 % of a set \(here 2\).*fix or leave out/,
  },
  {
    what: 'evaluation problems that are trained on',
    change: { evaluations: [{ suite: 'held', problems: { from: './overlap.jsonl' } }] },
    says: /evaluation held shares problem "o0 = s3" with the training problems \(1 in all\)/,
  },
  { what: 'no model', change: { model: './absent' }, says: /has no config\.json; it has to hold the architecture/ },
  {
    what: 'an architecture that is not run',
    change: { model: './foreign' },
    says: /model_type "gpt2" is not supported.*known are llama/,
  },
  {
    what: 'a truncated checkpoint',
    change: { model: './truncated' },
    says: /model\.safetensors: .*(cut|bytes|short|end)/,
  },
  { what: 'a missing tensor', change: { model: './without' }, says: /has no tensor model\.norm\.weight \[16\]/ },
  {
    what: 'a misshapen tensor',
    change: { model: './misshapen' },
    says: /is \[15,16\], config\.json asks for \[16,16\]/,
  },
  {
    what: 'a tokenizer that doesn’t fit the embedding',
    change: { model: './tokenizer' },
    says: /token ids up to 19, but the embedding only 16 rows.*take the tokenizer that the model was trained with/,
  },
  {
    what: 'too little disk',
    change: { iterations: 1_000_000_000 },
    says: /may write up to .*B, and .* are free for .*plan fewer iterations/,
    code: 1,
  },
  {
    what: 'no Docker',
    change: {},
    says: /no Docker engine answers .*start the engine at DOCKER_HOST/,
    code: 1,
    env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' },
  },
];
