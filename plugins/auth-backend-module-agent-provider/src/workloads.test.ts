import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { agentEntity, startPortal } from './__testUtils__/startPortal';

jest.setTimeout(120_000);

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SPIFFE_ID = 'spiffe://example.org/care/triage';
const SUBJECT = 'system:serviceaccount:care:triage';

/** A platform that gives workloads tokens, as a Kubernetes cluster does. */
class Platform {
  readonly #server: Server;
  readonly #key: CryptoKey;
  up = true;

  static async create(): Promise<Platform> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256' };
    const platform = new Platform(privateKey, jwk);
    await new Promise<void>(done => {
      platform.#server.listen(0, '127.0.0.1', done);
    });
    return platform;
  }

  private constructor(key: CryptoKey, jwk: JWK) {
    this.#key = key;
    this.#server = createServer((req, res) => {
      if (!this.up) {
        res.writeHead(502).end();
        return;
      }
      res.setHeader('content-type', 'application/json');
      res.end(
        JSON.stringify(
          req.url === '/keys'
            ? { keys: [jwk] }
            : { issuer: this.issuer, jwks_uri: `${this.issuer}/keys` },
        ),
      );
    });
  }

  get issuer(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  token(
    audience: string,
    options: {
      sub?: string;
      issuer?: string;
      key?: CryptoKey;
      life?: string;
    } = {},
  ): Promise<string> {
    return new SignJWT({})
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(options.issuer ?? this.issuer)
      .setSubject(options.sub ?? SUBJECT)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime(options.life ?? '1h')
      .sign(options.key ?? this.#key);
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describe('workload tokens', () => {
  let platform: Platform;
  let portal: Awaited<ReturnType<typeof startPortal>>;

  beforeAll(async () => {
    platform = await Platform.create();
    portal = await startPortal({
      entities: [
        agentEntity('triage'),
        agentEntity('helper', { identity: 'person' }),
      ],
      workloads: [
        {
          issuer: platform.issuer,
          agents: [
            { subject: SUBJECT, agent: 'agent:default/triage' },
            { subject: SPIFFE_ID, agent: 'agent:default/triage' },
            { subject: 'helper', agent: 'helper' },
          ],
        },
      ],
    });
  });

  afterAll(async () => {
    platform.stop();
    await portal?.stop();
  });

  const ask = async (form: Record<string, string>) => {
    const response = await fetch(`${portal.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    return { status: response.status, body: await response.json() };
  };

  it.each([
    ['a service account', SUBJECT],
    ['a SPIFFE id', SPIFFE_ID],
  ])('of %s make an agent known to every plugin as itself', async (_, sub) => {
    const assertion = await platform.token(portal.issuer, { sub });
    const { status, body } = await ask({ grant_type: GRANT, assertion });
    expect(body).toMatchObject({ token_type: 'Bearer' });
    expect(status).toBe(200);
    expect(body.expires_in).toBeGreaterThan(550);
    expect(body.expires_in).toBeLessThanOrEqual(600);
    expect(await portal.who(body.access_token)).toEqual({
      status: 200,
      body: {
        principal: { type: 'user', userEntityRef: 'agent:default/triage' },
        owns: ['agent:default/triage'],
      },
    });
    // Platforms renew a token before it ends, so the same one comes again.
    expect((await ask({ grant_type: GRANT, assertion })).status).toBe(200);
  });

  it('bound to one plugin are taken by no other', async () => {
    const { body } = await ask({
      grant_type: GRANT,
      assertion: await platform.token(portal.issuer),
      resource: `${portal.url}/api/probe`,
    });
    expect(await portal.who(body.access_token)).toMatchObject({
      status: 200,
      body: { principal: { userEntityRef: 'agent:default/triage' } },
    });
    const elsewhere = await fetch(`${portal.url}/api/agents/agents`, {
      headers: { authorization: `Bearer ${body.access_token}` },
    });
    expect(elsewhere.status).toBe(401);
  });

  it.each([
    ['of another audience', () => platform.token('https://elsewhere')],
    [
      'of a subject that nobody bound',
      () => platform.token(portal.issuer, { sub: 'x' }),
    ],
    [
      'of another issuer',
      () => platform.token(portal.issuer, { issuer: 'https://evil.example' }),
    ],
    ['that has expired', () => platform.token(portal.issuer, { life: '-1m' })],
    [
      'signed by somebody else',
      async () =>
        platform.token(portal.issuer, {
          key: (await generateKeyPair('RS256')).privateKey,
        }),
    ],
    [
      'signed by nobody',
      async () => {
        const [, payload] = (await platform.token(portal.issuer)).split('.');
        const header = Buffer.from('{"alg":"none"}').toString('base64url');
        return `${header}.${payload}.`;
      },
    ],
    [
      'signed with the public key as a secret',
      async () => {
        const response = await fetch(`${platform.issuer}/keys`);
        return new SignJWT({})
          .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
          .setIssuer(platform.issuer)
          .setSubject(SUBJECT)
          .setAudience(portal.issuer)
          .setExpirationTime('1h')
          .sign(Buffer.from(await response.text()));
      },
    ],
    ['that is none', async () => 'abc'],
  ])('%s are refused', async (_, make) => {
    const { status, body } = await ask({
      grant_type: GRANT,
      assertion: await make(),
    });
    expect(body.error).toBe('invalid_grant');
    expect(status).toBe(400);
  });

  it('do not let an agent act alone that acts only for people', async () => {
    const { status, body } = await ask({
      grant_type: GRANT,
      assertion: await platform.token(portal.issuer, { sub: 'helper' }),
    });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'unauthorized_client',
      error_description: expect.stringContaining('acts only for a person'),
    });
  });

  it('wait for their issuer when it is away, and are not called wrong', async () => {
    const other = await Platform.create();
    const away = await startPortal({
      workloads: [
        {
          issuer: other.issuer,
          agents: [{ subject: SUBJECT, agent: 'triage' }],
        },
      ],
    });
    try {
      const assertion = await other.token(away.issuer);
      const send = () =>
        fetch(`${away.issuer}/token`, {
          method: 'POST',
          body: new URLSearchParams({ grant_type: GRANT, assertion }),
        });
      other.up = false;
      const refused = await send();
      expect(refused.status).toBe(503);
      expect((await refused.json()).error).toBe('temporarily_unavailable');
      other.up = true;
      expect((await send()).status).toBe(200);
    } finally {
      other.stop();
      await away.stop();
    }
  });
});

describe('a portal whose tokens live longer than ten minutes', () => {
  it('does not start, and says what to set', async () => {
    await expect(startPortal({ tokenMinutes: 60 })).rejects.toThrow(
      /auth\.backstageTokenExpiration to \{ minutes: 10 \}/,
    );
  });
});

describe('a portal with workloads of which one would not count', () => {
  const bound = (...agents: string[]) => ({
    issuer: 'https://issuer.example.com',
    agents: agents.map(agent => ({ subject: SUBJECT, agent })),
  });

  it.each([
    ['an issuer', [bound('triage'), bound('other')], 'in one entry'],
    ['a subject', [bound('triage', 'other')], 'Bind it to one agent'],
  ])('does not start when %s is there twice', async (_, workloads, words) => {
    await expect(startPortal({ workloads })).rejects.toThrow(words);
  });
});
