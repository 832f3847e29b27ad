import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { NotAllowedError, ResponseError } from '@backstage/errors';
import { createPluginAsker } from './createPluginAsker';

describe('createPluginAsker', () => {
  const asker = createPluginAsker({
    auth: mockServices.auth({ pluginId: 'tools' }),
    pluginId: 'agents',
    timeoutMs: 50,
    away: 'Nobody knows.',
    answers: [NotAllowedError],
  });
  const answered = (status: number, error: object) =>
    asker(async () => {
      throw await ResponseError.fromResponse(
        new Response(
          JSON.stringify({ error, response: { statusCode: status } }),
          { status, headers: { 'content-type': 'application/json' } },
        ),
      );
    });

  it('gives a token for the plugin, and what it answers', async () => {
    expect(await asker(async ({ token }) => token)).toContain('agents');
  });

  it('signs one token for many calls, and another one after a failure', async () => {
    const auth = mockServices.auth.mock({
      getOwnServiceCredentials: async () => mockCredentials.service(),
      getPluginRequestToken: async () => ({ token: 'signed' }),
    });
    const ask = createPluginAsker({
      auth,
      pluginId: 'agents',
      timeoutMs: 50,
      away: 'Nobody knows.',
    });
    await Promise.all([1, 2, 3].map(() => ask(async () => {})));
    expect(auth.getPluginRequestToken).toHaveBeenCalledTimes(1);
    const refused = ask(async () => {
      throw new Error('Who?');
    });
    await expect(refused).rejects.toThrow('Nobody knows.');
    await ask(async () => {});
    expect(auth.getPluginRequestToken).toHaveBeenCalledTimes(2);
  });

  it('passes answers on in their own words, and takes all else for silence', async () => {
    await expect(
      answered(403, { name: 'NotAllowedError', message: 'Not you.' }),
    ).rejects.toEqual(new NotAllowedError('Not you.'));
    const away = { name: 'ServiceUnavailableError', message: /Nobody knows/ };
    for (const silence of [
      answered(401, { name: 'AuthenticationError', message: 'Who?' }),
      answered(500, { name: 'Error', message: 'Oh.' }),
      asker(
        ({ signal }) =>
          new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      ),
    ]) {
      await expect(silence).rejects.toMatchObject({
        name: away.name,
        message: expect.stringMatching(away.message),
      });
    }
  });
});
