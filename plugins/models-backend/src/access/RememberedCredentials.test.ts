import { AuthenticationError } from '@backstage/errors';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Request } from 'express';
import { RememberedCredentials } from './RememberedCredentials';

describe('RememberedCredentials', () => {
  let verified: string[];
  let known: RememberedCredentials;

  beforeEach(() => {
    verified = [];
    // Stands for the signature check, which is Backstage's; what is looked at
    // here is how often it is asked.
    const verify = async (request: Request) => {
      const { authorization = '' } = request.headers;
      verified.push(authorization);
      if (authorization.endsWith('bad')) {
        throw new AuthenticationError('Bad signature');
      }
      return mockCredentials.user(`user:default/${verified.length}`);
    };
    known = new RememberedCredentials({
      credentials: verify,
    } as unknown as HttpAuthService);
  });

  const ask = (authorization: string) =>
    known.credentials({ headers: { authorization } } as Request);
  const token = (expiresInSeconds: number, signature = 'good') => {
    const exp = Math.floor(Date.now() / 1000) + expiresInSeconds;
    const payload = Buffer.from(JSON.stringify({ exp })).toString('base64url');
    return `Bearer head.${payload}.${signature}`;
  };

  it('verifies a token once and gives the same credentials again', async () => {
    const same = token(600);
    const first = await ask(same);
    expect(await ask(same)).toEqual(first);
    expect(verified).toHaveLength(1);
  });

  it('verifies each token for itself, however alike they are', async () => {
    const one = await ask(token(600, 'one'));
    const other = await ask(token(600, 'other'));
    expect(other.credentials).not.toEqual(one.credentials);
    expect(verified).toHaveLength(2);
  });

  it('never remembers a token that is refused', async () => {
    const bad = token(600, 'bad');
    await expect(ask(bad)).rejects.toThrow('Bad signature');
    await expect(ask(bad)).rejects.toThrow('Bad signature');
    expect(verified).toHaveLength(2);
  });

  it('forgets a token when it expires, and never keeps one without an expiry', async () => {
    const expired = token(-1);
    await ask(expired);
    await ask(expired);
    await ask('Bearer opaque');
    await ask('Bearer opaque');
    expect(verified).toHaveLength(4);
  });
});
