import { createVerify, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Upstream } from '../http/Upstream';
import { keyCredential } from './Credential';
import { CredentialPool, type PooledCredential } from './CredentialPool';
import { awsCredential } from './signatureV4';
import { entraCredential, googleCredential } from './tokens';

jest.setTimeout(30_000);

const clock = { now: () => 1_000_000 };

describe('credentials of providers', () => {
  let server: Server;
  let url: string;
  /** What the provider saw, or the issuer of tokens. */
  let seen: Array<{ url: string; authorization?: string; body: string }>;
  let refuse: (authorization: string | undefined) => number | undefined;
  let tokens: number;
  let upstream: Upstream | undefined;

  async function read(request: IncomingMessage): Promise<string> {
    let text = '';
    for await (const piece of request) {
      text += piece;
    }
    return text;
  }

  beforeEach(async () => {
    seen = [];
    tokens = 0;
    refuse = () => undefined;
    server = createServer(async (request, response) => {
      const { authorization } = request.headers;
      const body = await read(request);
      seen.push({ url: request.url!, authorization, body });
      if (request.url!.includes('/token')) {
        tokens += 1;
        response.end(
          JSON.stringify({ access_token: `t${tokens}`, expires_in: 3600 }),
        );
        return;
      }
      const status = refuse(authorization);
      response.writeHead(status ?? 200, {
        'content-type': 'application/json',
        ...(status === 429 && { 'retry-after': '7' }),
      });
      response.end('{}');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });

  afterEach(async () => {
    await upstream?.close();
    server.closeAllConnections();
    server.close();
  });

  function call(
    credentials: PooledCredential[],
    options: { now?: () => number; random?: () => number } = {},
  ) {
    const { now = clock.now, random = () => 0 } = options;
    upstream = new Upstream({
      provider: 'fake',
      baseUrl: `${url}/v1`,
      headers: {},
      credentials: new CredentialPool({
        credentials,
        clock: { now },
        random,
      }),
      timeouts: { connectMs: 1_000, firstByteMs: 5_000, idleMs: 5_000 },
    });
    return () =>
      upstream!.postJson('/chat', '{}', new AbortController().signal);
  }

  const key = (name: string, more: Partial<PooledCredential> = {}) => ({
    credential: keyCredential({ authorization: name }),
    ...more,
  });

  it('goes out again with another where one is refused, which then rests', async () => {
    let now = 0;
    refuse = name => ({ empty: 429, wrong: 401 }[String(name)]);
    const ask = call([key('empty'), key('wrong'), key('good')], {
      now: () => now,
    });
    await ask();
    await ask();
    expect(seen.map(each => each.authorization)).toEqual([
      'empty',
      'wrong',
      'good',
      'good',
    ]);
    // As long as the provider has said.
    now = 7_000;
    await ask();
    expect(seen.at(-2)?.authorization).toBe('empty');
    refuse = () => 401;
    await expect(ask()).rejects.toMatchObject({
      code: 'provider_credentials_rejected',
    });
  });

  it('does not go out again with what only the caller can mend', async () => {
    refuse = () => 400;
    const ask = call([key('one'), key('two')]);
    await expect(ask()).rejects.toMatchObject({
      code: 'provider_refused_request',
    });
    expect(seen).toHaveLength(1);
  });

  it('shares calls out by weight, within the limit of each', async () => {
    let at = 0;
    let now = 0;
    const ask = call(
      [
        key('small', { weight: 1, requestsPerMinute: 20 }),
        key('large', { weight: 3 }),
      ],
      {
        now: () => now,
        random: () => {
          at = (at + 0.25) % 1;
          return at;
        },
      },
    );
    for (let i = 0; i < 16; i += 1) {
      await ask();
    }
    const count = (name: string) =>
      seen.filter(each => each.authorization === name).length;
    // A fourth would be four; a short burst of 20 a minute is three.
    expect(count('small')).toBe(3);
    expect(count('large')).toBe(13);
    const alone = call([key('small', { requestsPerMinute: 20 })], {
      now: () => now,
    });
    await alone();
    await alone();
    await alone();
    await expect(alone()).rejects.toMatchObject({
      code: 'provider_rate_limited',
      retryAfter: '3',
    });
    now += 3_000;
    await alone();
  });

  it('asks Entra once for a token for all calls, and anew when it was withdrawn', async () => {
    const ask = call([
      {
        credential: entraCredential(
          {
            tenantId: 'acme',
            clientId: 'portal',
            clientSecret: 'a secret',
            authority: `${url}/`,
          },
          clock,
        ),
      },
    ]);
    await Promise.all([ask(), ask(), ask()]);
    expect(tokens).toBe(1);
    expect(seen[0].url).toBe('/acme/oauth2/v2.0/token');
    expect(Object.fromEntries(new URLSearchParams(seen[0].body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'portal',
      client_secret: 'a secret',
      scope: 'https://cognitiveservices.azure.com/.default',
    });
    refuse = name => (name === 'Bearer t1' ? 401 : undefined);
    await ask();
    expect(seen.at(-1)?.authorization).toBe('Bearer t2');
  });

  it('proves to Google with a signature who asks', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
    });
    const ask = call([
      {
        credential: googleCredential(
          {
            clientEmail: 'portal@acme.iam.gserviceaccount.com',
            privateKey: privateKey
              .export({ type: 'pkcs8', format: 'pem' })
              .toString(),
            tokenUri: `${url}/token`,
          },
          clock,
        ),
      },
    ]);
    await ask();
    expect(seen.at(-1)?.authorization).toBe('Bearer t1');
    const [head, claims, signature] = new URLSearchParams(seen[0].body)
      .get('assertion')!
      .split('.');
    expect(
      createVerify('RSA-SHA256')
        .update(`${head}.${claims}`)
        .verify(publicKey, signature, 'base64url'),
    ).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      iss: 'portal@acme.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: `${url}/token`,
      iat: 1_000,
      exp: 4_600,
    });
  });

  it('says that credentials are wrong where the issuer does, and nothing of the secret', async () => {
    server.removeAllListeners('request');
    server.on('request', (_request, response) => {
      response.writeHead(401);
      response.end('{"error_description":"a secret is wrong"}');
    });
    const ask = call([
      {
        credential: entraCredential(
          {
            tenantId: 'acme',
            clientId: 'portal',
            clientSecret: 'a secret',
            authority: url,
          },
          clock,
        ),
      },
    ]);
    await expect(ask()).rejects.toMatchObject({
      code: 'provider_credentials_rejected',
      message: expect.not.stringContaining('secret'),
    });
  });

  it.each([
    // Source: AWS Signature Version 4 test suite, "get-vanilla" and
    // "get-vanilla-query-order-key-case".
    ['/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    [
      '/?Param2=value2&Param1=value1',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
  ])('signs %s as AWS does', async (path, signature) => {
    const { authorization } = await awsCredential(
      {
        accessKeyId: 'AKIDEXAMPLE',
        secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
        region: 'us-east-1',
        service: 'service',
      },
      { now: () => Date.UTC(2015, 7, 30, 12, 36) },
    ).headersFor({
      method: 'GET',
      host: 'example.amazonaws.com',
      path,
      headers: {},
      body: '',
    });
    expect(authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    );
  });
});
