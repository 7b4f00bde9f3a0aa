/** Stories of one step each; every number is written out in the text. */
import type { Random } from './random.ts';

export interface Story {
  readonly problem: string;
  readonly left: number;
  readonly sign: '+' | '-' | '×' | '÷';
  readonly right: number;
  readonly answer: number;
  /** The things that the answer counts, plural. */
  readonly unit: string;
  /** Name for the result in code. */
  readonly variable: string;
}

const NAMES = ['Maria', 'James', 'Aisha', 'Tom', 'Wei', 'Olga', 'Carlos', 'Nina', 'Ravi', 'Emma', 'Jonas', 'Leila'];
const THINGS = ['apples', 'books', 'stamps', 'marbles', 'stickers', 'pencils', 'shells', 'coins', 'cookies', 'buttons'];
const CONTAINERS = ['boxes', 'bags', 'shelves', 'baskets', 'jars', 'drawers'];
const PLACES = ['library', 'school', 'bakery', 'museum', 'farm', 'factory'];

export function drawStory(random: Random): Story {
  return random.pick([addition, subtraction, multiplication, division])(random);
}

function addition(random: Random): Story {
  const [left, right] = [random.between(12, 950), random.between(12, 950)];
  const [name, thing, place] = [random.pick(NAMES), random.pick(THINGS), random.pick(PLACES)];
  const problem = random.pick([
    `${name} has ${left} ${thing} and gets ${right} more. How many ${thing} does ${name} have now?`,
    `A ${place} bought ${left} ${thing} in spring and ${right} ${thing} in autumn. How many ${thing} did it buy in all?`,
    `There are ${left} ${thing} on one table and ${right} ${thing} on another. How many ${thing} are there altogether?`,
    `${name} counted ${left} ${thing} on Monday and ${right} on Tuesday. What is the total number of ${thing} counted?`,
  ]);
  return { problem, left, sign: '+', right, answer: left + right, unit: thing, variable: 'total' };
}

function subtraction(random: Random): Story {
  const right = random.between(11, 480);
  const left = right + random.between(11, 480);
  const [name, thing, place] = [random.pick(NAMES), random.pick(THINGS), random.pick(PLACES)];
  const problem = random.pick([
    `${name} had ${left} ${thing} and gave away ${right} of them. How many ${thing} are left?`,
    `A ${place} owned ${left} ${thing}, but ${right} were lost. How many ${thing} does it still own?`,
    `Of ${left} ${thing} in a crate, ${right} are sold. How many ${thing} remain in the crate?`,
    `${name} needs ${left} ${thing} and already has ${right}. How many more ${thing} does ${name} need?`,
  ]);
  return { problem, left, sign: '-', right, answer: left - right, unit: thing, variable: 'left_over' };
}

function multiplication(random: Random): Story {
  const [left, right] = [random.between(3, 48), random.between(3, 48)];
  const [name, thing, container] = [random.pick(NAMES), random.pick(THINGS), random.pick(CONTAINERS)];
  const problem = random.pick([
    `${name} fills ${left} ${container} with ${right} ${thing} each. How many ${thing} is that?`,
    `There are ${left} ${container}, and each holds ${right} ${thing}. How many ${thing} do they hold together?`,
    `${name} collects ${right} ${thing} every day. How many ${thing} does ${name} collect in ${left} days?`,
  ]);
  return { problem, left, sign: '×', right, answer: left * right, unit: thing, variable: 'product' };
}

function division(random: Random): Story {
  const [answer, right] = [random.between(3, 48), random.between(3, 24)];
  const left = answer * right;
  const [name, thing, container] = [random.pick(NAMES), random.pick(THINGS), random.pick(CONTAINERS)];
  const problem = random.pick([
    `${name} shares ${left} ${thing} equally among ${right} children. How many ${thing} does each child get?`,
    `${left} ${thing} are packed into ${right} ${container}, the same number in each. How many ${thing} are in each?`,
    `A team of ${right} people sorts ${left} ${thing}, everyone the same number. How many ${thing} does each person sort?`,
  ]);
  return { problem, left, sign: '÷', right, answer, unit: `${thing} each`, variable: 'each' };
}
