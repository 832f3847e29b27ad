import { DefaultAuditorService } from '@backstage/backend-defaults/auditor';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { randomUUID } from 'node:crypto';
import { forgeries } from '@agentportal/agent-conformance';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as client from 'openid-client';
import { agentEntity, PERSON, startPortal } from './__testUtils__/startPortal';

jest.setTimeout(120_000);

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const TRIAGE = 'agent:default/triage';
const HELPER = 'agent:default/helper';

describe('the token endpoint, with a standard OAuth client', () => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let person: string;
  let events: string[] = [];

  beforeAll(async () => {
    portal = await startPortal({
      features: [
        createServiceFactory({
          service: coreServices.auditor,
          deps: {
            auth: coreServices.auth,
            httpAuth: coreServices.httpAuth,
            plugin: coreServices.pluginMetadata,
          },
          factory: deps =>
            DefaultAuditorService.create(
              ({ eventId, status }) => void events.push(`${eventId} ${status}`),
              deps,
            ),
        }),
      ],
      entities: [
        agentEntity('triage'),
        agentEntity('other'),
        agentEntity('helper', {
          identity: 'person',
          handoffs: ['agent:default/expert'],
        }),
        agentEntity('expert', { identity: 'person', autonomy: 'copilot' }),
        agentEntity('stranger', { identity: 'person' }),
      ],
    });
    person = await portal.personToken();
  });

  afterAll(() => portal?.stop());

  /** What people do in the portal, as the owner. */
  async function owner(method: string, path: string, body?: object) {
    const response = await fetch(`${portal.url}/api/agents${path}`, {
      method,
      headers: {
        authorization: `Bearer ${person}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }

  const pathOf = (ref: string) => `/agents/default/${ref.split('/')[1]}`;

  async function secretOf(ref: string) {
    const { credential, secret } = await owner(
      'POST',
      `${pathOf(ref)}/credentials`,
      { title: 'A program' },
    );
    return { id: credential.id as string, secret: secret as string };
  }

  function connect(
    ref: string,
    authentication: client.ClientAuth,
  ): Promise<client.Configuration> {
    return client.discovery(
      new URL(portal.issuer),
      ref,
      undefined,
      authentication,
      { algorithm: 'oauth2', execute: [client.allowInsecureRequests] },
    );
  }

  async function connectWithSecret(ref: string) {
    const { secret, id } = await secretOf(ref);
    return {
      id,
      secret,
      config: await connect(ref, client.ClientSecretBasic(secret)),
    };
  }

  const exchange = (
    config: client.Configuration,
    subjectToken: string,
    more: Record<string, string> = {},
  ) =>
    client.genericGrantRequest(config, EXCHANGE, {
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN,
      ...more,
    });

  it('is found by its metadata, and takes a secret in both ways', async () => {
    const { config, secret } = await connectWithSecret(TRIAGE);
    const metadata = config.serverMetadata();
    expect(metadata.token_endpoint).toBe(`${portal.issuer}/token`);
    for (const authentication of [
      client.ClientSecretBasic(secret),
      client.ClientSecretPost(secret),
    ]) {
      const tokens = await client.clientCredentialsGrant(
        await connect(TRIAGE, authentication),
      );
      expect(tokens.expires_in).toBeLessThanOrEqual(600);
      expect(await portal.who(tokens.access_token)).toMatchObject({
        status: 200,
        body: { principal: { userEntityRef: TRIAGE }, owns: [TRIAGE] },
      });
    }
  });

  it('takes an assertion signed with a private key, once', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const { credential } = await owner(
      'POST',
      `${pathOf(TRIAGE)}/credentials`,
      { title: 'A key', jwk: await exportJWK(publicKey) },
    );
    const config = await connect(
      TRIAGE,
      client.PrivateKeyJwt({ key: privateKey, kid: credential.id }),
    );
    const tokens = await client.clientCredentialsGrant(config);
    expect((await portal.who(tokens.access_token)).status).toBe(200);

    const signed = (claims: object) =>
      new SignJWT({ jti: randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: credential.id })
        .setIssuer(TRIAGE)
        .setSubject(TRIAGE)
        .setAudience(portal.issuer)
        .setExpirationTime('1m')
        .sign(privateKey);
    const send = async (assertion: string) => {
      const response = await fetch(`${portal.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_assertion_type:
            'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: assertion,
        }),
      });
      return { status: response.status, body: await response.json() };
    };
    const refused = (words: string) => ({
      status: 401,
      body: {
        error: 'invalid_client',
        error_description: expect.stringContaining(words),
      },
    });
    const assertion = await signed({});
    expect((await send(assertion)).status).toBe(200);
    expect(await send(assertion)).toEqual(refused('was used before'));
    for (const jti of ['', { any: 'object' }, 7]) {
      expect(await send(await signed({ jti }))).toEqual(
        refused('must be a text'),
      );
    }
    const iat = Math.floor(Date.now() / 1000) + 30;
    expect(await send(await signed({ iat }))).toEqual(
      refused('made in the future'),
    );
  });

  it('refuses wrong secrets in the same words, whatever is wrong', async () => {
    const { secret } = await secretOf(TRIAGE);
    const answers = await Promise.all(
      [
        [TRIAGE, `${secret.slice(0, -9)}`],
        ['agent:default/other', secret],
        ['agent:default/nobody', secret],
        // What no agent and no secret can be.
        [TRIAGE, ''],
        [TRIAGE, 'x'.repeat(510)],
        [`agent:default/${'x'.repeat(300)}`, secret],
        ['agent:default/a\u0000b', secret],
      ].map(async ([id, given]) => {
        const response = await fetch(`${portal.issuer}/token`, {
          method: 'POST',
          body: new URLSearchParams({
            grant_type: 'client_credentials',
            client_id: id,
            client_secret: given,
          }),
        });
        expect(response.headers.get('www-authenticate')).toContain('Basic');
        return { status: response.status, body: await response.json() };
      }),
    );
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    });
  });

  it('keeps whoever goes on guessing out of the audit log', async () => {
    events = [];
    for (let i = 0; i < 15; i++) {
      await fetch(`${portal.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: 'agent:default/guessed',
          client_secret: `wrong ${i}`,
        }),
      });
    }
    // They are counted, and told once a minute.
    expect(events).toEqual([]);
  });

  it('ends a credential that is revoked, and keeps both while one is rotated', async () => {
    const { id, config } = await connectWithSecret(TRIAGE);
    const next = await owner(
      'POST',
      `${pathOf(TRIAGE)}/credentials/${id}/rotate`,
      {},
    );
    const rotated = await connect(
      TRIAGE,
      client.ClientSecretBasic(next.secret),
    );
    for (let i = 0; i < 5; i += 1) {
      await client.clientCredentialsGrant(config);
      await client.clientCredentialsGrant(rotated);
    }
    await owner('DELETE', `${pathOf(TRIAGE)}/credentials/${id}`);
    // As this client tells of invalid_client.
    await expect(client.clientCredentialsGrant(config)).rejects.toThrow(
      'challenge',
    );
    await client.clientCredentialsGrant(rotated);
  });

  it('exchanges the token of a person for one that is theirs and the agent’s', async () => {
    const { config } = await connectWithSecret(HELPER);
    const tokens = await exchange(config, person);
    expect(tokens.issued_token_type).toBe(ACCESS_TOKEN);
    const { body } = await portal.who(tokens.access_token);
    expect(body.principal.userEntityRef).toMatch(/^delegation:default\//);
    // Whoever decides by ownership alone gives it nothing that is the person's.
    expect(body.owns).toEqual([body.principal.userEntityRef]);
    expect(
      await client.tokenIntrospection(config, tokens.access_token),
    ).toMatchObject({
      active: true,
      sub: PERSON,
      client_id: HELPER,
      act: { sub: HELPER },
      iss: portal.issuer,
    });
    await client.tokenRevocation(config, tokens.access_token);
    expect(
      await client.tokenIntrospection(config, tokens.access_token),
    ).toEqual({ active: false });
  });

  it('lets work be handed on, to those that the agent declares and no further', async () => {
    const helper = await connectWithSecret(HELPER);
    const expert = await connectWithSecret('agent:default/expert');
    const stranger = await connectWithSecret('agent:default/stranger');
    const first = await exchange(helper.config, person);
    const second = await exchange(expert.config, first.access_token);
    expect(
      await client.tokenIntrospection(expert.config, second.access_token),
    ).toMatchObject({
      sub: PERSON,
      act: { sub: 'agent:default/expert', act: { sub: HELPER } },
    });
    await expect(
      exchange(stranger.config, first.access_token),
    ).rejects.toMatchObject({ error: 'unauthorized_client' });
    // What came of it ends with it.
    await client.tokenRevocation(helper.config, first.access_token);
    expect(
      await client.tokenIntrospection(expert.config, second.access_token),
    ).toEqual({ active: false });
  });

  it('tells nobody of the tokens of others, and lets nobody revoke them', async () => {
    const triage = await connectWithSecret(TRIAGE);
    const other = await connectWithSecret('agent:default/other');
    const { access_token: token } = await client.clientCredentialsGrant(
      triage.config,
    );
    expect(await client.tokenIntrospection(other.config, token)).toEqual({
      active: false,
    });
    await expect(
      client.tokenRevocation(other.config, token),
    ).rejects.toMatchObject({ error: 'unauthorized_client' });
    expect(await client.tokenIntrospection(triage.config, token)).toMatchObject(
      { active: true, sub: TRIAGE },
    );
    await client.tokenRevocation(triage.config, token);
    expect(await client.tokenIntrospection(triage.config, token)).toEqual({
      active: false,
    });
  });

  it('gives a suspended agent nothing, and takes what it has', async () => {
    const { config } = await connectWithSecret('agent:default/other');
    const { access_token: token } = await client.clientCredentialsGrant(config);
    await owner('POST', '/agents/default/other/suspend', {
      reason: 'It writes too much.',
    });
    await expect(client.clientCredentialsGrant(config)).rejects.toMatchObject({
      error: 'unauthorized_client',
      error_description: expect.stringContaining('It writes too much.'),
    });
    expect(await client.tokenIntrospection(config, token)).toEqual({
      active: false,
    });
    await owner('POST', '/agents/default/other/resume', { reason: 'Mended.' });
    await client.clientCredentialsGrant(config);
  });

  it.each([
    ['no grant', {}, 'invalid_request'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
    [
      'another portal',
      { grant_type: 'client_credentials', resource: 'https://elsewhere' },
      'invalid_target',
    ],
    [
      'no subject token',
      { grant_type: EXCHANGE, subject_token_type: ACCESS_TOKEN },
      'invalid_request',
    ],
    [
      'a forged subject token',
      {
        grant_type: EXCHANGE,
        subject_token:
          'eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyOmRlZmF1bHQvZGFuYSJ9.',
        subject_token_type: ACCESS_TOKEN,
      },
      'invalid_request',
    ],
  ])('says what is wrong with %s', async (_, form, error) => {
    const { secret } = await secretOf(HELPER);
    const response = await fetch(`${portal.issuer}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(
          `${encodeURIComponent(HELPER)}:${secret}`,
        ).toString('base64')}`,
      },
      body: new URLSearchParams(form as Record<string, string>),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect((await response.json()).error).toBe(error);
  });

  it('and every plugin refuse forged tokens, whoever they say to be of', async () => {
    const { config } = await connectWithSecret(HELPER);
    const { access_token: token } = await exchange(config, person);
    const response = await fetch(
      `${portal.url}/api/auth/.well-known/jwks.json`,
    );
    const [publicKey] = (await response.json()).keys;
    const forged = (
      await Promise.all(
        [PERSON, TRIAGE, 'user:default/admin'].map(subject =>
          forgeries({ token, subject, publicKey }),
        ),
      )
    ).flat();
    expect(forged.length).toBeGreaterThan(50);
    for (const { name, token: bad } of forged) {
      expect([name, (await portal.who(bad)).status]).toEqual([name, 401]);
      await expect(exchange(config, bad)).rejects.toMatchObject({
        error: 'invalid_request',
      });
    }
    expect((await portal.who(token)).status).toBe(200);
  });

  it('gives tokens of delegations to the orchestration plugin only', async () => {
    const response = await fetch(
      `${portal.issuer}/delegations/${randomUUID()}/token`,
      { method: 'POST', headers: { authorization: `Bearer ${person}` } },
    );
    expect(response.status).toBe(403);
  });
});
