/** A worker for tests of the pool: answers, throws, hangs or eats memory as it is told. */
export default async function work(task: {
  kind: 'echo' | 'throw' | 'hang' | 'eat';
  value?: number;
}): Promise<number | undefined> {
  switch (task.kind) {
    case 'throw':
      throw new RangeError('too far');
    case 'hang':
      for (;;);
    case 'eat': {
      const eaten: number[][] = [];
      for (;;) eaten.push(new Array(100_000).fill(eaten.length));
    }
    default:
      return task.value;
  }
}
