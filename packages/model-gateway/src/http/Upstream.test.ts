import { once } from 'node:events';
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Upstream } from './Upstream';

jest.setTimeout(30_000);

describe('Upstream', () => {
  let server: Server;
  let connections: number;
  let handle: RequestListener;
  let upstream: Upstream;

  beforeEach(async () => {
    connections = 0;
    server = createServer((request, response) => {
      request.resume();
      handle(request, response);
    });
    server.on('connection', () => {
      connections += 1;
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    upstream = new Upstream({
      provider: 'fake',
      baseUrl: `http://127.0.0.1:${port}/v1`,
      headers: {},
      timeouts: { connectMs: 1_000, firstByteMs: 1_000, idleMs: 1_000 },
    });
  });

  afterEach(async () => {
    await upstream.close();
    server.closeAllConnections();
    server.close();
  });

  const signal = () => new AbortController().signal;
  const wholeOf = async (bytes: AsyncIterable<Buffer>) => {
    let text = '';
    for await (const chunk of bytes) {
      text += chunk;
    }
    return text;
  };

  it('keeps the connection of a stream whose reader stops at the last event', async () => {
    handle = (_request, response) => {
      response.write('data: [DONE]\n\n');
      setTimeout(() => response.end(), 20);
    };
    for (let call = 0; call < 3; call += 1) {
      const bytes = await upstream.postStream('/chat', '{}', signal());
      for await (const chunk of bytes) {
        expect(String(chunk)).toContain('[DONE]');
        break;
      }
      await new Promise(resolve => {
        setTimeout(resolve, 60);
      });
    }
    expect(connections).toBe(1);
  });

  it('drops the connection of a stream that goes on after its reader has gone', async () => {
    let response!: ServerResponse;
    handle = (_request, answer) => {
      response = answer;
      const timer = setInterval(() => answer.write('x'.repeat(16_384)), 2);
      answer.on('close', () => clearInterval(timer));
    };
    const bytes = await upstream.postStream('/chat', '{}', signal());
    for await (const chunk of bytes) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await once(response, 'close');
    expect(response.writableFinished).toBe(false);
  });

  it('holds a provider back whose reader is slow, and loses nothing', async () => {
    const size = 32 * 1024 * 1024;
    let response!: ServerResponse;
    handle = (_request, answer) => {
      response = answer;
      answer.end(Buffer.alloc(size, 'a'));
    };
    const bytes = await upstream.postStream('/chat', '{}', signal());
    await new Promise(resolve => {
      setTimeout(resolve, 200);
    });
    // Otherwise the answer would be in our memory by now.
    expect(response.writableFinished).toBe(false);
    expect((await wholeOf(bytes)).length).toBe(size);
  });

  it('breaks off at once when the call is aborted', async () => {
    let response!: ServerResponse;
    handle = (_request, answer) => {
      response = answer;
      answer.write('data: 1\n\n');
    };
    const call = new AbortController();
    const bytes = await upstream.postStream('/chat', '{}', call.signal);
    const read = wholeOf(bytes);
    setTimeout(() => call.abort(new DOMException('gone', 'AbortError')), 20);
    await expect(read).rejects.toMatchObject({ code: 'client_gone' });
    if (!response.closed) {
      await once(response, 'close');
    }
  });

  it('says that a stream was cut when the provider goes away in the middle', async () => {
    handle = (_request, answer) => {
      answer.write('data: 1\n\n');
      setTimeout(() => answer.destroy(), 20);
    };
    const bytes = await upstream.postStream('/chat', '{}', signal());
    await expect(wholeOf(bytes)).rejects.toMatchObject({
      code: 'provider_stream_cut',
    });
  });

  it('refuses an answer that would take long to parse, as it comes in', async () => {
    let depth = 200;
    handle = (_request, answer) => {
      answer.end(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    };
    const ask = () => upstream.postJson('/chat', '{}', signal());
    await ask();
    depth += 1;
    await expect(ask()).rejects.toMatchObject({
      code: 'provider_bad_answer',
      message: expect.stringContaining('nested too deep'),
    });
  });

  it('tells a provider that is silent from one that is not there', async () => {
    handle = () => {};
    await expect(
      upstream.postJson('/chat', '{}', signal()),
    ).rejects.toMatchObject({ code: 'provider_timeout' });
    server.closeAllConnections();
    server.close();
    await expect(
      upstream.postJson('/chat', '{}', signal()),
    ).rejects.toMatchObject({ code: 'provider_unreachable' });
  });
});
