/**
 * Data sets by name: source, licence, and the conversion to this project's format. An address names a commit, and the
 * checksum is that of the file at this commit in the publisher's git repository; where there is none, the first download's
 * is kept. None of these addresses was fetched when this file was written: `verified` records that, and `data list` shows
 * it.
 */
import { nearestName } from '../config/nearest-name.ts';

/** Where a source record holds the gold answer. */
export type AnswerFormat =
  /** The field itself, a string or a number. */
  | { readonly kind: 'field'; readonly field: string }
  /** The field, a number as text: `142.0` is 142. */
  | { readonly kind: 'number'; readonly field: string }
  /** The text after the last `####` of a worked solution. */
  | { readonly kind: 'after-hashes'; readonly field: string }
  /** The content of the last `\boxed{}` of a worked solution. */
  | { readonly kind: 'boxed'; readonly field: string }
  /** The first entry of a list, without the `$` around it. */
  | { readonly kind: 'first-of-list'; readonly field: string };

/** The fields of a source file, which is JSON lines. */
export interface SourceFormat {
  /** Fields that make up the problem, in this order. Absent: `problem`, otherwise `question`. */
  readonly problem?: readonly string[];
  /** Field with the list of choices, which follow the problem line by line. */
  readonly choices?: string;
  readonly answer: AnswerFormat;
  /** Field that names a problem; absent, or missing in a record: the index of the record. */
  readonly idField?: string;
  /** Further fields that are kept unchanged. */
  readonly keep: readonly string[];
}

export interface RegisteredDataset {
  readonly name: string;
  readonly title: string;
  readonly problems: number;
  readonly url: string;
  readonly homepage: string;
  readonly licence: string;
  /** SHA-256 of the source file, and its source. Absent: each later pull has to have the first one's. */
  readonly checksum?: { readonly sha256: string; readonly statedBy: string };
  /** Whether this address and format have been tested against the real source. */
  readonly verified: boolean;
  readonly format: SourceFormat;
}

const GSM8K_COMMIT = '3101c7d5072418e28b9008a6636bde82a006892c';
const PRM800K_COMMIT = '7ecc794703b2877f63226f2477a49b34f9b25163';
const QWEN_COMMIT = 'a45202bd16f1ec06f433442dc1152d0074773465';
const GSM8K_DATA = `https://raw.githubusercontent.com/openai/grade-school-math/${GSM8K_COMMIT}/grade_school_math/data`;
const PRM800K_DATA = `https://media.githubusercontent.com/media/openai/prm800k/${PRM800K_COMMIT}/prm800k/math_splits`;
const QWEN_DATA = `https://raw.githubusercontent.com/QwenLM/Qwen2.5-Math/${QWEN_COMMIT}/evaluation/data`;

const PRIME_COMMIT = '18ad596f08d487bb546d80d738d99ec697bd2e75';

const inGit = (sha256: string) => ({ checksum: { sha256, statedBy: "the publisher's git repository" } });

const GSM8K = {
  homepage: 'https://github.com/openai/grade-school-math',
  licence: 'MIT',
  verified: false,
  format: { answer: { kind: 'after-hashes', field: 'answer' }, keep: [] },
} as const satisfies Partial<RegisteredDataset>;

const MATH = {
  homepage: 'https://github.com/openai/prm800k',
  licence: 'MIT',
  verified: false,
  format: { answer: { kind: 'field', field: 'answer' }, idField: 'unique_id', keep: ['subject', 'level'] },
} as const satisfies Partial<RegisteredDataset>;

const QWEN = {
  homepage: 'https://github.com/QwenLM/Qwen2.5-Math',
  verified: false,
  format: { answer: { kind: 'field', field: 'answer' }, idField: 'id', keep: [] },
} as const satisfies Partial<RegisteredDataset>;

const AS_PUBLISHED = "as published with Qwen2.5-Math's evaluation";
const LFS_POINTER = 'the Git LFS pointer in openai/prm800k';

export const DATASETS: readonly RegisteredDataset[] = [
  {
    name: 'gsm8k',
    title: 'GSM8K, test',
    problems: 1319,
    url: `${GSM8K_DATA}/test.jsonl`,
    ...inGit('3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14'),
    ...GSM8K,
  },
  {
    name: 'gsm8k-train',
    title: 'GSM8K, train',
    problems: 7473,
    url: `${GSM8K_DATA}/train.jsonl`,
    ...inGit('17f347dc51477c50d4efb83959dbb7c56297aba886e5544ee2aaed3024813465'),
    ...GSM8K,
  },
  {
    name: 'math500',
    title: 'MATH-500, the test split of PRM800K',
    problems: 500,
    url: `${PRM800K_DATA}/test.jsonl`,
    checksum: {
      sha256: '35dc41080a3680858b27fa7e0533d2d547825316fc5dafe5d316f4ccc5a06132',
      statedBy: LFS_POINTER,
    },
    ...MATH,
  },
  {
    name: 'math-train',
    title: 'MATH less MATH-500, the train split of PRM800K',
    problems: 12_000,
    url: `${PRM800K_DATA}/train.jsonl`,
    checksum: {
      sha256: '90d96daeac3fe343ebb1e22ce93dd99690f75983e957f88de42f87cffe1e8076',
      statedBy: LFS_POINTER,
    },
    ...MATH,
  },
  {
    name: 'aime24',
    title: 'AIME 2024, I and II',
    problems: 30,
    url: `${QWEN_DATA}/aime24/test.jsonl`,
    ...inGit('af2b8bd2aa911b6333ad0df32f3ca05c7ae8ed10f1731f4372c8ae26990bf7ac'),
    licence: 'problems by the MAA',
    ...QWEN,
  },
  {
    name: 'aime25',
    title: 'AIME 2025, I and II',
    problems: 30,
    url: 'https://huggingface.co/datasets/math-ai/aime25/resolve/main/test.jsonl',
    licence: 'problems by the MAA',
    ...QWEN,
    homepage: 'https://huggingface.co/datasets/math-ai/aime25',
  },
  {
    name: 'amc23',
    title: 'AMC 12, 2023',
    problems: 40,
    url: `${QWEN_DATA}/amc23/test.jsonl`,
    ...inGit('43707e1ca784602d8479de24ee8ce36609dbebc46dd152b0b12a46611aa898a4'),
    licence: 'problems by the MAA',
    ...QWEN,
  },
  {
    name: 'amc-aimo',
    title: "AMC 12, 2022 and 2023, in AI-MO's form with a number as the answer",
    problems: 83,
    url: `https://raw.githubusercontent.com/PRIME-RL/PRIME/${PRIME_COMMIT}/eval/data/AI-MO/aimo-validation-amc/aimo-validation-amc.jsonl`,
    ...inGit('f4d4c28866b1b7dee913538f5bf9760b69532fe0c25eb1b765905546bd61846e'),
    homepage: 'https://huggingface.co/datasets/AI-MO/aimo-validation-amc',
    licence: 'problems by the MAA',
    verified: false,
    format: { answer: { kind: 'number', field: 'answer' }, keep: ['url'] },
  },
  {
    name: 'gaokao2023en',
    title: 'GaoKao 2023, English',
    problems: 385,
    url: `${QWEN_DATA}/gaokao2023en/test.jsonl`,
    ...inGit('654d8f49bdb86f578c171dbc0dd8f4d9f1bf3d7a7438f60359fda7d643df4951'),
    licence: AS_PUBLISHED,
    ...QWEN,
  },
  {
    name: 'olympiadbench',
    title: 'OlympiadBench, text-only mathematics in English',
    problems: 675,
    url: `${QWEN_DATA}/olympiadbench/test.jsonl`,
    ...inGit('bb8c1e38a16ea9eacb77530315a674d883f267fbff79183effc53681b4fcc416'),
    homepage: 'https://github.com/OpenBMB/OlympiadBench',
    licence: 'Apache-2.0',
    verified: false,
    format: { answer: { kind: 'first-of-list', field: 'final_answer' }, idField: 'id', keep: ['subfield', 'unit'] },
  },
  {
    name: 'minerva',
    title: 'Minerva mathematics, from OCW courses',
    problems: 272,
    url: `${QWEN_DATA}/minerva_math/test.jsonl`,
    ...inGit('0e656b430d3a0a1dab6aa853f453ba3805e28e2cabe4fc72486a897cc09d8ba2'),
    licence: AS_PUBLISHED,
    ...QWEN,
    format: { answer: { kind: 'boxed', field: 'solution' }, idField: 'idx', keep: ['type'] },
  },
  {
    name: 'math',
    title: 'MATH, the whole test set',
    problems: 5000,
    url: `${QWEN_DATA}/math/test.jsonl`,
    licence: 'MIT',
    ...QWEN,
    format: { answer: { kind: 'boxed', field: 'solution' }, keep: ['level'] },
  },
  {
    name: 'svamp',
    title: 'SVAMP, all 1,000 word problems',
    problems: 1000,
    url: `${QWEN_DATA}/svamp/test.jsonl`,
    ...inGit('d0826ff1264f3860e46fc4e71db9e31d2d188960db87090e22677f9493e67a0d'),
    licence: 'MIT',
    ...QWEN,
    format: {
      problem: ['Body', 'Question'],
      answer: { kind: 'number', field: 'Answer' },
      idField: 'ID',
      keep: ['Type'],
    },
  },
  {
    name: 'multiarith',
    title: 'MultiArith, word problems of several steps',
    problems: 600,
    url: `${QWEN_DATA}/mawps/multiarith.jsonl`,
    ...inGit('12e8295088364af21fb6591dbdbd1dda452aade57227f63d725677471ded2951'),
    licence: AS_PUBLISHED,
    ...QWEN,
    format: { problem: ['input'], answer: { kind: 'number', field: 'target' }, keep: [] },
  },
  {
    name: 'aqua',
    title: 'AQuA, multiple choice, test',
    problems: 254,
    url: `${QWEN_DATA}/aqua/test.jsonl`,
    ...inGit('de41581881ef95c5588c44ddc701c77fd480839241dd422a0d181262af24520c'),
    licence: 'Apache-2.0',
    ...QWEN,
    format: { choices: 'options', answer: { kind: 'field', field: 'correct' }, keep: [] },
  },
];

/** The name is no data set. The message suggests the nearest name, or lists all. */
export class UnknownDatasetError extends Error {
  override readonly name = 'UnknownDatasetError';

  constructor(name: string, allowed: readonly string[]) {
    const nearest = nearestName(name, allowed);
    const hint = nearest === undefined ? `known are ${allowed.join(', ')}` : `did you mean ${nearest}?`;
    super(`${JSON.stringify(name)} is not a data set; ${hint}`);
  }
}

/** @throws UnknownDatasetError */
export function findDataset(name: string): RegisteredDataset {
  const names = DATASETS.map((dataset) => dataset.name);
  const found = DATASETS.find((dataset) => dataset.name === name);
  if (found === undefined) throw new UnknownDatasetError(name, names);
  return found;
}
