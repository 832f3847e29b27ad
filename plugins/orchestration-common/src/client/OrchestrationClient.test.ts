import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { stepOfEvent } from '../events';
import { OrchestrationClient } from './OrchestrationClient';

const stops: Array<() => void> = [];
afterEach(() => stops.splice(0).forEach(stop => stop()));

async function clientOf(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return new OrchestrationClient({
    discoveryApi: {
      getBaseUrl: async plugin => `http://127.0.0.1:${port}/api/${plugin}`,
    },
  });
}

const delta = (id: number, text: string) =>
  `id: ${id}\ndata: ${JSON.stringify({
    type: 'TEXT_MESSAGE_CONTENT',
    messageId: 'm',
    delta: text,
  })}\n\n`;

const finished = (id: number) =>
  `id: ${id}\ndata: ${JSON.stringify({
    type: 'RUN_FINISHED',
    threadId: 't',
    runId: 'r',
  })}\n\n`;

describe('OrchestrationClient', () => {
  it('puts the messages that a model was sent into its step', async () => {
    const messages = ['Be kind.', 'Hello', 'Hello Ada.', 'Who am I?'].map(
      (content, id) => ({ id, role: 'user', content }),
    );
    const step = (index: number, inputMessages: number[][]) => ({
      id: `s${index}`,
      index,
      kind: 'model',
      name: 'm',
      status: 'succeeded',
      startedAt: '2026-11-28T00:00:00.000Z',
      input: { tools: ['t'] },
      inputMessages,
    });
    const event = (id: number, value: object) =>
      `id: ${id}\ndata: ${JSON.stringify({
        type: 'CUSTOM',
        name: 'agent-portal.step',
        value,
      })}\n\n`;
    const steps = [
      step(0, [[0, 1]]),
      step(1, [
        [0, 0],
        [2, 3],
      ]),
    ];
    const client = await clientOf((req, res) => {
      if (req.url?.endsWith('/events')) {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.end(
          (req.headers['last-event-id']
            ? ''
            : event(1, { step: steps[0], messages: messages.slice(0, 2) })) +
            event(2, { step: steps[1], messages: messages.slice(2) }) +
            finished(3),
        );
        return;
      }
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ id: 'r', steps, messages }));
    });
    const said = (each: { input: unknown } | undefined) =>
      (each?.input as any).messages.map((m: any) => m.content);

    const run = await client.getRun('r');
    expect(run.steps.map(said)).toEqual([
      ['Be kind.', 'Hello'],
      ['Be kind.', 'Hello Ada.', 'Who am I?'],
    ]);
    expect(run.steps[0].input).toMatchObject({ tools: ['t'] });
    // From the beginning, and taken up where it was left.
    for (const lastEventId of [undefined, '1']) {
      const seen = [];
      for await (const numbered of client.streamEvents('r', { lastEventId })) {
        seen.push(stepOfEvent(numbered.event));
      }
      expect(said(seen.at(-2))).toEqual([
        'Be kind.',
        'Hello Ada.',
        'Who am I?',
      ]);
    }
  });

  it('takes a broken stream up again where it broke', async () => {
    const asked: unknown[] = [];
    const client = await clientOf((req, res) => {
      asked.push(req.headers['last-event-id']);
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      if (asked.length === 1) {
        res.write(`${delta(1, 'Grüß ')}: still here\n\nid: 2\nda`);
        setTimeout(() => res.destroy(), 50);
      } else {
        res.end(delta(2, 'Gott') + finished(3));
      }
    });

    const seen: string[] = [];
    for await (const { id, event } of client.streamEvents('r')) {
      seen.push(`${id} ${event.type}`);
    }

    expect(seen).toEqual([
      '1 TEXT_MESSAGE_CONTENT',
      '2 TEXT_MESSAGE_CONTENT',
      '3 RUN_FINISHED',
    ]);
    expect(asked).toEqual([undefined, '1']);
  });

  it('stops listening when the reader stops or aborts', async () => {
    let closed = 0;
    const client = await clientOf((_req, res) => {
      res.once('close', () => {
        closed += 1;
      });
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(delta(1, 'a'));
    });
    for await (const { id } of client.streamEvents('r')) {
      expect(id).toBe('1');
      break;
    }
    const abort = new AbortController();
    const reading = (async () => {
      for await (const { id } of client.streamEvents('r', {
        signal: abort.signal,
      })) {
        expect(id).toBe('1');
        abort.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    while (closed < 2) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  });

  it('gives a refusal on as it came, and does not ask again', async () => {
    let asked = 0;
    const client = await clientOf((_req, res) => {
      asked += 1;
      res.writeHead(403, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          error: { name: 'NotAllowedError', message: 'Not yours.' },
          response: { statusCode: 403 },
        }),
      );
    });
    for (const ask of [
      () => client.streamEvents('r').next(),
      () => client.getRun('r'),
      () =>
        client.createRun({
          agentRef: 'agent:default/a',
          input: { message: 'x' },
        }),
    ]) {
      await expect(ask()).rejects.toMatchObject({
        statusCode: 403,
        cause: { message: 'Not yours.' },
      });
    }
    expect(asked).toBe(3);
  });

  it('writes ids and lists into the address as the API reads them', async () => {
    const urls: string[] = [];
    const client = await clientOf((req, res) => {
      urls.push(`${req.method} ${req.url}`);
      res
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ items: [], steps: [] }));
    });
    await client.listRuns({ status: ['failed', 'running'], limit: 5 });
    await client.getRun('a/b');
    await client.getStats({ agentRef: ['agent:default/a', 'agent:default/b'] });
    expect(urls).toEqual([
      'GET /api/orchestration/runs?status=failed&status=running&limit=5',
      'GET /api/orchestration/runs/a%2Fb',
      'GET /api/orchestration/stats?agentRef=agent%3Adefault%2Fa&agentRef=agent%3Adefault%2Fb',
    ]);
  });
});
