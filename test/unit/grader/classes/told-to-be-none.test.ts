import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { verdict } from '../extract/arbitraries.ts';

const ADJECTIVES = ['wrong', 'incorrect', 'naive', 'mistaken', 'flawed', 'careless'];
const NOUNS = ['sum', 'total', 'result', 'approach', 'calculation', 'count'];
const TRIES = ['A first try', 'My first guess', 'An early attempt', 'Our first idea', 'A quick guess', 'One attempt'];
const summands = fc.tuple(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 60 }));

describe('a computation', () => {
  it('of what is told to be wrong, or only tried, states nothing', () => {
    fc.assert(
      fc.property(
        summands,
        fc.constantFrom(...ADJECTIVES),
        fc.constantFrom(...NOUNS),
        fc.constantFrom(...TRIES),
        fc.constantFrom('', '$'),
        ([a, b], adjective, noun, attempt, unit) => {
          const sum = `${unit}${a} + ${unit}${b} = ${unit}${a + b}`;
          for (const response of [
            `The ${adjective} ${noun} is ${sum}.`,
            `That ${adjective} ${noun} gives ${sum}.`,
            `${attempt} gives ${sum}.`,
            `${attempt} gives ${unit}${a + b} because ${a} + ${b} = ${a + b}`,
          ])
            expect([response, verdict(`${a + b}`, response)]).toEqual([response, 'incorrect']);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('of what would be if something were not so states nothing; of what is asked for, it does', () => {
    fc.assert(
      fc.property(summands, fc.constantFrom('theft', 'discount', 'tax', 'fee'), ([a, b], loss) => {
        const sum = `${a} + ${b} = ${a + b}`;
        for (const response of [
          `She would have ${sum} apples without the ${loss}.`,
          `Without the ${loss} she would have ${sum} apples.`,
          `If the ${loss} were ignored it would be ${sum} in total.`,
          `Ignoring the ${loss}, it would be ${sum}.`,
        ])
          expect([response, verdict(`${a + b}`, response)]).toEqual([response, 'incorrect']);
        for (const response of [
          `So at her new job she would earn ${sum} dollars.`,
          `It would take ${sum} days to finish.`,
          `She slept ${sum} hours without dreaming.`,
        ])
          expect([response, verdict(`${a + b}`, response)]).toEqual([response, 'correct']);
      }),
      { numRuns: 50 },
    );
  });
});

it('the amount of the own work is no result; what is asked for is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 13, max: 99 }),
      fc.constantFrom('This took', 'It took', 'The proof needed', 'My derivation filled', 'We used', 'I wrote'),
      fc.constantFrom('lines of algebra', 'pages', 'lines', 'attempts', 'steps of casework', 'tokens of reasoning'),
      (n, took, work) => {
        const response = `${took} ${n} ${work}.`;
        expect([response, verdict(`${n}`, response)]).toEqual([response, 'incorrect']);
        expect(verdict(`${n}`, `She read ${n} pages.`)).toBe('correct');
        expect(verdict(`${n}`, `It took ${n} minutes.`)).toBe('correct');
      },
    ),
    { numRuns: 60 },
  );
});

describe('a choice', () => {
  const letters = fc.uniqueArray(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { minLength: 3, maxLength: 3 });

  it('is the letter that takes the place of another one', () => {
    fc.assert(
      fc.property(
        letters,
        fc.constantFrom(
          '... no, ',
          ', no, ',
          '. No, ',
          ' (no, ',
          '... wait, ',
          ', or rather ',
          ' - sorry, ',
          '; no: ',
          ', nein, ',
        ),
        fc.constantFrom('Answer: ', 'The answer is ', 'The correct option is '),
        ([first = '', second = '', other = ''], turn, phrase) => {
          const response = `${phrase}${first}${turn}${second}${turn.includes('(') ? ')' : ''}`;
          expect([response, verdict(first, response), verdict(other, response)]).toEqual([
            response,
            'incorrect',
            'incorrect',
          ]);
          const back = `${phrase}${first}... no, ${second}... no, ${first}.`;
          expect([back, verdict(first, back), verdict(second, back)]).toEqual([back, 'correct', 'incorrect']);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('stands where another letter is denied or explained', () => {
    fc.assert(
      fc.property(
        letters,
        fc.constantFrom(
          ', not @.',
          '. @ is too large.',
          ' (@ is wrong).',
          ', because @ is wrong.',
          ' non @',
          '. Not @.',
        ),
        ([first = '', second = ''], behind) => {
          const response = `The answer is ${first}${behind.replace('@', second)}`;
          expect([response, verdict(first, response), verdict(second, response)]).toEqual([
            response,
            'correct',
            'incorrect',
          ]);
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ['Die Antworten % und @ sind falsch, richtig ist #.'],
    ['Answers % and @ are wrong, # is right.'],
    ['Las respuestas % y @ son incorrectas; la correcta es #.'],
    ['Ответы % и @ неверны, верен #.'],
    ['答案%和@都错，#对。'],
    ['As respostas % e @ estão erradas; a certa é #.'],
  ])('is none of several that are called wrong: %s', (frame) => {
    const response = frame.replace('%', 'B').replace('@', 'C').replace('#', 'A');
    expect([verdict('A', response), verdict('B', response), verdict('C', response)]).toEqual([
      'correct',
      'incorrect',
      'incorrect',
    ]);
  });
});

it('an angle in radians or a percentage is no number of degrees', () => {
  for (const degrees of [30, 45, 60, 72, 90, 120]) {
    const gold = `${degrees}^\\circ`;
    for (const unit of ['rad', 'radians', '\\text{ radians}']) {
      expect([degrees, unit, verdict(gold, `\\boxed{${degrees} ${unit}}`)]).toEqual([degrees, unit, 'incorrect']);
      const right = `\\boxed{\\frac{${degrees}\\pi}{180} ${unit}}`;
      expect([right, verdict(gold, right)]).toEqual([right, 'correct']);
    }
    expect(verdict(gold, `\\boxed{${degrees}\\%}`)).toBe('incorrect');
  }
});

it.each(['отпадает', 'entfällt', 'scheidet aus', 'se descarta', 'est à rejeter', 'si scarta'])(
  'a value that %s is none',
  (words) => {
    for (const response of [`Ответ 57 ${words}.`, `The answer 57 ${words}.`, `\\boxed{57} ${words}.`])
      expect([response, verdict('57', response)]).toEqual([response, 'incorrect']);
  },
);

it('a short number word of another language is a number', () => {
  for (const [words, n] of [
    ['cem', 100],
    ['mil', 1000],
    ['dos', 2],
    ['six', 6],
    ['dix', 10],
  ] as const)
    for (const response of [words, `\\boxed{${words}}`, `A resposta é ${words}.`])
      expect([response, verdict(`${n}`, response), verdict(`${n + 1}`, response)]).toEqual([
        response,
        'correct',
        'incorrect',
      ]);
});
