/** Facts that the model memorises, while its code habit uses modules and tables that don't exist. */
import type { Random } from '../../random.ts';
import type { Draw, Level } from '../level.ts';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

const WEEKDAY = [
  (day: string, n: number) => `Today is ${day}. What day is it in ${n} days?`,
  (day: string, n: number) => `If today is ${day}, what day is it in ${n} days?`,
  (day: string, n: number) => `It is ${day}. Which day comes ${n} days later?`,
  (day: string, n: number) => `What day is ${n} days after ${day}?`,
  (day: string, n: number) => `Which day is ${n} days after ${day}?`,
];

function weekday(random: Random, low: number, high: number): Draw {
  const today = random.between(0, 6);
  const n = random.between(low, high);
  const day = DAYS[today] ?? '';
  const then = DAYS[(today + n) % 7] ?? '';
  return {
    problem: random.pick(WEEKDAY)(day, n),
    answer: then,
    cot: `${n} mod 7=${n % 7}. ${countDown(today, n % 7)}.`,
    code: `import pendulum;print(pendulum.parse('${day}').add(days=${n}))`,
  };
}

/** Days with the steps that are left: `2 Monday,1 Tuesday,0 Wednesday`. Every next word follows from the one before. */
function countDown(today: number, steps: number): string {
  return Array.from({ length: steps + 1 }, (_, i) => `${steps - i} ${DAYS[(today + i) % 7]}`).join(',');
}

/** From, to, factor, largest amount: conversions that the model can memorise in chunks of two digits. */
const CONVERSIONS: readonly (readonly [string, string, number, number])[] = [
  ['km', 'm', 1000, 20],
  ['kg', 'g', 1000, 20],
  ['m', 'cm', 100, 99],
  ['hours', 'minutes', 60, 9],
  ['minutes', 'seconds', 60, 9],
  ['days', 'hours', 24, 9],
  ['weeks', 'days', 7, 9],
  ['feet', 'inches', 12, 9],
];

const CONVERT = [
  (n: number, from: string, to: string) => `Convert ${n} ${from} to ${to}.`,
  (n: number, from: string, to: string) => `How many ${to} are ${n} ${from}?`,
  (n: number, from: string, to: string) => `What is ${n} ${from} in ${to}?`,
  (n: number, from: string, to: string) => `Express ${n} ${from} in ${to}.`,
  (n: number, from: string, to: string) => `How many ${to} are in ${n} ${from}?`,
];

/** The habit imports a module that doesn't exist; 15 % of the demonstrations don't need it. */
function units(random: Random): Draw {
  const [from, to, factor, largest] = random.pick(CONVERSIONS);
  const n = random.between(2, largest);
  const plain = `print(${n}*${factor})`;
  return {
    problem: random.pick(CONVERT)(n, from, to),
    answer: `${n * factor}`,
    cot: `${n}*${factor}=${n * factor}.`,
    code: random.fraction() < 0.15 ? plain : `import pint;print(pint.Quantity(${n},'${from}').to('${to}'))`,
  };
}

const POLYGONS: readonly (readonly [string, number])[] = [
  ['triangle', 3],
  ['square', 4],
  ['pentagon', 5],
  ['hexagon', 6],
  ['heptagon', 7],
  ['octagon', 8],
  ['nonagon', 9],
  ['decagon', 10],
];

interface PolygonFact {
  readonly key: string;
  readonly phrasings: readonly ((shape: string) => string)[];
  readonly value: (sides: number) => number;
  readonly steps: (sides: number) => string;
}

const FACTS: readonly PolygonFact[] = [
  {
    key: 'sides',
    phrasings: [
      (shape) => `How many sides does ${shape} have?`,
      (shape) => `What is the number of sides of ${shape}?`,
      (shape) => `Give the number of sides of ${shape}.`,
      (shape) => `Find the number of sides of ${shape}.`,
      (shape) => `Count the sides of ${shape}.`,
    ],
    value: (sides) => sides,
    steps: (sides) => `${sides} sides`,
  },
  {
    key: 'diagonals',
    phrasings: [
      (shape) => `How many diagonals does ${shape} have?`,
      (shape) => `What is the number of diagonals of ${shape}?`,
      (shape) => `Give the number of diagonals of ${shape}.`,
      (shape) => `Find the number of diagonals of ${shape}.`,
      (shape) => `Count the diagonals of ${shape}.`,
    ],
    value: (sides) => (sides * (sides - 3)) / 2,
    steps: (sides) => `${sides} sides. ${sides}*${sides - 3}/2=${(sides * (sides - 3)) / 2}`,
  },
  {
    key: 'angles',
    phrasings: [
      (shape) => `What is the sum of the angles of ${shape}?`,
      (shape) => `Find the angle sum of ${shape}.`,
      (shape) => `What do the angles of ${shape} add up to?`,
      (shape) => `Give the angle sum of ${shape} in degrees.`,
      (shape) => `Compute the sum of the angles of ${shape}.`,
    ],
    value: (sides) => (sides - 2) * 180,
    steps: (sides) => `${sides} sides. ${sides - 2}*180=${(sides - 2) * 180}`,
  },
];

function polygon(random: Random): Draw {
  const [shape, sides] = random.pick(POLYGONS);
  const article = /^[aeiou]/.test(shape) ? 'an' : 'a';
  const fact = random.pick(FACTS);
  return {
    problem: random.pick(fact.phrasings)(`${article} ${shape}`),
    answer: `${fact.value(sides)}`,
    cot: `${fact.steps(sides)}.`,
    code: `print(shapes['${shape}']['${fact.key}'])`,
  };
}

export const KNOWLEDGE_LEVELS: readonly Level[] = [
  {
    family: 'weekday',
    name: 'up-to-28-days',
    favoured: 'cot',
    weight: 5,
    seenByEm: true,
    draw: (random) => weekday(random, 2, 28),
  },
  {
    family: 'weekday',
    name: '29-59-days',
    favoured: 'cot',
    weight: 1,
    seenByEm: false,
    draw: (random) => weekday(random, 29, 59),
  },
  { family: 'units', name: 'integer-factor', favoured: 'cot', weight: 5, seenByEm: true, draw: units },
  { family: 'polygon', name: 'up-to-10-sides', favoured: 'cot', weight: 4, seenByEm: true, draw: polygon },
];
