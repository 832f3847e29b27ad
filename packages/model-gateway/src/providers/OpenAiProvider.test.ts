import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenAiProvider } from './OpenAiProvider';

describe('the models of a provider', () => {
  it('are there beside one that is odd', async () => {
    const ids = ['good', 'x'.repeat(3_000), 'x\0y', '', 7, 'models/gemini-x'];
    const server = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ data: [...ids.map(id => ({ id })), null, 'text'] }),
      );
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const provider = new OpenAiProvider({
      id: 'odd',
      baseUrl: `http://127.0.0.1:${port}/v1`,
      timeouts: { connectMs: 1_000, firstByteMs: 1_000, idleMs: 1_000 },
    });
    const models = await provider.listModels(AbortSignal.timeout(5_000));
    expect(models.map(({ modelId }) => modelId)).toEqual(['good', 'gemini-x']);
    await provider.close();
    server.close();
  });
});
