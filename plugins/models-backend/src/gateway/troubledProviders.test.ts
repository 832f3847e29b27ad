import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mockCredentials } from '@backstage/backend-test-utils';
import { FakeProvider } from '../__testUtils__/FakeProvider';
import { startModels } from '../__testUtils__/startModels';

jest.setTimeout(60_000);

describe('models plugin with providers in trouble', () => {
  let fake: FakeProvider;
  let models: Awaited<ReturnType<typeof startModels>>;
  let bare: Server;

  beforeAll(async () => {
    fake = await FakeProvider.create();
    // Serves one deployment and has no list of models.
    bare = createServer((request, response) => {
      const found = request.url === '/v1/chat/completions';
      response.writeHead(found ? 200 : 404, {
        'content-type': 'application/json',
      });
      response.end(found ? '{"choices":[],"usage":{"prompt_tokens":1}}' : '{}');
    });
    await new Promise<void>(resolve => {
      bare.listen(0, '127.0.0.1', resolve);
    });
    const { port } = bare.address() as AddressInfo;
    const gone = await FakeProvider.create();
    const goneUrl = gone.url;
    await gone.close();
    models = await startModels({
      fake,
      models: {
        limits: { maxFirstByteSeconds: 2, maxCallSeconds: 3 },
        providers: [
          { id: 'fake', type: 'openai', baseUrl: `${fake.url}/v1` },
          {
            id: 'claude',
            type: 'anthropic',
            baseUrl: `${fake.url}/anthropic`,
          },
          {
            id: 'gone',
            type: 'openai',
            baseUrl: `${goneUrl}/v1`,
            models: ['x'],
          },
          {
            id: 'bare',
            type: 'openai',
            baseUrl: `http://127.0.0.1:${port}/v1`,
            apiKey: 'k',
            keyHeader: 'api-key',
            models: ['deployment'],
          },
        ],
      },
    });
  });

  afterAll(async () => {
    await models?.stop();
    await fake.close();
    bare.closeAllConnections();
    bare.close();
  });

  async function chat(model: string, stream = false) {
    const response = await fetch(`${models.url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${mockCredentials.user.token()}` },
      body: JSON.stringify({
        model,
        stream,
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    });
    return { status: response.status, text: await response.text() };
  }

  it('gives up on a provider that does not answer', async () => {
    const { status, text } = await chat('fake/hanging');
    expect(status).toBe(504);
    expect(JSON.parse(text).error.code).toBe('provider_timeout');
  });

  it('breaks a stream off that is longer than a call may be', async () => {
    const { status, text } = await chat('fake/slow', true);
    expect(status).toBe(200);
    expect(text).toContain('"code":"provider_timeout"');
    expect(text).not.toContain('[DONE]');
    const { body } = await models.get('/calls?limit=1');
    expect(body.items[0]).toMatchObject({
      status: 'failed',
      errorCode: 'provider_timeout',
      estimated: true,
    });
  });

  it('says that a provider cannot be reached, in calls and in the list', async () => {
    const { status, text } = await chat('gone/x');
    expect(status).toBe(502);
    expect(JSON.parse(text).error.code).toBe('provider_unreachable');
    const { body } = await models.get('/models/gone%2Fx');
    expect(body).toMatchObject({
      status: 'unavailable',
      statusMessage: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('serves a configured model of a provider that lists none', async () => {
    expect((await chat('bare/deployment')).status).toBe(200);
    const { body } = await models.get('/models/bare%2Fdeployment');
    expect(body).toMatchObject({ status: 'available', price: null });
  });
});
