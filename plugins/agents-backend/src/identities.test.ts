import type { NewDelegation } from '@agentportal/plugin-agents-common';
import { passTime } from '@agentportal/plugin-agents-node/testUtils';
import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import { randomUUID } from 'node:crypto';
import { agent, later, person, startPortal } from './__testUtils__/portal';
import { mintSecret } from './credentials/secrets';
import { MIGRATIONS_DIRECTORY } from './store/openDatabase';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const DANA = 'user:default/dana';
const DESK = 'agent:default/desk';
const ENTITIES = [
  agent('desk', {
    handoffs: ['fraud', 'draft'],
    autonomy: 'autopilot',
    dataClassification: 'confidential',
  }),
  agent('fraud', { handoffs: ['desk'] }),
  agent('draft', { lifecycle: 'experimental', owner: 'group:default/orders' }),
  agent('nightly', { identity: 'own' }),
  agent('old', { lifecycle: 'retired' }),
  agent('odd', { owner: 'not:a:ref/at/all' }),
  person('dana', 'care'),
  person('otto', 'orders'),
];

describe.each(databases.eachSupportedId())('identities on %s', databaseId => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  let run: ReturnType<typeof portal.as>;

  beforeAll(async () => {
    portal = await startPortal({
      knex: await databases.init(databaseId),
      entities: ENTITIES,
    });
    run = portal.as('plugin:orchestration');
  });

  afterAll(() => portal?.stop());

  afterEach(() => {
    portal.setEntities(ENTITIES);
    portal.setCatalogIsAway(false);
  });

  const delegate = (more: Partial<NewDelegation> = {}) =>
    run.client.createDelegation(
      {
        agentRef: DESK,
        personRef: DANA,
        startedBy: DANA,
        taskId: 'run-1',
        ...(!more.parentId && { expiresAt: later() }),
        ...more,
      },
      run.by,
    );
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no refusal',
      error => `${error.statusCode} ${error.cause?.message}`,
    );
  const resolve = (ref: string) =>
    portal.identities.resolve(mockCredentials.user(ref));
  /** What is remembered at the doors is two seconds old at most. */
  const forget = () => passTime(2_050);

  it('is built and taken down by its migrations', async () => {
    const knex = await databases.init(databaseId);
    const migrations = { directory: MIGRATIONS_DIRECTORY };
    await knex.migrate.latest(migrations);
    await knex.migrate.rollback(migrations, true);
    expect(await knex.schema.hasTable('agent_delegations')).toBe(false);
    await knex.migrate.latest(migrations);
    expect(await knex.schema.hasTable('agent_delegations')).toBe(true);
  });

  it('answers plugins of the portal only', async () => {
    const others = [
      portal.as('external:ci'),
      portal.as('plugin:tools'),
      { ...run, by: { token: mockCredentials.user.token(DANA) } },
      {
        ...run,
        by: {
          token: mockCredentials.service.token({
            onBehalfOf: mockCredentials.user(DANA),
            targetPluginId: 'agents',
          }),
        },
      },
    ];
    for (const { client, by } of others) {
      expect(
        await refusal(
          client.createDelegation(
            {
              agentRef: DESK,
              startedBy: DANA,
              taskId: '1',
              expiresAt: later(),
            },
            by,
          ),
        ),
      ).toMatch(/^403 This is for plugins/);
    }
    const tools = portal.as('plugin:tools');
    expect(await tools.client.queryIdentities([DESK], tools.by)).toHaveLength(
      1,
    );
    const ci = portal.as('external:ci');
    expect(await refusal(ci.client.queryIdentities([DESK], ci.by))).toMatch(
      /^403/,
    );
    expect(
      await refusal(
        run.client.revokeToken({ jti: 'x', expiresAt: later() }, run.by),
      ),
    ).toMatch(/^403/);
  });

  it('lets an agent act for a person, and says everything about it', async () => {
    const { id, ref, createdAt } = await delegate({
      sessionId: 'thread-1',
      tools: ['orders.find_order'],
      autonomy: 'copilot',
    });
    expect(ref).toBe(`delegation:default/${id}`);
    expect(await resolve(ref)).toMatchObject({
      type: 'agent',
      agentRef: DESK,
      personRef: DANA,
      agent: {
        title: 'The desk',
        ownerRef: 'group:default/care',
        autonomy: 'autopilot',
        lifecycle: 'production',
        tools: ['tool:default/orders.find_order'],
        grants: [],
      },
      delegation: {
        id,
        taskId: 'run-1',
        sessionId: 'thread-1',
        startedBy: DANA,
        chain: [DESK],
        autonomy: 'copilot',
        tools: ['tool:default/orders.find_order'],
        dataClass: 'confidential',
        createdAt,
        state: 'active',
      },
    });
  });

  it('tells people, services and nobody as they are', async () => {
    expect(await resolve(DANA)).toEqual({ type: 'person', personRef: DANA });
    expect(
      await portal.identities.resolve(
        mockCredentials.user(DANA, { actor: { subject: 'plugin:tools' } }),
      ),
    ).toEqual({ type: 'person', personRef: DANA, actor: 'plugin:tools' });
    expect(
      await portal.identities.resolve(mockCredentials.service('external:ci')),
    ).toEqual({ type: 'service', subject: 'external:ci' });
    expect(await portal.identities.resolve(mockCredentials.none())).toEqual({
      type: 'none',
    });
  });

  it('lets only agents with an identity of their own act without a person', async () => {
    expect(await resolve('agent:default/nightly')).toMatchObject({
      type: 'agent',
      agentRef: 'agent:default/nightly',
      agent: { identity: 'own' },
    });
    await expect(resolve(DESK)).rejects.toThrow(
      /The desk acts only for a person/,
    );
    expect(await refusal(delegate({ personRef: undefined }))).toMatch(
      /^403 The desk acts only for a person/,
    );
    const alone = await delegate({
      agentRef: 'agent:default/nightly',
      personRef: undefined,
      startedBy: 'plugin:scheduler',
    });
    expect(alone.personRef).toBeUndefined();
    // Whoever has an identity of its own may work for people too, and is held to them.
    const forDana = await delegate({ agentRef: 'agent:default/nightly' });
    expect(await resolve(forDana.ref)).toMatchObject({ personRef: DANA });
  });

  it('keeps the identity with which an agent acted first', async () => {
    await delegate({ agentRef: 'agent:default/fraud' });
    portal.setEntities([agent('fraud', { identity: 'own' })]);
    expect(await refusal(delegate({ agentRef: 'fraud' }))).toMatch(
      /^403 The fraud has acted with spec.identity person, and says own now/,
    );
  });

  it('lets only owners use what is experimental', async () => {
    const draft = { agentRef: 'agent:default/draft' };
    expect(await refusal(delegate(draft))).toBe(
      '403 The draft is experimental, so only its owner group:default/orders may use it, and user:default/dana does not belong to it. Ask the owner to bring it into production.',
    );
    const { ref } = await delegate({
      ...draft,
      personRef: 'user:default/otto',
    });
    expect(await resolve(ref)).toMatchObject({ type: 'agent' });
    portal.setEntities([...ENTITIES.slice(0, -1), person('otto')]);
    forget();
    await expect(resolve(ref)).rejects.toThrow(/only its owner/);
  });

  it.each([
    ['agent:default/old', /^403 The old is retired/],
    ['agent:default/none', /^403 The catalog has no agent:default\/none/],
    ['agent:default/odd', /^403 The catalog has no agent:default\/odd/],
    [
      'group:default/care',
      /^400 agentRef must be the ref of an entity of kind Agent/,
    ],
    ['agent:a/b/c:d', /^40[03] /],
  ])('refuses %s', async (agentRef, message) => {
    expect(await refusal(delegate({ agentRef }))).toMatch(message);
  });

  it('hands work on only within what was delegated', async () => {
    const parent = await delegate({
      tools: ['orders.find_order'],
      autonomy: 'copilot',
      sessionId: 'thread-1',
      expiresAt: later(60_000),
    });
    const child = (more: Partial<NewDelegation> = {}) =>
      delegate({
        agentRef: 'agent:default/fraud',
        personRef: undefined,
        parentId: parent.id,
        ...more,
      });
    const taken = await child();
    expect(taken).toMatchObject({
      personRef: DANA,
      sessionId: 'thread-1',
      parentId: parent.id,
      chain: [DESK, 'agent:default/fraud'],
      autonomy: 'copilot',
      tools: ['tool:default/orders.find_order'],
      // What it is taken on for is confidential, and it is not itself.
      dataClass: 'internal',
      expiresAt: parent.expiresAt,
    });
    await portal.knex('agent_grants').insert(
      [
        [DESK, 'catalog.entity.refresh'],
        ['agent:default/fraud', 'catalog.entity.refresh'],
        ['agent:default/fraud', 'catalog.entity.delete'],
      ].map(([agent_ref, permission]) => ({
        id: randomUUID(),
        agent_ref,
        permission,
        reason: 'For a test',
        granted_by: DANA,
        created_at: Date.now(),
      })),
    );
    const alone = await delegate({ agentRef: 'agent:default/fraud' });
    expect(alone.agent.grants).toHaveLength(2);
    const [handedOn] = await run.client.queryDelegations([taken.id], run.by);
    expect(handedOn.agent.grants).toEqual(['catalog.entity.refresh']);
    const wider: Array<[Partial<NewDelegation>, RegExp]> = [
      [{ autonomy: 'autopilot' }, /it would be on autopilot/],
      [{ tools: ['orders.refund'] }, /orders.refund is not among its tools/],
      [
        { personRef: 'user:default/otto' },
        /it would be for user:default\/otto/,
      ],
      [{ dataClass: 'restricted' }, /it would see restricted data/],
      [{ expiresAt: later() }, /it would last until/],
      [{ agentRef: 'agent:default/nightly' }, /may not hand work to/],
      [{ parentId: randomUUID() }, /There is no delegation/],
    ];
    for (const [more, message] of wider) {
      expect(await refusal(child(more))).toMatch(message);
    }
  });

  it('ends what came of a delegation with it, also what comes too late', async () => {
    const parent = await delegate();
    const child = await delegate({
      agentRef: 'agent:default/fraud',
      parentId: parent.id,
    });
    const grandchild = await delegate({
      agentRef: DESK,
      parentId: child.id,
    });
    await run.client.endDelegation(child.id, 'Dana stopped it.', run.by);
    const states = await run.client.queryDelegations(
      [parent.id, child.id, grandchild.id, randomUUID()],
      run.by,
    );
    expect(
      Object.fromEntries(states.map(each => [each.id, each.state])),
    ).toEqual({
      [parent.id]: 'active',
      [child.id]: 'ended',
      [grandchild.id]: 'ended',
    });
    await expect(resolve(grandchild.ref)).rejects.toThrow('Dana stopped it.');
    expect(await refusal(delegate({ parentId: child.id }))).toMatch(
      /^403 The work that this one would be part of is ended/,
    );
    expect(
      await refusal(run.client.endDelegation(randomUUID(), 'x', run.by)),
    ).toMatch(/^404/);
  });

  it('stops the whole chain when one of its agents may not act any more', async () => {
    const parent = await delegate();
    const child = await delegate({
      agentRef: 'agent:default/fraud',
      parentId: parent.id,
    });
    portal.setEntities([
      agent('desk', { lifecycle: 'suspended', handoffs: ['fraud'] }),
      ...ENTITIES.slice(1),
    ]);
    await expect(resolve(child.ref)).rejects.toThrow(
      'The desk is suspended, so it may not act.',
    );
  });

  it('forgets a delegation whose time is over, and one under another name', async () => {
    const { id, ref } = await delegate({ expiresAt: later(400) });
    await expect(resolve(`delegation:other/${id}`)).rejects.toThrow(
      /There is no delegation:other/,
    );
    await new Promise(done => setTimeout(done, 450));
    forget();
    await expect(resolve(ref)).rejects.toThrow(/was over at/);
    await expect(resolve(`delegation:default/${randomUUID()}`)).rejects.toThrow(
      /There is no delegation:default/,
    );
  });

  it('lists the others when one agent cannot be read', async () => {
    const get = async (path: string) => {
      const response = await fetch(`${portal.url}/agents${path}`, {
        headers: { authorization: mockCredentials.user.header(DANA) },
      });
      return { status: response.status, body: await response.json() };
    };
    const { status, body } = await get('');
    expect(status).toBe(200);
    const names = body.items.map(({ name }: { name: string }) => name);
    expect(names).toContain('desk');
    expect(names).not.toContain('odd');
    expect((await get('/default/odd')).status).toBe(404);
  });

  it('says that it does not know rather than yes or no', async () => {
    const { ref } = await delegate();
    forget();
    portal.setCatalogIsAway(true);
    await expect(resolve(ref)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
    });
    expect(await refusal(delegate())).toMatch(/^503 The catalog does not/);
    portal.setCatalogIsAway(false);
    expect(await resolve(ref)).toMatchObject({ type: 'agent' });
  });

  it('tells streams within three seconds', async () => {
    const { id, ref } = await delegate();
    const credentials = mockCredentials.user(ref);
    await portal.identities.resolve(credentials);
    let began = 0;
    const ended = new Promise<Error>(onEnd =>
      portal.identities.watch(credentials, onEnd),
    );
    const never = jest.fn();
    const stopPerson = portal.identities.watch(
      mockCredentials.user(DANA),
      never,
    );
    await new Promise(done => setTimeout(done, 1_500));
    began = Date.now();
    await run.client.endDelegation(id, 'Stopped.', run.by);
    expect((await ended).message).toBe('Stopped.');
    expect(Date.now() - began).toBeLessThan(3_000);
    stopPerson();
    expect(never).not.toHaveBeenCalled();
  });

  it('knows a secret from a wrong one, an old one and one of another', async () => {
    const auth = portal.as('plugin:auth');
    const check = (clientId: string, secret: string) =>
      auth.client.authenticateCredential({ clientId, secret }, auth.by);
    const write = async (more: object = {}) => {
      const id = randomUUID();
      const secret = mintSecret(id);
      await portal.knex('agent_credentials').insert({
        id,
        agent_ref: DESK,
        kind: 'secret',
        title: 'CI',
        secret_hash: secret.digest,
        ending: secret.ending,
        created_by: DANA,
        created_at: Date.now(),
        expires_at: Date.now() + 60_000,
        ...more,
      });
      return { id, text: secret.text };
    };
    const good = await write();
    expect(await check(DESK, good.text)).toEqual({
      result: 'ok',
      agentRef: DESK,
      credentialId: good.id,
    });
    const used = await portal
      .knex('agent_credentials')
      .where('id', good.id)
      .first();
    expect(Number(used.last_used_at)).toBeGreaterThan(Date.now() - 10_000);
    const refused = { result: 'refused' };
    expect(await check('agent:default/fraud', good.text)).toMatchObject(
      refused,
    );
    expect(await check(DESK, `${good.text}0`)).toMatchObject(refused);
    expect(await check(DESK, mintSecret(good.id).text)).toMatchObject(refused);
    expect(
      await check(DESK, (await write({ expires_at: Date.now() })).text),
    ).toMatchObject({ reason: expect.stringMatching(/expired on/) });
    expect(
      await check(DESK, (await write({ revoked_at: Date.now() })).text),
    ).toMatchObject({ reason: expect.stringMatching(/was revoked on/) });
    // Whoever guesses costs the catalog nothing, is turned away, and locks nobody out.
    portal.setCatalogIsAway(true);
    for (let i = 0; i < 12; i++) {
      await check(DESK, 'wrong');
    }
    expect(await check(DESK, 'wrong')).toMatchObject({
      result: 'throttled',
      retryAfterSeconds: expect.any(Number),
    });
    portal.setCatalogIsAway(false);
    expect(await check(DESK, good.text)).toMatchObject({ result: 'ok' });
  });

  it('begins no work for a credential that is revoked meanwhile', async () => {
    const id = randomUUID();
    const credentials = () => portal.knex('agent_credentials').where({ id });
    await portal.knex('agent_credentials').insert({
      id,
      agent_ref: DESK,
      kind: 'secret',
      title: 'CI',
      created_by: DANA,
      created_at: Date.now(),
      expires_at: Date.now() + 60_000,
    });
    const { ref } = await delegate({ credentialId: id });
    expect(await resolve(ref)).toMatchObject({ type: 'agent' });
    await credentials().update({ revoked_at: Date.now() });
    expect(await refusal(delegate({ credentialId: id }))).toMatch(
      /^403 The credential that asks for the work was revoked/,
    );
    const revoked = async () => {
      const [identity] = await run.client.queryIdentities([DESK], run.by);
      return identity.revokedCredentials?.map(each => each.id) ?? [];
    };
    expect(await revoked()).toContain(id);
    // No token of it can be in use any more.
    await credentials().update({ revoked_at: Date.now() - 3_600_000 });
    expect(await revoked()).not.toContain(id);
  });

  it('ends what an agent of before began when its name is taken by another file', async () => {
    const parent = await delegate();
    const child = await delegate({
      agentRef: 'agent:default/fraud',
      parentId: parent.id,
    });
    expect(await resolve(child.ref)).toMatchObject({ type: 'agent' });
    const [desk, ...others] = ENTITIES;
    const annotations = {
      'backstage.io/managed-by-origin-location': 'url:https://evil.test/a',
    };
    portal.setEntities([
      { ...desk, metadata: { ...desk.metadata, annotations } },
      ...others,
    ]);
    forget();
    for (const { ref } of [parent, child]) {
      await expect(resolve(ref)).rejects.toThrow(
        /The work was for another agent:default\/desk, whose file was elsewhere/,
      );
    }
    expect(await refusal(delegate({ parentId: parent.id }))).toMatch(/^403/);
    const anew = await delegate();
    expect(await resolve(anew.ref)).toMatchObject({ type: 'agent' });
    // Nobody knows of rows that are older than this where their agents came from.
    await portal
      .knex('agent_delegations')
      .whereIn('id', [parent.id, child.id])
      .update({ origin: null });
    forget();
    expect(await resolve(child.ref)).toMatchObject({ type: 'agent' });
  });

  it('asks no database for a client that can be no agent', async () => {
    const auth = portal.as('plugin:auth');
    expect(
      await auth.client.authenticateCredential(
        { clientId: 'agent:default/a\u0000b', secret: 'x' },
        auth.by,
      ),
    ).toMatchObject({ result: 'refused' });
  });

  it('remembers revoked tokens', async () => {
    const auth = portal.as('plugin:auth');
    const jti = randomUUID();
    await auth.client.revokeToken({ jti, expiresAt: later() }, auth.by);
    await auth.client.revokeToken({ jti, expiresAt: later() }, auth.by);
    expect(await run.client.queryRevokedTokens([jti, 'other'], run.by)).toEqual(
      [jti],
    );
  });
});
