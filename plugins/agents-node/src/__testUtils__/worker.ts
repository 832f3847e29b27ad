/** A worker for tests of the pool: answers, throws, hangs or eats memory as it is told. */
export default async function work(task: {
  kind: 'echo' | 'throw' | 'hang' | 'wait' | 'eat' | 'pid' | 'secrets';
  value?: number;
}): Promise<number | undefined> {
  switch (task.kind) {
    case 'throw':
      throw new RangeError('too far');
    case 'hang':
      for (;;);
    case 'eat': {
      // In one step, between whose parts V8 has no chance to end a thread alone.
      const text = `[${'{"a":[1,2,3]},'.repeat(2_000_000)}1]`;
      const eaten: unknown[] = [];
      for (;;) eaten.push(JSON.parse(text));
    }
    case 'wait':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, task.value);
      return task.value;
    case 'pid':
      return process.pid;
    case 'secrets':
      return Object.keys(process.env).filter(name => /SECRET/.test(name))
        .length;
    default:
      return task.value;
  }
}
