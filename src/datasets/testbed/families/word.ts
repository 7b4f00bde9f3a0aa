/** Word problems about things that people have. The code habit adds every number, asked for or not. */
import type { Random } from '../../random.ts';
import type { Draw, Level } from '../level.ts';

const NAMES = ['Bob', 'Ann', 'Tom', 'Mia', 'Sam', 'Eve'];
const THINGS = ['eggs', 'pens', 'caps', 'nuts', 'figs', 'cups', 'toys', 'cards'];

interface Story {
  readonly name: string;
  readonly thing: string;
  /** What the person has at first, distractors included: `4 eggs and 9 pens`. */
  readonly start: string;
  readonly more: number;
}

const STORIES = [
  ({ name, thing, start, more }: Story) =>
    `${name} has ${start}. ${name} gets ${more} more ${thing}. How many ${thing} does ${name} have?`,
  ({ name, thing, start, more }: Story) =>
    `${name} has ${start}. ${name} buys ${more} more ${thing}. How many ${thing} does ${name} have now?`,
  ({ name, thing, start, more }: Story) =>
    `${name} had ${start} and found ${more} more ${thing}. How many ${thing} does ${name} have?`,
];

function word(random: Random, [low, high]: readonly [number, number], distractors: number): Draw {
  const [thing = '', ...others] = random.shuffle(THINGS);
  const first = random.between(low, high);
  const more = random.between(low, high);
  const extras = others.slice(0, distractors).map((other) => ({ other, n: random.between(low, high) }));
  const start = [`${first} ${thing}`, ...extras.map(({ other, n }) => `${n} ${other}`)].join(' and ');
  return {
    problem: random.pick(STORIES)({ name: random.pick(NAMES), thing, start, more }),
    answer: `${first + more}`,
    cot: `${first}+${more}=${first + more} ${thing}.`,
    code: `print(${[first, ...extras.map(({ n }) => n), more].join('+')})`,
  };
}

export const WORD_LEVELS: readonly Level[] = [
  {
    family: 'word',
    name: 'small',
    favoured: 'both',
    weight: 2,
    seenByEm: true,
    draw: (random) => word(random, [2, 9], 0),
  },
  {
    family: 'word',
    name: '4-digit',
    favoured: 'code',
    weight: 7,
    seenByEm: true,
    draw: (random) => word(random, [1001, 9999], 0),
  },
  {
    family: 'word',
    name: 'distractor',
    favoured: 'cot',
    weight: 7.5,
    seenByEm: true,
    draw: (random) => word(random, [2, 9], 1),
  },
  {
    family: 'word',
    name: 'two-distractors',
    favoured: 'cot',
    weight: 1,
    seenByEm: false,
    draw: (random) => word(random, [2, 9], 2),
  },
];
