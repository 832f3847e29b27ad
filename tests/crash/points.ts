/** Calls of a run in the order in which they are made, each with the moment at which its answer can be held. */
export const CALLS = [
  'model 1',
  'read tool',
  'model 2',
  'write tool, not done',
  'write tool, done',
  'model 3',
  'agent 2: model 1',
  'agent 2: write tool, not done',
  'agent 2: write tool, done',
  'agent 2: model 2',
  'model 4',
] as const;

export type Call = (typeof CALLS)[number];

/** What a worker writes down of a run, and how often in the longest run of these tests. */
const WRITES = {
  checkpoint: 12,
  result: 12,
  journal: 20,
  end: 1,
};

export type Write = keyof typeof WRITES;

/** Just before one of the writes of a run, while the others go on, or after the last of all. */
export interface WritePoint {
  write: Write;
  number: number;
  when: 'before' | 'after';
}

/** Every boundary; how many writes of the journal travel together is chance. */
export const WRITE_POINTS: WritePoint[] = [
  ...Object.entries(WRITES).flatMap(([write, most]) =>
    Array.from({ length: most }, (_, i) => ({
      write: write as Write,
      number: i + 1,
      when: 'before' as const,
    })),
  ),
  { write: 'end', number: 1, when: 'after' },
];

/** A question says by itself where its run is to stop, so that no worker needs to be told. */
export const questionOf = (order: string, point?: WritePoint): string =>
  point
    ? `Order ${order}, stop ${point.when} ${point.write} ${point.number}`
    : `Order ${order}`;

export const orderOf = (text: string): string | undefined =>
  /Order ([\w-]+)/.exec(text)?.[1];

export function readWritePoint(question: string): WritePoint | undefined {
  const [, when, write, number] =
    /stop (before|after) (\w+) (\d+)$/.exec(question) ?? [];
  return when === undefined
    ? undefined
    : {
        when: when as WritePoint['when'],
        write: write as Write,
        number: Number(number),
      };
}
