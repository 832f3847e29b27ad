import { placeSpans, type TreeItem } from './spanTree';

const item = (spanId: string, parentId?: string, startUs = 0): TreeItem => ({
  spanId,
  startUs,
  ...(parentId && { parentId }),
});

/** `a` stands at the top, `-a` one level below; `?a` misses its parent. */
function drawn(items: TreeItem[], options?: Parameters<typeof placeSpans>[1]) {
  return placeSpans(items, options).map(
    ({ depth, item: { spanId }, parentMissing }) =>
      `${'-'.repeat(depth)}${parentMissing ? '?' : ''}${spanId}`,
  );
}

describe('the tree of a trace', () => {
  it('has each span before what it did, by time', () => {
    expect(
      drawn([
        item('c', 'a', 3),
        item('b', 'a', 2),
        item('d', 'b', 9),
        item('a', undefined, 5),
      ]),
    ).toEqual(['a', '-b', '--d', '-c']);
  });

  it('loses no span whose parent did not arrive', () => {
    expect(drawn([item('a'), item('b', 'gone'), item('c', 'b')])).toEqual([
      'a',
      '?b',
      '-c',
    ]);
  });

  it('ends where spans name each other as parents', () => {
    expect(
      drawn([
        item('x', 'x', 9),
        item('a', 'c', 1),
        item('b', 'a', 2),
        item('c', 'b', 3),
        item('d', 'c', 4),
      ]),
    ).toEqual(['?a', '-b', '--c', '---d', '?x']);
  });

  it('is loaded in parts', () => {
    const items = [item('a'), item('b', 'a', 1), item('c', 'b', 2)];
    expect(drawn(items, { levels: 1 })).toEqual(['a']);
    expect(drawn(items, { below: 'a' })).toEqual(['b', '-c']);
    expect(placeSpans(items, { levels: 2 })[1].childCount).toBe(1);
  });

  it('has what is below a circle below it, also what began before', () => {
    expect(
      drawn([item('d', 'b', 1), item('a', 'b', 3), item('b', 'a', 2)]),
    ).toEqual(['?b', '-d', '-a']);
  });

  it('places 20,000 spans below a circle at once, the last first', () => {
    const items = Array.from({ length: 20_000 }, (_, i) =>
      item(`${i}`, `${i ? i - 1 : 1}`, -i),
    );
    const begun = performance.now();
    expect(placeSpans(items)).toHaveLength(20_000);
    expect(performance.now() - begun).toBeLessThan(5_000);
  });

  it('places 20,000 spans below each other at once', () => {
    const items = Array.from({ length: 20_000 }, (_, i) =>
      item(`${i}`, i ? `${i - 1}` : undefined, i),
    );
    const begun = performance.now();
    expect(placeSpans(items).at(-1)?.depth).toBe(19_999);
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
