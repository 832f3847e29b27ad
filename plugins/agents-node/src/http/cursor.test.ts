import { z } from 'zod/v4';
import { decodeCursor, encodeCursor } from './cursor';

const position = z.tuple([z.number(), z.string()]);

describe('cursors', () => {
  it('are read as they were written', () => {
    expect(decodeCursor(encodeCursor([1, 'a']), position)).toEqual([1, 'a']);
    expect(decodeCursor(undefined, position)).toBeUndefined();
  });

  it.each([encodeCursor(['a', 1]), encodeCursor([1, 'a\u0000']), 'abc', ''])(
    'of another list are refused (%s)',
    cursor => {
      expect(() => decodeCursor(cursor, position)).toThrow(
        'not one of this list',
      );
    },
  );
});
