import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { FakeProvider } from './__testUtils__/FakeProvider';
import { keyRequests } from './__testUtils__/keyRequests';
import { startModels } from './__testUtils__/startModels';

jest.setTimeout(60_000);

describe('secrets and prompts', () => {
  it('stay out of the logs, also when calls fail', async () => {
    const written: string[] = [];
    const spies = [process.stdout, process.stderr].map(stream =>
      jest.spyOn(stream, 'write').mockImplementation(text => {
        written.push(String(text));
        return true;
      }),
    );
    const consoles = (['debug', 'log', 'warn', 'error', 'info'] as const).map(
      method =>
        jest.spyOn(console, method).mockImplementation((...args) => {
          written.push(args.map(String).join(' '));
        }),
    );
    const fake = await FakeProvider.create();
    const models = await startModels({
      fake,
      features: [mockServices.rootLogger.factory({ level: 'debug' })],
    });
    try {
      for (const model of ['good', 'bad-key', 'broken', 'refusing', 'cut']) {
        const response = await fetch(
          `${models.url}/openai/v1/chat/completions`,
          {
            method: 'POST',
            headers: {
              authorization: `Bearer ${mockCredentials.user.token()}`,
            },
            body: JSON.stringify({
              model: `fake/${model}`,
              stream: model === 'cut',
              messages: [{ role: 'user', content: 'my private question' }],
            }),
          },
        );
        expect(await response.text()).not.toContain('sk-test-secret');
      }
      const { chat, create, send } = keyRequests(models.url);
      const { key, secret } = await create({ models: ['fake/bad-key'] });
      const rotated = await send('POST', `/keys/${key.id}/rotate`, {});
      for (const each of [secret, rotated.body.secret, secret.slice(0, -2)]) {
        await chat(each, 'fake/bad-key');
        await send('GET', '/keys', undefined, each);
      }
      await models.knex.schema.renameTable('model_key_secrets', 'away');
      await chat(rotated.body.secret);
      await send('POST', `/keys/${key.id}/rotate`, {});
      await models.knex.schema.renameTable('away', 'model_key_secrets');
      await models.knex.schema.renameTable('model_calls', 'away');
      await models.get('/costs?groupBy=day');
      await models.knex.schema.renameTable('away', 'model_calls');
    } finally {
      await models.stop();
      await fake.close();
      [...spies, ...consoles].forEach(spy => spy.mockRestore());
    }
    const log = written.join('\n');
    expect(log).toContain('model_calls');
    expect(log).toContain('model_key_secrets');
    expect(log).not.toMatch(/sk-test-secret|sk-ant-secret|private question/);
    expect(log).not.toMatch(/ap_[0-9a-z]{16}_/);
  });
});
