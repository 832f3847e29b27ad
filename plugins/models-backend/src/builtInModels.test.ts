import { setTimeout as sleep } from 'node:timers/promises';
import { mockCredentials } from '@backstage/backend-test-utils';
import { FakeProvider } from './__testUtils__/FakeProvider';
import { startModels } from './__testUtils__/startModels';
import { createBuiltInProvider } from './builtInModels';

jest.setTimeout(120_000);

/** Texts that made the model take minutes, each in its own way. */
const HOSTILE = [
  'Zz'.repeat(50_000),
  'a@'.repeat(50_000),
  'Where is order 12345 and what about 2026-11-03, "quoted" words? '.repeat(
    1_500,
  ),
  `${'x.'.repeat(20_000)}@`,
  '1,'.repeat(50_000),
];

const request = (content: string) => ({
  model: 'builtin/extractive',
  messages: [{ role: 'user', content }],
  tools: ['find_order', 'cancel_order', 'list_orders'].map(name => ({
    type: 'function',
    function: {
      name,
      description: 'Looks after orders of customers',
      parameters: {
        type: 'object',
        properties: {
          orderId: { type: 'string', pattern: '^[A-Z]{2}-[0-9]{5}$' },
          from: { type: 'string', format: 'date' },
          note: { type: 'string' },
        },
      },
    },
  })),
});

function cpuMsOfThisThread(): number {
  const { system, user } = process.threadCpuUsage();
  return (user + system) / 1000;
}

describe('the built-in models', () => {
  it('keep nobody waiting, whatever they are sent', async () => {
    const fake = await FakeProvider.create();
    const models = await startModels({ fake });
    const send = async (path: string, body: object) => {
      const started = Date.now();
      const response = await fetch(`${models.url}/openai/v1${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${mockCredentials.user.token()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      });
      const answer = await response.json();
      return { status: response.status, answer, ms: Date.now() - started };
    };
    // The threads are there, and the code of the gateway is compiled.
    await Promise.all(
      [1, 2, 3].map(() => send('/chat/completions', request('hi'))),
    );

    // The work of this thread between two turns. How late a timer is would tell of
    // what else the machine does as well.
    let longest = 0;
    let before = cpuMsOfThisThread();
    const turns = setInterval(() => {
      const now = cpuMsOfThisThread();
      longest = Math.max(longest, now - before);
      before = now;
    }, 5);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => {
        const text = HOSTILE[i % HOSTILE.length];
        return i % 4 === 3
          ? send('/embeddings', { model: 'builtin/hashed-ngrams', input: text })
          : send('/chat/completions', request(text));
      }),
    );
    clearInterval(turns);

    expect(longest).toBeLessThan(200);
    for (const { answer, ms, status } of answers) {
      expect(ms).toBeLessThan(40_000);
      expect([200, 422, 503]).toContain(status);
      expect(answer.error?.message ?? 'too').toMatch(/too/i);
    }
    // Nobody else is refused because of them.
    expect(await send('/chat/completions', request('hi'))).toMatchObject({
      status: 200,
    });
    await models.stop();
    await fake.close();
  });

  it('end a call that takes too long with words, and others go on', async () => {
    const provider = createBuiltInProvider({ cpuMs: 1 });
    const { tools, ...rest } = request(HOSTILE[2]);
    const call = {
      modelId: 'extractive',
      // So many that it is at work for longer than it takes to look at its clock.
      body: {
        ...rest,
        tools: Array.from({ length: 250 }, (_, i) => ({
          ...tools[0],
          function: { ...tools[0].function, name: `find_order_${i}` },
        })),
      },
      text: '',
      signal: new AbortController().signal,
    };
    await expect(provider.complete(call)).rejects.toMatchObject({
      status: 422,
      code: 'provider_refused_request',
      message: expect.stringContaining(
        'was stopped after 0.001 seconds of work. Send less',
      ),
    });
    await provider.close();
  });

  it('end with the portal, also while they work', async () => {
    const provider = createBuiltInProvider();
    const working = provider.complete({
      modelId: 'extractive',
      body: request(HOSTILE[0]),
      text: '',
      signal: new AbortController().signal,
    });
    const ended = working.then(
      () => 'answered',
      () => 'given up',
    );
    await sleep(100);
    await provider.close();
    expect(['answered', 'given up']).toContain(await ended);
  });
});
