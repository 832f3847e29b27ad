import { Worker } from 'node:worker_threads';
import { createExtractiveModel } from './model';
import type { ChatRequest } from './wire/request';
import type { WorkerAnswer, WorkerTask } from './workerModels';
import { createWorkerModels } from './workerModels';

const model = createExtractiveModel({
  now: () => new Date('2026-03-10T12:00:00Z'),
});

const tool = (
  name: string,
  description: string,
  properties: Record<string, unknown>,
  required: string[] = [],
) => ({
  type: 'function' as const,
  function: {
    name,
    description,
    parameters: { type: 'object', properties, required },
  },
});
const id = { type: 'string', pattern: '^PL-[0-9]{5}$' };
const tools = [
  tool('find_plant', 'Find a plant by its number.', { id }, ['id']),
  tool('search_plants', 'Search plants by owner, state and days.', {
    owner: { type: 'string', description: 'Name or email of the owner' },
    state: { type: 'string', enum: ['seedling', 'grown', 'withered'] },
    from: { type: 'string', format: 'date' },
    to: { type: 'string', format: 'date' },
    limit: { type: 'integer' },
  }),
  tool(
    'remove_plant',
    'Remove a plant.',
    { id, reason: { type: 'string', pattern: '^(a+)+$' } },
    ['id', 'reason'],
  ),
];
const ask = (content: string, given = tools): ChatRequest => ({
  messages: [{ role: 'user', content }],
  tools: given,
});
const result = (content: string): ChatRequest => ({
  tools,
  messages: [
    { role: 'user', content: 'which plant is the oldest, and whose is it?' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'c1',
          type: 'function',
          function: { name: 'search_plants', arguments: '{}' },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content },
  ],
});

/** CPU time of one answer in milliseconds, the least of several, so that other work on the machine does not count. */
async function cpuOf(request: ChatRequest): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 6; round++) {
    const before = process.cpuUsage();
    await model.complete(request);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const SENTENCE =
  'Please check whether the plant PL-10245 of Anna Berg from last week, 3 pieces at 40 euro, was moved on Monday. ';
const bases = 'any text at all, in base sixty four. ';
const SHAPES: [string, (size: number) => ChatRequest][] = [
  ['sentences', size => ask(SENTENCE.repeat(size * 4))],
  ['one run of letters', size => ask('Zz'.repeat(size * 500))],
  ['joints', size => ask('a-'.repeat(size * 500))],
  [
    'base64',
    size => ask(Buffer.from(bases.repeat(size * 20)).toString('base64')),
  ],
  ['codes', size => ask('A1-b '.repeat(size * 100))],
  ['Chinese', size => ask('请帮我查看上周的植物和主人'.repeat(size * 30))],
  ['please', size => ask('please '.repeat(size * 100))],
  ['prose of a tool', size => result('It has withered. '.repeat(size * 200))],
  ['letters of a tool', size => result('x'.repeat(size * 4_000))],
  [
    'rows of a tool',
    size =>
      result(
        JSON.stringify(
          Array.from({ length: size * 20 }, (_, age) => ({ id: 'PL-1', age })),
        ),
      ),
  ],
  [
    'nested arrays',
    size => result('['.repeat(size * 700) + ']'.repeat(size * 700)),
  ],
  [
    'nested objects',
    size => result(`${'{"a":'.repeat(size * 300)}1${'}'.repeat(size * 300)}`),
  ],
  [
    'tools',
    size =>
      ask(
        SENTENCE,
        Array.from({ length: size * 12 }, (_, n) =>
          tool(`update_${n}`, `Updates the thing of the kind ${n}.`, {
            id: { type: 'string', pattern: `^T${n}-[0-9]{3}$` },
            mode: { type: 'string', enum: ['red', 'green', `m${n}`] },
          }),
        ),
      ),
  ],
];

describe('what the model does is linear in its input', () => {
  it.each(SHAPES)('%s', async (_what, of) => {
    await cpuOf(of(1));
    const one = await cpuOf(of(1));
    const eight = await cpuOf(of(8));
    // a clock tick is more than the shortest of these take
    expect(eight).toBeLessThanOrEqual(10 * Math.max(one, 2));
  });

  it.each([
    ['8,738 letters', ask('x'.repeat(8_738))],
    ['60,000 letters', ask('x'.repeat(60_000))],
    ['100,000 letters of two cases', ask('Zz'.repeat(50_000))],
    ['64 KB of a tool without a space', result('Zz'.repeat(32_768))],
    ['256 KB of a tool without a space', result('f0'.repeat(131_072))],
    ['5,000 nested arrays', result('['.repeat(5_000) + ']'.repeat(5_000))],
    ['a pattern that explodes', ask(`remove PL-10245, ${'a'.repeat(60)}!`)],
  ])('answers %s in less than 50 ms', async (_what, request) => {
    await model.complete(request);
    expect(await cpuOf(request)).toBeLessThan(50);
  });

  it('reads schemas that turn in circles, and refuses those without a bottom', async () => {
    const circle = {
      type: 'object',
      properties: { next: { $ref: '#/properties/next' }, a: { $ref: '#' } },
    };
    const named = (parameters: Record<string, unknown>) => [
      {
        type: 'function' as const,
        function: { name: 'plant_tree', parameters },
      },
    ];
    const { choices } = await model.complete(
      ask('plant a tree', named(circle) as typeof tools),
    );
    expect(choices).toHaveLength(1);
    let deep: Record<string, unknown> = { type: 'string' };
    for (let level = 0; level < 3_000; level++)
      deep = { type: 'object', properties: { a: deep } };
    await expect(
      model.complete(ask('plant a tree', named(deep) as typeof tools)),
    ).rejects.toThrow(/nests deeper than 100 levels/);
  });
});

describe('the worker entry', () => {
  const workers: Worker[] = [];
  const inWorker = (task: WorkerTask) =>
    new Promise<WorkerAnswer>((resolve, reject) => {
      const worker = new Worker(
        `const { parentPort, workerData } = require('node:worker_threads');
         require(workerData.entry).default(workerData.task).then(answer => parentPort.postMessage(answer));`,
        {
          eval: true,
          workerData: { entry: require.resolve('./worker'), task },
          execArgv: [
            '--require',
            require.resolve('@backstage/cli/config/nodeTransform.cjs'),
          ],
        },
      );
      workers.push(worker);
      worker.once('message', resolve).once('error', reject);
    });
  const models = createWorkerModels(inWorker);

  afterAll(async () => {
    await Promise.all(workers.map(worker => worker.terminate()));
  });

  jest.setTimeout(60_000);

  it('answers, streams and embeds in a thread as the model does in this one', async () => {
    const request = ask('find plant PL-10245');
    const { choices } = await models.complete(request);
    expect(choices[0].message.tool_calls![0].function).toEqual({
      name: 'find_plant',
      arguments: '{"id":"PL-10245"}',
    });
    let streamed = '';
    for await (const chunk of models.stream(request))
      streamed +=
        chunk.choices[0]?.delta.tool_calls?.[0].function.arguments ?? '';
    expect(streamed).toBe('{"id":"PL-10245"}');
    const { data } = await models.embed({ input: 'a plant' });
    expect(data).toHaveLength(1);
  });

  it('says what is wrong with a request across threads', async () => {
    await expect(
      models.complete({ messages: [] } as unknown as ChatRequest),
    ).rejects.toMatchObject({ name: 'InputError', statusCode: 400 });
  });
});
