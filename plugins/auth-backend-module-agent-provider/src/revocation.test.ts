import { agentIdentitiesServiceRef } from '@agentportal/plugin-agents-node';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import Router from 'express-promise-router';
import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { agentEntity, startPortal } from './__testUtils__/startPortal';
import { agentHttpAuth } from './agentHttpAuth';

jest.setTimeout(120_000);

const TRIAGE = 'agent:default/triage';
/** What doors remember is two seconds old at most. */
const REMEMBERED_MS = 2_100;
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const TRIGGER = '/.backstage/scheduler/v1/tasks/:id/trigger';
const BASE64URL =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('what is revoked', () => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let person: string;
  let ownToken: () => Promise<string>;
  const auditor = mockServices.auditor.mock();
  const triage = agentEntity('triage');

  /** A door as our gateways have it. */
  const door = createBackendPlugin({
    pluginId: 'door',
    register(env) {
      env.registerInit({
        deps: {
          auth: coreServices.auth,
          httpAuth: coreServices.httpAuth,
          httpRouter: coreServices.httpRouter,
          service: agentIdentitiesServiceRef,
        },
        async init({ auth, httpAuth, httpRouter, service }) {
          const router = Router();
          router.get('/who', async (req, res) => {
            const credentials = await httpAuth.credentials(req, {
              allow: ['user'],
            });
            const { authorization } = req.headers;
            await service.resolve(credentials, { authorization });
            if (req.query.wait !== undefined) {
              const reason = await new Promise<Error>(onEnd =>
                service.watch(credentials, onEnd, { authorization }),
              );
              res.json({ ended: reason.name });
              return;
            }
            res.json({});
          });
          // Where Backstage's scheduler has it.
          router.post(TRIGGER, (_req, res) => void res.json({}));
          httpRouter.use(router);
          ownToken = async () =>
            (
              await auth.getPluginRequestToken({
                onBehalfOf: await auth.getOwnServiceCredentials(),
                targetPluginId: 'door',
              })
            ).token;
        },
      });
    },
  });

  beforeAll(async () => {
    auditor.createEvent.mockResolvedValue({
      success: async () => {},
      fail: async () => {},
    });
    portal = await startPortal({
      entities: [triage, agentEntity('other')],
      features: [door, auditor.factory, agentHttpAuth],
    });
    person = await portal.personToken();
  });

  afterAll(() => portal?.stop());

  async function owner(method: string, path: string, body?: object) {
    const response = await fetch(`${portal.url}/api/agents${path}`, {
      method,
      headers: {
        authorization: `Bearer ${person}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    return response.status === 204 ? undefined : response.json();
  }

  async function send(path: string, form: Record<string, string>) {
    const response = await fetch(`${portal.issuer}${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
    });
    return { status: response.status, body: await response.json() };
  }

  async function client() {
    const { credential, secret } = await owner(
      'POST',
      '/agents/default/triage/credentials',
      { title: 'A program' },
    );
    const proof = { client_id: TRIAGE, client_secret: secret as string };
    return {
      id: credential.id as string,
      proof,
      token: async (more: Record<string, string> = {}) =>
        (
          await send('/token', {
            grant_type: 'client_credentials',
            ...proof,
            ...more,
          })
        ).body.access_token as string,
      introspect: async (token: string) =>
        (await send('/introspect', { token, ...proof })).body,
    };
  }

  const atDoor = async (token: string) =>
    (await portal.who(token, 'door')).status;
  const forget = () => new Promise(done => setTimeout(done, REMEMBERED_MS));

  it('is the token however its signature is written', async () => {
    const { id, token, proof, introspect } = await client();
    const shown = await token();
    const last = BASE64URL.indexOf(shown.at(-1)!);
    // The last character of 64 bytes has four bits that nobody reads.
    const twin = `${shown.slice(0, -1)}${BASE64URL[last ^ 1]}`;
    expect([await atDoor(shown), await atDoor(twin)]).toEqual([200, 200]);
    await send('/revoke', { token: twin, ...proof });
    expect(auditor.createEvent).toHaveBeenLastCalledWith(
      expect.objectContaining({
        eventId: 'agent-token-revoke',
        meta: { agentRef: TRIAGE, credentialId: id, subject: TRIAGE },
      }),
    );
    await forget();
    expect([await atDoor(shown), await atDoor(twin)]).toEqual([401, 401]);
    expect(await introspect(shown)).toEqual({ active: false });
    expect(await introspect(twin)).toEqual({ active: false });
  });

  it('ends the tokens of a credential at our doors, in the middle of streams too, and those of others not', async () => {
    const revoked = await client();
    const other = await client();
    const resource = { resource: `${portal.url}/api/door` };
    const whole = await revoked.token();
    const narrow = await revoked.token(resource);
    const good = await other.token();
    expect(
      await Promise.all([whole, narrow, good].map(each => atDoor(each))),
    ).toEqual([200, 200, 200]);
    const stream = fetch(`${portal.url}/api/door/who?wait`, {
      headers: { authorization: `Bearer ${whole}` },
    }).then(response => response.json());
    await new Promise(done => setTimeout(done, 500));
    await owner('DELETE', `/agents/default/triage/credentials/${revoked.id}`);
    expect(await stream).toEqual({ ended: 'AuthenticationError' });
    await forget();
    expect(
      await Promise.all([whole, narrow, good].map(each => atDoor(each))),
    ).toEqual([401, 401, 200]);
    expect(await other.introspect(whole)).toEqual({ active: false });
    expect(await other.introspect(narrow)).toEqual({ active: false });
    expect(await other.introspect(good)).toMatchObject({ active: true });
    // A token for one plugin does not say of what it came, but when it did.
    expect(await atDoor(await other.token(resource))).toBe(200);
  });

  it('is told by plugins too that ask for no permission and know of no agents', async () => {
    const revoked = await client();
    const good = await (await client()).token();
    const whole = await revoked.token();
    const atProbe = async (token: string) => {
      const { status, body } = await portal.who(token);
      return status === 200 ? status : `${status} ${body.error.message}`;
    };
    expect([await atProbe(whole), await atProbe(good)]).toEqual([200, 200]);
    await owner('DELETE', `/agents/default/triage/credentials/${revoked.id}`);
    await forget();
    expect([await atProbe(whole), await atProbe(good)]).toEqual([
      expect.stringMatching(/^401 .*revoked/),
      200,
    ]);
    const reason = { reason: 'It writes too much.' };
    await owner('POST', '/agents/default/triage/suspend', reason);
    await forget();
    expect(await atProbe(good)).toMatch(/^403 .*It writes too much/);
    expect(await atProbe(person)).toBe(200);
    await owner('POST', '/agents/default/triage/resume', reason);
    await forget();
    expect(await atProbe(good)).toBe(200);
  });

  it('leaves the tasks of plugins to services', async () => {
    const { token } = await client();
    const path = TRIGGER.replace(':id', 'clean');
    const trigger = async (bearer: string, at = path) => {
      const { status } = await fetch(`${portal.url}/api/door${at}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${bearer}` },
      });
      return status;
    };
    expect(await trigger(person)).toBe(403);
    expect(await trigger(person, path.toUpperCase())).toBe(403);
    expect(await trigger(await token())).toBe(403);
    expect(await trigger(await ownToken())).toBe(200);
  });

  it('is not what somebody made of a token for another plugin', async () => {
    const { token, introspect } = await client();
    const narrow = await token({ resource: `${portal.url}/api/door` });
    expect(await introspect(narrow)).toMatchObject({
      active: true,
      aud: 'door',
    });
    const [header, , signature] = narrow.split('.');
    const claims = Buffer.from(
      JSON.stringify({ ...decodeJwt(narrow), aud: 'models' }),
    ).toString('base64url');
    for (const forged of ['AAAA', signature]) {
      expect(await introspect([header, claims, forged].join('.'))).toEqual({
        active: false,
      });
    }
  });

  it.each(['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'])(
    'takes assertions of a key of %s, and says what is wrong with a broken one',
    async alg => {
      const { publicKey, privateKey } = await generateKeyPair(alg, {
        extractable: true,
      });
      const { credential } = await owner(
        'POST',
        '/agents/default/triage/credentials',
        { title: alg, jwk: await exportJWK(publicKey) },
      );
      const assertion = await new SignJWT({ jti: alg })
        .setProtectedHeader({ alg, kid: credential.id })
        .setIssuer(TRIAGE)
        .setSubject(TRIAGE)
        .setAudience(portal.issuer)
        .setExpirationTime('1m')
        .sign(privateKey);
      const grant = (shown: string) =>
        send('/token', {
          grant_type: 'client_credentials',
          client_assertion_type: ASSERTION,
          client_assertion: shown,
        });
      expect(
        await grant(['!!!', ...assertion.split('.').slice(1)].join('.')),
      ).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
      expect((await grant(assertion)).status).toBe(200);
    },
  );

  it('is what another agent of the name got, whose file was elsewhere', async () => {
    const old = await client();
    const whole = await old.token();
    const narrow = await old.token({ resource: `${portal.url}/api/door` });
    expect([await atDoor(whole), await atDoor(narrow)]).toEqual([200, 200]);
    triage.metadata.annotations = {
      'backstage.io/managed-by-origin-location': 'url:https://evil.test/a',
    };
    await forget();
    expect([await atDoor(whole), await atDoor(narrow)]).toEqual([401, 401]);
    const next = await client();
    expect(await atDoor(await next.token())).toBe(200);
    expect(await next.introspect(whole)).toEqual({ active: false });
  });
});
