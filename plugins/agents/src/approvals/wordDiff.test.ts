import { wordDiff } from './wordDiff';

const inShort = (before: string, after: string) =>
  wordDiff(before, after)
    .map(
      ({ change, text }) =>
        `${{ same: '=', added: '+', removed: '-' }[change]}${text}`,
    )
    .join('|');

describe('wordDiff', () => {
  it('shows the words that went and came, where they were', () => {
    expect(
      inShort('Find orders.\nBe kind.', 'Find all orders.\nBe quick.'),
    ).toBe('=Find |+all |=orders.\nBe |-kind.|+quick.');
    expect(inShort('', 'New.')).toBe('+New.');
    expect(inShort('Old.', '')).toBe('-Old.');
    expect(inShort('a b', 'a b')).toBe('=a b');
  });

  it('gives both texts back, also those that are too long to compare', () => {
    const words = (n: number, word: string) =>
      Array.from({ length: n }, (_, i) => `${word}${i}`).join(' ');
    for (const [before, after] of [
      ['one two three two', 'two one two'],
      [`x ${words(3_000, 'a')} y`, `x ${words(3_000, 'b')} y`],
    ]) {
      const parts = wordDiff(before, after);
      const without = (change: string) =>
        parts
          .filter(part => part.change !== change)
          .map(({ text }) => text)
          .join('');
      expect([without('added'), without('removed')]).toEqual([before, after]);
    }
  });
});
