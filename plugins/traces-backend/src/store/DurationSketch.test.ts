import { ACCURACY, DurationSketch } from './DurationSketch';

/** Numbers that are the same in each run. */
function* random(seed: number): Generator<number, never> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield (state + 1) / 2 ** 32;
  }
}

/** Log-normal durations of which the middle is 200 ms. */
function durations(count: number, seed: number): number[] {
  const numbers = random(seed);
  const next = () => numbers.next().value;
  return Array.from(
    { length: count },
    () =>
      200_000 *
      Math.exp(
        1.5 * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()),
      ),
  );
}

const QUANTILES = [0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1];

function exact(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(q * (sorted.length - 1))];
}

describe('a sketch of durations', () => {
  it.each(QUANTILES)('tells the quantile %d within its accuracy', q => {
    const values = durations(20_000, 7);
    const sketch = new DurationSketch();
    values.forEach(value => sketch.add(value));
    const truth = exact(values, q);
    expect(Math.abs(sketch.quantile(q)! - truth) / truth).toBeLessThan(
      ACCURACY * 1.001,
    );
  });

  it('sums up parts to what the whole would be, stored and read again', () => {
    const values = durations(10_000, 11);
    const whole = new DurationSketch();
    values.forEach(value => whole.add(value));
    const merged = new DurationSketch();
    for (let at = 0; at < values.length; at += 100) {
      const part = new DurationSketch();
      values.slice(at, at + 100).forEach(value => part.add(value));
      merged.merge(DurationSketch.decode(part.encode()));
    }
    expect(merged.count).toBe(10_000);
    expect(QUANTILES.map(q => merged.quantile(q))).toEqual(
      QUANTILES.map(q => whole.quantile(q)),
    );
    expect(whole.encode().length).toBeLessThan(600);
  });

  it('takes what has no duration, and much of one', () => {
    const sketch = new DurationSketch();
    expect(sketch.quantile(0.5)).toBeUndefined();
    for (let i = 0; i < 300; i += 1) {
      sketch.add(0);
    }
    sketch.add(400 * 86_400e6);
    const read = DurationSketch.decode(sketch.encode());
    expect(read.count).toBe(301);
    expect(read.quantile(0.5)).toBeCloseTo(1, 1);
    expect(read.quantile(1)! / (400 * 86_400e6)).toBeCloseTo(1, 1);
  });
});
