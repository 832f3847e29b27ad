import { align, compareWords } from './compareWords';

const sides = (left: string, right: string) =>
  compareWords(left, right).map(({ side, text }) => `${side}: ${text}`);

it('keeps what both say and tells the rest apart', () => {
  expect(sides('The order is late by two days.', 'The order is here.')).toEqual(
    ['both: The order is ', 'left: late by two days.', 'right: here.'],
  );
  expect(sides('', 'New')).toEqual(['right: New']);
  expect(sides('a\nb', 'a\nb')).toEqual(['both: a\nb']);
  // What follows a word does not make it another one.
  expect(sides('The end.', 'The end. And more.')).toEqual([
    'both: The end.',
    'right:  And more.',
  ]);
  expect(sides('Of this.\n\n- One', 'Of that.\n\n- One')).toEqual([
    'both: Of ',
    'left: this.',
    'right: that.',
    'both: \n\n- One',
  ]);
});

it('gives back both sides whole, whatever they are', () => {
  let seed = 7;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed;
  };
  for (let round = 0; round < 200; round += 1) {
    const list = () =>
      Array.from({ length: next() % 9 }, () => `${next() % 3}`);
    const [left, right] = [list(), list()];
    const pairs = align(left, right, each => each);
    expect(pairs.flatMap(pair => ('left' in pair ? pair.left : []))).toEqual(
      left,
    );
    expect(pairs.flatMap(pair => ('right' in pair ? pair.right : []))).toEqual(
      right,
    );
    const other = pairs.filter(
      pair => 'left' in pair && 'right' in pair && pair.left !== pair.right,
    );
    expect(other).toEqual([]);
  }
});

it('does not compare for ever what is very long and altogether other', () => {
  const many = (word: string) =>
    Array.from({ length: 20_000 }, (_, i) => `${word}${i}`).join(' ');
  const before = performance.now();
  const stretches = compareWords(`Same ${many('a')}`, `Same ${many('b')}`);
  expect(performance.now() - before).toBeLessThan(1_000);
  expect(stretches[0]).toEqual({ text: 'Same ', side: 'both' });
});
