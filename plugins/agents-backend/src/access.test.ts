import {
  agentsAccessReadPermission,
  agentsAgentSuspendPermission,
  agentsAgentUpdatePermission,
  agentsCredentialManagePermission,
  agentsGrantManagePermission,
  AgentsClient,
} from '@agentportal/plugin-agents-common';
import type { Rule } from '@agentportal/agent-rules';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import git from 'isomorphic-git';
import { agent, later, person, startPortal } from './__testUtils__/portal';
import { StateStore } from './identities/StateStore';
import { RuleStore } from './rules/RuleStore';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

const DANA = 'user:default/dana';
const ADA = 'user:default/ada';
const OMAR = 'user:default/omar';
const EVE = 'user:default/eve';
const DESK = 'agent:default/desk';
const ENTITIES = [
  agent('desk', {
    handoffs: ['fraud'],
    tools: ['orders.find_order', 'orders.wipe', 'orders.gone'],
    dataClassification: 'internal',
  }),
  agent('fraud', { owner: 'group:default/orders' }),
  person('dana', 'care'),
  person('ada'),
  person('new'),
  ...(['find_order:read', 'wipe:critical'] as const).map(tool => {
    const [name, riskTier] = tool.split(':');
    return {
      apiVersion: 'agentportal.dev/v1alpha1',
      kind: 'Tool',
      metadata: { name: `orders.${name}`, namespace: 'default' },
      spec: { type: 'mcp', riskTier },
    };
  }),
];

/** As the portal's own policy decides: Dana owns, Ada answers, Omar runs the portal. */
function decide(name: string, { principal }: BackstageCredentials) {
  const user = (principal as { userEntityRef?: string }).userEntityRef;
  const when = (rule: string, params: object): PolicyDecision =>
    ({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'agents',
      resourceType: 'agents-agent',
      conditions: { rule, resourceType: 'agents-agent', params },
    } as PolicyDecision);
  const owns = when('IS_AGENT_OWNER', { claims: ['group:default/care'] });
  const answers = when('IS_AGENT_SPONSOR', { userRefs: [user] });
  const rights: Record<string, Record<string, PolicyDecision>> = {
    [DANA]: {
      [agentsAccessReadPermission.name]: owns,
      [agentsCredentialManagePermission.name]: owns,
      [agentsAgentSuspendPermission.name]: owns,
      [agentsAgentUpdatePermission.name]: owns,
    },
    [ADA]: {
      [agentsAccessReadPermission.name]: answers,
      [agentsAgentSuspendPermission.name]: answers,
    },
    'user:default/new': { [agentsAgentSuspendPermission.name]: answers },
  };
  if (user === OMAR || name === 'catalog.entity.read') {
    return { result: AuthorizeResult.ALLOW } as PolicyDecision;
  }
  return rights[user ?? '']?.[name] ?? { result: AuthorizeResult.DENY };
}

describe.each(databases.eachSupportedId())('access on %s', databaseId => {
  let portal: Awaited<ReturnType<typeof startPortal>>;
  const auditor = mockServices.auditor.mock();
  const success = jest.fn();
  const fail = jest.fn();
  const actions = actionsRegistryServiceMock();
  let repositories: string;

  beforeAll(async () => {
    auditor.createEvent.mockImplementation(async () => ({ success, fail }));
    repositories = await mkdtemp(join(tmpdir(), 'agent-settings-'));
    portal = await startPortal({
      knex: await databases.init(databaseId),
      entities: ENTITIES,
      config: {
        clearance: { public: ['temps'] },
        localRepositories: { path: repositories },
      },
      features: [
        auditor.factory,
        createServiceFactory({
          service: actionsRegistryServiceRef,
          deps: {},
          factory: () => actions,
        }),
        createServiceFactory({
          service: coreServices.permissions,
          deps: {},
          factory: () => ({
            authorize: async requests =>
              requests.map(() => ({ result: AuthorizeResult.ALLOW })),
            authorizeConditional: async (requests, { credentials }) =>
              requests.map(({ permission }) =>
                decide(permission.name, credentials),
              ),
          }),
        }),
      ],
    });
  });

  afterAll(async () => {
    await portal?.stop();
    await rm(repositories, { recursive: true, force: true });
  });

  afterEach(() => jest.clearAllMocks());

  const as = (user: string) =>
    new AgentsClient({
      discoveryApi: { getBaseUrl: async () => portal.url },
      fetchApi: {
        fetch: (input, init) => {
          const headers = new Headers(init?.headers);
          headers.set('authorization', mockCredentials.user.header(user));
          return fetch(input, { ...init, headers });
        },
      },
    });
  const refusal = (promise: Promise<unknown>) =>
    promise.then(
      () => 'no refusal',
      error => `${error.statusCode} ${error.cause?.message}`,
    );
  const check = (secret: string) => {
    const { client, by } = portal.as('plugin:auth');
    return client.authenticateCredential({ clientId: DESK, secret }, by);
  };
  const desk = ['default', 'desk'] as const;

  it('shows a secret once, keeps a digest, and rotates with overlap', async () => {
    const dana = as(DANA);
    const { credential, secret } = await dana.createCredential(...desk, {
      title: 'Nightly report',
    });
    expect(secret).toMatch(/^apa_[0-9a-f]{32}_[\w-]{43}_[0-9a-f]{8}$/);
    expect(credential).toMatchObject({
      kind: 'secret',
      state: 'active',
      title: 'Nightly report',
      createdBy: DANA,
      ending: secret!.slice(-4),
    });
    const days =
      (Date.parse(credential.expiresAt) - Date.parse(credential.createdAt)) /
      86_400_000;
    expect(days).toBe(90);
    expect(await check(secret!)).toMatchObject({ result: 'ok' });
    const stored = JSON.stringify(await portal.knex('agent_credentials'));
    expect(stored).not.toContain(secret!.slice(37, -9));

    const next = await dana.rotateCredential(...desk, credential.id);
    expect(await check(secret!)).toMatchObject({ result: 'ok' });
    expect(await check(next.secret!)).toMatchObject({
      credentialId: next.credential.id,
    });
    const { items } = await dana.listCredentials(...desk);
    const old = items.find(({ id }) => id === credential.id)!;
    expect(old).toMatchObject({
      state: 'replaced',
      replacedById: next.credential.id,
      lastUsedAt: expect.any(String),
    });
    expect(Date.parse(old.expiresAt)).toBeLessThanOrEqual(
      Date.now() + 86_400_000,
    );
    expect(JSON.stringify(items)).not.toContain('apa_');
    expect(
      await refusal(dana.rotateCredential(...desk, credential.id)),
    ).toMatch(/^409 The credential is replaced/);
    // Two people at once: one of them gets the next secret.
    const both = await Promise.all(
      [1, 2].map(() =>
        refusal(dana.rotateCredential(...desk, next.credential.id)),
      ),
    );
    expect(both.sort()).toEqual([
      expect.stringMatching(/^409 The credential (was|is) r/),
      'no refusal',
    ]);
  });

  it('makes a revoked credential bad at once, with what its holder was delegated', async () => {
    const { credential, secret } = await as(DANA).createCredential(...desk, {
      title: 'Leaked',
    });
    const { client, by } = portal.as('plugin:auth');
    const { id } = await client.createDelegation(
      {
        agentRef: DESK,
        personRef: DANA,
        startedBy: DANA,
        taskId: 'exchange',
        credentialId: credential.id,
        expiresAt: later(),
      },
      by,
    );
    await as(DANA).revokeCredential(...desk, credential.id);
    expect(await check(secret!)).toMatchObject({
      result: 'refused',
      reason: expect.stringMatching(/was revoked/),
    });
    expect(await client.queryDelegations([id], by)).toMatchObject([
      { state: 'ended', reason: expect.stringMatching(/revoked/) },
    ]);
    expect(
      await refusal(
        as(OMAR).revokeCredential('default', 'fraud', credential.id),
      ),
    ).toMatch(/^404 agent:default\/fraud has no credential/);
  });

  it('takes public keys, and no private or weak ones', async () => {
    const dana = as(DANA);
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const send = (key: ReturnType<typeof generateKeyPairSync>['publicKey']) =>
      dana.createCredential(...desk, {
        title: 'Service',
        jwk: {
          ...(key as typeof pair.publicKey).export({ format: 'jwk' }),
        } as { kty: string },
      });
    expect(await refusal(send(pair.privateKey as never))).toMatch(
      /^400 This key has private parts/,
    );
    expect(
      await refusal(
        send(
          generateKeyPairSync('rsa', { modulusLength: 1_024 })
            .publicKey as never,
        ),
      ),
    ).toMatch(/^400 An RSA key of 1024 bits is too short/);
    // What anybody signs fits such a key.
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    expect(
      await refusal(
        dana.createCredential(...desk, {
          title: 'x',
          jwk: {
            ...rsa.publicKey.export({ format: 'jwk' }),
            e: 'AQ',
          } as { kty: string },
        }),
      ),
    ).toMatch(/^400 The exponent of this RSA key/);
    expect(
      await refusal(
        dana.createCredential(...desk, { title: 'x', jwk: { kty: 'oct' } }),
      ),
    ).toMatch(/^400 jwk is no public key/);
    const { credential, secret } = await send(pair.publicKey as never);
    expect(secret).toBeUndefined();
    const { client, by } = portal.as('plugin:auth');
    expect(
      await client.authenticateCredential(
        { clientId: DESK, keyIds: [credential.keyId!] },
        by,
      ),
    ).toMatchObject({
      result: 'ok',
      keys: [{ credentialId: credential.id, jwk: { kid: credential.keyId } }],
    });
    expect(await refusal(send(pair.publicKey as never))).toMatch(
      /^409 .* has a key with the id/,
    );
    await client.noteCredentialUse(credential.id, by);
    const next = generateKeyPairSync('ed25519').publicKey.export({
      format: 'jwk',
    });
    expect(
      await refusal(dana.rotateCredential(...desk, credential.id)),
    ).toMatch(/^400 The credential is a public key/);
    await dana.rotateCredential(...desk, credential.id, {
      jwk: next as { kty: string },
    });
    expect(
      await client.authenticateCredential({ clientId: DESK, keyIds: [] }, by),
    ).toMatchObject({ keys: [{}, {}] });
  });

  it('stops an agent at its doors, and tells who did it until it is resumed', async () => {
    const { client, by } = portal.as('plugin:orchestration');
    const { ref } = await client.createDelegation(
      {
        agentRef: DESK,
        personRef: DANA,
        startedBy: DANA,
        taskId: 'run-1',
        expiresAt: later(),
      },
      by,
    );
    const credentials = mockCredentials.user(ref);
    await portal.identities.resolve(credentials);
    const stopped = await as(ADA).suspendAgent(...desk, 'It refunds twice.');
    expect(stopped).toMatchObject({ state: 'suspended' });
    await as(DANA).suspendAgent(...desk, 'Me too.');
    await new Promise(done => setTimeout(done, 2_050));
    await expect(portal.identities.resolve(credentials)).rejects.toThrow(
      /The desk was suspended by user:default\/ada on .*: It refunds twice\./,
    );
    expect(await as(DANA).getAccess(...desk)).toMatchObject({
      suspended: { by: ADA, reason: 'It refunds twice.' },
      agent: { state: 'suspended' },
    });
    expect(
      await as(ADA).resumeAgent(...desk, { reason: 'Mended.' }),
    ).toMatchObject({ state: 'active' });
    await new Promise(done => setTimeout(done, 2_050));
    expect(await portal.identities.resolve(credentials)).toMatchObject({
      agentRef: DESK,
    });
  });

  it('goes on by whoever stopped it or by an administrator, and by nobody else', async () => {
    const resume = (user: string) =>
      as(user).resumeAgent(...desk, { reason: 'Mended.' });
    const canResume = async (user: string) =>
      (await as(user).getAccess(...desk)).canManage.suspension;
    await as(OMAR).suspendAgent(...desk, 'It leaks.');
    expect(await refusal(resume(DANA))).toMatch(
      /^403 .*suspended by user:default\/omar, so they or an administrator .*It leaks\./,
    );
    expect([await canResume(DANA), await canResume(OMAR)]).toEqual([
      false,
      true,
    ]);
    expect(await resume(OMAR)).toMatchObject({ state: 'active' });
    await as(DANA).suspendAgent(...desk, 'Wait.');
    expect([
      await canResume(DANA),
      await canResume(ADA),
      await canResume(OMAR),
    ]).toEqual([true, false, true]);
    expect(await resume(DANA)).toMatchObject({ state: 'active' });
  });

  it('stays stopped by whoever stopped it while another let it go on', async () => {
    const states = new StateStore(portal.knex);
    const read = async () => (await states.byRefs([DESK])).get(DESK);
    await states.suspend(DESK, { by: DANA, reason: 'First.' }, 1);
    const seen = await read();
    const resumed = { suspended_at: null, suspended_by: null };
    expect(await states.resume(DESK, seen, resumed)).toBe(true);
    await states.suspend(DESK, { by: OMAR, reason: 'Second.' }, 2);
    expect(await states.resume(DESK, seen, resumed)).toBe(false);
    expect(await read()).toMatchObject({ suspended_by: OMAR });
    expect(await states.resume(DESK, await read(), resumed)).toBe(true);
  });

  it('takes no time and no text that cannot be kept', async () => {
    const permission = 'catalog.location.read';
    const rows = () => portal.knex('agent_grants').where({ reason: 'So.' });
    for (const expiresAt of ['2126-19-39T00:00:00Z', '2126-02-30T99:00:00Z']) {
      expect(
        await refusal(
          as(OMAR).grantPermission(...desk, {
            permission,
            reason: 'So.',
            expiresAt,
          }),
        ),
      ).toMatch(/^400/);
      expect(
        await refusal(
          as(DANA).createCredential(...desk, { title: 'x', expiresAt }),
        ),
      ).toMatch(/^400/);
    }
    expect(await rows()).toEqual([]);
    expect(
      await refusal(as(DANA).suspendAgent(...desk, 'Pasted \u0000.')),
    ).toMatch(/^400/);
    expect(
      await refusal(as(DANA).createCredential(...desk, { title: 'a\u0000' })),
    ).toMatch(/^400/);
    expect(await refusal(as(DANA).getAccess('default', 'a\u0000b'))).toMatch(
      /^4/,
    );
  });

  it('gives permissions for a time, which an owner may take back', async () => {
    const permission = 'catalog.location.read';
    const granted = await as(OMAR).grantPermission(...desk, {
      permission,
      reason: 'It lists sources.',
      expiresAt: later(),
    });
    const grantsOf = async () => {
      const { client, by } = portal.as('plugin:permission');
      const [identity] = await client.queryIdentities([DESK], by);
      return identity.grants;
    };
    expect(await grantsOf()).toEqual([permission]);
    await portal.knex('agent_grants').insert({
      ...(await portal.knex('agent_grants').first()),
      id: 'over',
      permission: 'other',
      expires_at: Date.now() - 1,
    });
    expect(await grantsOf()).toEqual([permission]);
    expect(
      await refusal(
        as(OMAR).grantPermission(...desk, {
          permission: agentsGrantManagePermission.name,
          reason: 'Why not.',
        }),
      ),
    ).toMatch(/^400 agents.grant.manage decides about agents/);
    expect(
      await refusal(
        as(DANA).grantPermission(...desk, { permission, reason: 'Please.' }),
      ),
    ).toMatch(/^403 .*takes the permission agents.grant.manage/);
    // What no plugin asks for would be there and give nothing.
    expect(
      await refusal(
        as(OMAR).grantPermission(...desk, {
          permission: 'foo.bar',
          reason: 'Why not.',
        }),
      ),
    ).toMatch(/^400 No plugin of this portal asks for a permission foo\.bar/);
    const grantable = await as(OMAR).listGrantablePermissions(...desk);
    expect(grantable).toContainEqual({ permission, pluginId: 'catalog' });
    expect(grantable).not.toContainEqual(
      expect.objectContaining({ permission: agentsGrantManagePermission.name }),
    );
    expect(await refusal(as(DANA).listGrantablePermissions(...desk))).toMatch(
      /^403/,
    );
    await as(DANA).revokeGrant(...desk, granted.id);
    expect(await grantsOf()).toEqual([]);
    const { items } = await as(DANA).listGrants(...desk);
    expect(items.map(({ state }) => state).sort()).toEqual([
      'expired',
      'revoked',
    ]);
  });

  it('gives nothing to another agent that took the name', async () => {
    const { secret } = await as(DANA).createCredential(...desk, {
      title: 'Of the first',
    });
    const { id } = await as(OMAR).grantPermission(...desk, {
      permission: 'catalog.location.create',
      reason: 'It registers.',
    });
    const [first, ...others] = ENTITIES;
    const elsewhere = {
      ...first,
      metadata: {
        ...first.metadata,
        annotations: {
          'backstage.io/managed-by-origin-location': 'url:https://evil.test/a',
        },
      },
    };
    const { client, by } = portal.as('plugin:permission');
    const grants = async () =>
      (await client.queryIdentities([DESK], by))[0].grants;
    expect(await grants()).toContain('catalog.location.create');
    expect(await check(secret!)).toMatchObject({ result: 'ok' });
    portal.setEntities([elsewhere, ...others]);
    expect(await grants()).toEqual([]);
    expect(await check(secret!)).toMatchObject({
      result: 'refused',
      reason: expect.stringContaining('made for another agent:default/desk'),
    });
    const states = (list: { items: Array<{ state: string }> }) =>
      new Set(list.items.map(({ state }) => state));
    expect(states(await as(OMAR).listCredentials(...desk))).toContain(
      'displaced',
    );
    expect(states(await as(OMAR).listGrants(...desk))).toContain('displaced');
    portal.setEntities(ENTITIES);
    await as(OMAR).revokeGrant(...desk, id);
  });

  it('says in sentences what an agent may do, and by whose decision', async () => {
    await as(OMAR).grantPermission(...desk, {
      permission: 'catalog.entity.refresh',
      reason: 'It looks again.',
    });
    const { statements, canManage } = await as(DANA).getAccess(...desk);
    expect(canManage).toEqual({
      credentials: true,
      suspension: true,
      grants: false,
    });
    const said = statements.map(({ kind, allowed, sentence }) =>
      [kind, allowed, sentence].join(' '),
    );
    expect(said).toEqual([
      'state true The desk may act.',
      'identity false The desk acts only for a person, and within the rights of that person.',
      'people true The desk is in production: everybody who may start runs of it may use it.',
      'model true The desk uses model:default/balanced.',
      'tool true The desk declares tool:default/orders.find_order, and supervised covers read tools.',
      expect.stringMatching(
        /^tool false tool:default\/orders.wipe is critical/,
      ),
      expect.stringMatching(/^tool false .*gone, which is not in the catalog/),
      'data true The desk may see data up to internal, and for a person no more than that person may see.',
      'handoff true The desk may hand work to agent:default/fraud, which then acts with its own tools, but for the same person, on no more autonomy and data, and with no permission that this one lacks.',
      'grant true user:default/omar gave The desk the permission catalog.entity.refresh: It looks again.',
    ]);
    expect(statements.at(-1)).toMatchObject({ by: OMAR, source: 'portal' });
    expect(statements[5].approval).toMatch(
      /^With the approval of 2 of group:default\/care.*from different groups/,
    );
    expect(statements[4]).not.toHaveProperty('approval');
    expect(statements[4]).toMatchObject({
      by: 'group:default/care',
      source: 'entity',
      riskTier: 'read',
    });
  });

  it('says that it is suspended once, and of the rest what holds when it may act', async () => {
    await as(DANA).suspendAgent(...desk, 'It leaks.');
    const { statements } = await as(DANA).getAccess(...desk);
    await as(DANA).resumeAgent(...desk, { reason: 'Mended.' });
    const [state, ...rest] = statements;
    expect(state).toMatchObject({
      allowed: false,
      sentence: expect.stringMatching(/was suspended by user:default\/dana/),
      by: DANA,
      since: expect.stringMatching(/^20/),
    });
    expect(rest.filter(({ allowed }) => allowed)).toEqual([]);
    expect(rest.map(({ sentence }) => sentence).join()).not.toMatch(
      /suspended|may not act/,
    );
    expect(rest.find(({ kind }) => kind === 'model')!.sentence).toBe(
      'The desk uses model:default/balanced.',
    );
  });

  it('names the rules beside the tools that they are about', async () => {
    const rule = (id: string, toolRef: string, mode: string) => ({
      id: `portal/limits#${id}`,
      reason: `Not ${id}.`,
      mode,
      policy: {},
      toolRef,
    });
    const find = 'tool:default/orders.find_order';
    await new RuleStore(portal.knex).put(
      {
        name: 'portal/limits',
        source: 'portal',
        scope: { type: 'central' },
        mode: 'enforce',
        text: '…',
        version: 1,
        rules: [
          rule('payments', find, 'enforce'),
          rule('returns', find, 'log'),
          rule('nights', find, 'off'),
          rule('others', 'tool:default/orders.other', 'enforce'),
        ] as unknown as Rule[],
        problems: [],
        changed_at: Date.parse('2026-11-27T10:00:00Z'),
        changed_by: OMAR,
      },
      'For a test',
    );
    const { statements } = await as(DANA).getAccess(...desk);
    const by = { by: OMAR, since: '2026-11-27T10:00:00.000Z' };
    expect(statements.find(({ subject }) => subject === find)!.rules).toEqual([
      {
        ruleId: 'portal/limits#payments',
        mode: 'enforce',
        reason: 'Not payments.',
        ...by,
      },
      {
        ruleId: 'portal/limits#returns',
        mode: 'log',
        reason: 'Not returns.',
        ...by,
      },
    ]);
    await new RuleStore(portal.knex).remove(['portal/limits']);
  });

  it('pages what an agent works on now', async () => {
    const { client, by } = portal.as('plugin:orchestration');
    const tasks = ['page-1', 'page-2', 'page-3'];
    const ids: string[] = [];
    for (const taskId of tasks) {
      const { id } = await client.createDelegation(
        {
          agentRef: 'agent:default/fraud',
          personRef: DANA,
          startedBy: DANA,
          taskId,
          expiresAt: later(),
        },
        by,
      );
      ids.push(id);
    }
    await client.endDelegation(ids[1], 'Done.', by);
    const list = (cursor?: string) =>
      as(OMAR).listDelegations('default', 'fraud', { limit: 1, cursor });
    const first = await list();
    const second = await list(first.nextCursor);
    expect(
      [...first.items, ...second.items].map(each => each.taskId).sort(),
    ).toEqual(['page-1', 'page-3']);
    expect(second.nextCursor).toBeUndefined();
    expect(await refusal(list('nonsense'))).toMatch(/^400 The cursor/);
  });

  it('lets each do what they may, and says what is missing', async () => {
    const tries: Array<[string, (user: string) => Promise<unknown>, string[]]> =
      [
        ['access', user => as(user).getAccess(...desk), [DANA, ADA, OMAR]],
        ['grants', user => as(user).listGrants(...desk), [DANA, ADA, OMAR]],
        [
          'delegations',
          user => as(user).listDelegations(...desk),
          [DANA, ADA, OMAR],
        ],
        [
          'credentials',
          user => as(user).listCredentials(...desk),
          [DANA, OMAR],
        ],
        [
          'resume',
          user => as(user).resumeAgent(...desk, { reason: 'Just so.' }),
          [DANA, ADA, OMAR],
        ],
        [
          'credentials of others',
          user => as(user).listCredentials('default', 'fraud'),
          [OMAR],
        ],
      ];
    const lacking =
      /^403 You may see this agent, but not .*, which takes the permission agents\./;
    for (const [what, act, may] of tries) {
      for (const user of may) {
        expect([what, user, await refusal(act(user))]).toEqual([
          what,
          user,
          'no refusal',
        ]);
      }
      for (const user of [DANA, ADA, EVE].filter(each => !may.includes(each))) {
        expect(await refusal(act(user))).toMatch(lacking);
      }
    }
    expect(await refusal(as(OMAR).getAccess('default', 'none'))).toMatch(
      /^404/,
    );
    expect(await refusal(as(OMAR).getAccess('a b', '../c'))).toMatch(/^404/);
    expect(await refusal(as(OMAR).suspendAgent(...desk, ''))).toMatch(/^400/);
  });

  describe('settings', () => {
    const helper = ['default', 'helper'] as const;
    const FILE = `# The team's own words.
apiVersion: agentportal.dev/v1alpha1
kind: Agent
metadata:
  name: helper
  title: Helper
  description: Helps.
spec:
  type: assistant
  lifecycle: production # since spring
  owner: group:default/care
  sponsor: user:default/ada
  autonomy: copilot
  instructions:
    $text: ./instructions.md
  tools:
    - tool:default/orders.find_order
`;
    let dir: string;

    beforeEach(async () => {
      dir = join(repositories, 'helper');
      await rm(dir, { recursive: true, force: true });
      fs.mkdirSync(dir);
      await writeFile(join(dir, 'catalog-info.yaml'), FILE);
      await writeFile(join(dir, 'instructions.md'), 'You help.\n');
      await git.init({ fs, dir, defaultBranch: 'main' });
      await git.add({ fs, dir, filepath: '.' });
      await git.commit({
        fs,
        dir,
        author: { name: 'Ada', email: 'ada@example.com' },
        message: 'Create the agent helper',
      });
      const at = (file: string) => ({
        annotations: { 'backstage.io/managed-by-location': file },
      });
      const one = (name: string, file: string, owner?: string) => {
        const entity = agent(name, owner ? { owner } : {});
        return { ...entity, metadata: { ...entity.metadata, ...at(file) } };
      };
      const file = `file:${join(dir, 'catalog-info.yaml')}`;
      portal.setEntities([
        ...ENTITIES,
        one('helper', file),
        one('thief', file),
        one('remote', 'url:https://git.example.com/a/catalog-info.yaml'),
        one('outside', 'file:/etc/catalog-info.yaml'),
      ]);
    });
    afterEach(() => portal.setEntities(ENTITIES));

    it('are changed with a commit in the name of the person, and nothing else of the file', async () => {
      const dana = as(DANA);
      const before = await dana.getSettings(...helper);
      expect(before).toMatchObject({
        keptAt: 'portal',
        canChange: true,
        settings: {
          title: 'Helper',
          instructions: 'You help.\n',
          tools: ['tool:default/orders.find_order'],
          lifecycle: 'production',
        },
      });
      const after = await dana.changeSettings(...helper, {
        revision: before.revision!,
        message: 'Cheaper, and kinder',
        settings: {
          ...before.settings,
          instructions: 'You help kindly.',
          tools: [],
          monthlyBudgetUsd: 12.5,
          quotas: { maxToolCalls: 3 },
        },
      });
      expect(after.settings).toMatchObject({
        instructions: 'You help kindly.\n',
        tools: [],
        monthlyBudgetUsd: 12.5,
      });
      const text = await readFile(join(dir, 'catalog-info.yaml'), 'utf8');
      expect(text).toContain("# The team's own words.");
      expect(text).toContain('production # since spring');
      expect(text).toContain('$text: ./instructions.md');
      expect(text).toContain('agentportal.dev/monthly-budget-usd: "12.5"');
      expect(text).not.toContain('tools:');
      const status = await git.statusMatrix({ fs, dir });
      expect(status.every(row => row[2] === 1 && row[3] === 1)).toBe(true);
      expect(auditor.createEvent).toHaveBeenCalledWith(
        expect.objectContaining({
          eventId: 'agent-settings-change',
          meta: expect.objectContaining({ message: 'Cheaper, and kinder' }),
        }),
      );

      const first = await dana.listRevisions(...helper, { limit: 1 });
      expect(first.items).toMatchObject([
        {
          revision: after.revision,
          message: 'Cheaper, and kinder',
          author: DANA,
        },
      ]);
      const rest = await dana.listRevisions(...helper, {
        cursor: first.nextCursor,
      });
      expect(rest.items).toMatchObject([{ author: 'Ada' }]);
      expect(rest.nextCursor).toBeUndefined();
      const then = await dana.getSettings(...helper, {
        revision: before.revision,
      });
      expect(then.settings).toEqual(before.settings);
      await dana.changeSettings(...helper, {
        revision: after.revision!,
        message: 'Back to what it was',
        settings: then.settings,
      });
      expect(await readFile(join(dir, 'instructions.md'), 'utf8')).toBe(
        'You help.\n',
      );
    });

    it('are refused to who may not, and never taken from elsewhere', async () => {
      const { revision = '', settings } = await as(DANA).getSettings(...helper);
      const change = (user: string, more: object = {}, name = 'helper') =>
        refusal(
          as(user).changeSettings('default', name, {
            revision,
            message: 'Other',
            settings: { ...settings, description: 'Helps more.' },
            ...more,
          }),
        );
      expect(await change(ADA)).toMatch(/^403 .*agents.agent.update/);
      expect(await as(ADA).getSettings(...helper)).toMatchObject({
        canChange: false,
        why: expect.stringMatching(/owners/),
      });
      expect(await refusal(as(EVE).getSettings(...helper))).toMatch(/^403/);
      expect(await change('delegation:default/x')).toMatch(
        /^403 Agents decide/,
      );
      expect(await change(DANA, {}, 'remote')).toMatch(/^409 .*Git host/);
      expect(await change(DANA, {}, 'outside')).toMatch(/^409 .*installation/);
      // Its annotation says that it lies where another agent does.
      expect(await change(DANA, {}, 'thief')).toMatch(
        /^400 What its repository/,
      );
      expect(await change(DANA, { revision: 'a'.repeat(40) })).toMatch(
        /^409 Somebody changed/,
      );
      expect(await change(DANA, { settings })).toMatch(/^400 Nothing is diff/);
      expect(
        await change(DANA, { settings: { ...settings, tools: ['user:ada'] } }),
      ).toMatch(/^400 The agent cannot be like that/);
      expect(
        await refusal(
          as(DANA).getSettings(...helper, { revision: 'a'.repeat(40) }),
        ),
      ).toMatch(/^404 There is no revision/);
      const { commit } = await git.readCommit({ fs, dir, oid: revision });
      expect(
        await refusal(
          as(DANA).getSettings(...helper, { revision: commit.tree }),
        ),
      ).toMatch(/^404 There is no revision/);
      expect(await refusal(as(DANA).listRevisions('default', 'thief'))).toMatch(
        /^400 What its repository/,
      );

      await writeFile(join(dir, 'instructions.md'), 'Half a thought');
      expect(
        await change(DANA, { settings: { ...settings, instructions: 'Mine' } }),
      ).toMatch(/^409 instructions.md .* not committed/);
      await rm(join(dir, 'instructions.md'));
      await symlink('/etc/hostname', join(dir, 'instructions.md'));
      expect(await change(DANA)).toMatch(/^400 instructions.md is no file/);
      expect((await git.log({ fs, dir })).length).toBe(1);

      // What only the repository can mend is said, with what the catalog has.
      const why = async () => {
        const view = await as(DANA).getSettings(...helper);
        expect(view).toMatchObject({ canChange: false, keptAt: 'portal' });
        return view.why;
      };
      await rm(join(dir, 'instructions.md'));
      expect(await why()).toMatch(/^instructions.md is no file/);
      await rm(join(dir, '.git'), { recursive: true });
      expect(await why()).toMatch(/no Git repository/);
    });

    it('that were half written when the process ended are taken back', async () => {
      const { revision = '', settings } = await as(DANA).getSettings(...helper);
      await writeFile(
        join(dir, '.git', 'agent-portal-unfinished.json'),
        JSON.stringify(['instructions.md', 'catalog-info.yaml']),
      );
      await writeFile(join(dir, 'instructions.md'), 'Half a thought');
      await git.add({ fs, dir, filepath: 'instructions.md' });
      await as(DANA).changeSettings(...helper, {
        revision,
        message: 'Say what it does',
        settings: { ...settings, description: 'Helps more.' },
      });
      expect(await readFile(join(dir, 'instructions.md'), 'utf8')).toBe(
        'You help.\n',
      );
      const status = await git.statusMatrix({ fs, dir });
      expect(status.every(row => row[2] === 1 && row[3] === 1)).toBe(true);

      // A file that grows when it is read is told of, and not read.
      const bomb = `${FILE}x: &x [1]\ny: [${'*x, '.repeat(12)}]\n`;
      await writeFile(join(dir, 'catalog-info.yaml'), bomb);
      expect(await as(DANA).getSettings(...helper)).toMatchObject({
        canChange: false,
        why: expect.stringContaining('does not hold one agent'),
      });
    });

    it('of two people at once, one is told that the other was first', async () => {
      const { revision = '', settings } = await as(DANA).getSettings(...helper);
      const both = await Promise.all(
        ['one', 'two'].map(word =>
          refusal(
            as(word === 'one' ? DANA : OMAR).changeSettings(...helper, {
              revision,
              message: `As ${word}`,
              settings: { ...settings, description: `Helps as ${word}.` },
            }),
          ),
        ),
      );
      expect(both.sort()).toEqual([
        expect.stringMatching(/^409 Somebody changed/),
        'no refusal',
      ]);
      const { output } = await actions.invoke({
        id: 'test:list-agent-revisions',
        input: { agentRef: 'agent:default/helper' },
        credentials: mockCredentials.user(DANA),
      });
      expect((output as { items: unknown[] }).items).toHaveLength(2);
    });
  });

  it('refuses agents, over HTTP and as actions', async () => {
    const { client, by } = portal.as('plugin:orchestration');
    const { ref } = await client.createDelegation(
      {
        agentRef: DESK,
        personRef: OMAR,
        startedBy: OMAR,
        taskId: 'run-2',
        expiresAt: later(),
      },
      by,
    );
    for (const subject of [ref, DESK]) {
      const refused = /^403 Agents decide nothing about agents/;
      expect(await refusal(as(subject).getAccess(...desk))).toMatch(refused);
      expect(
        await refusal(as(subject).createCredential(...desk, { title: 'x' })),
      ).toMatch(refused);
      await expect(
        actions.invoke({
          id: 'test:suspend-agent',
          input: { agentRef: DESK, reason: 'Away with it.' },
          credentials: mockCredentials.user(subject),
        }),
      ).rejects.toThrow(/Agents decide nothing/);
    }
    const { output } = await actions.invoke({
      id: 'test:get-agent-access',
      input: { agentRef: DESK },
      credentials: mockCredentials.user(DANA),
    });
    expect(output).toMatchObject({ agent: { agentRef: DESK } });
  });

  it('tells the auditor what was done, and what was tried', async () => {
    const { credential } = await as(DANA).createCredential(...desk, {
      title: 'Audited',
    });
    expect(auditor.createEvent).toHaveBeenCalledWith({
      eventId: 'agent-credential-create',
      severityLevel: 'high',
      meta: { agentRef: DESK, title: 'Audited', by: DANA },
      request: expect.anything(),
    });
    expect(success).toHaveBeenCalledWith({
      meta: expect.objectContaining({ kind: 'secret' }),
    });
    await as(DANA).rotateCredential(...desk, credential.id);
    expect(success).toHaveBeenLastCalledWith({
      meta: { nextCredentialId: expect.any(String), title: 'Audited' },
    });
    await as(DANA).revokeCredential(...desk, credential.id);
    expect(success).toHaveBeenLastCalledWith({ meta: { title: 'Audited' } });
    const grant = await as(OMAR).grantPermission(...desk, {
      permission: 'catalog.location.read',
      reason: 'It reads.',
    });
    await as(OMAR).revokeGrant(...desk, grant.id);
    expect(success).toHaveBeenLastCalledWith({
      meta: { permission: 'catalog.location.read' },
    });
    expect(JSON.stringify(success.mock.calls)).not.toContain('apa_');
    await refusal(as(EVE).suspendAgent(...desk, 'Because.'));
    expect(auditor.createEvent).toHaveBeenLastCalledWith(
      expect.objectContaining({ eventId: 'agent-suspend' }),
    );
    expect(fail).toHaveBeenCalledTimes(1);
    const { client, by } = portal.as('plugin:orchestration');
    const delegation = await client.createDelegation(
      {
        agentRef: DESK,
        personRef: DANA,
        startedBy: DANA,
        taskId: 'run-3',
        expiresAt: later(),
      },
      by,
    );
    expect(auditor.createEvent).toHaveBeenLastCalledWith(
      expect.objectContaining({
        eventId: 'delegation-create',
        meta: expect.objectContaining({
          agentRef: DESK,
          personRef: DANA,
          runId: 'run-3',
          by: 'plugin:orchestration',
        }),
      }),
    );
    await client.endDelegation(delegation.id, 'Done.', by);
    expect(success).toHaveBeenLastCalledWith({
      meta: { agentRef: DESK, personRef: DANA, runId: 'run-3', chain: [DESK] },
    });
  });

  it('goes on with a new sponsor only, who must accept in person', async () => {
    const orphan = () =>
      portal
        .knex('agent_states')
        .insert({
          agent_ref: DESK,
          orphaned_since: Date.now() - 8 * 86_400_000,
          orphaned_sponsor_ref: ADA,
        })
        .onConflict('agent_ref')
        .merge();
    await orphan();
    expect((await as(OMAR).getAccess(...desk)).agent).toMatchObject({
      state: 'orphaned',
      reason: expect.stringContaining('user:default/ada left'),
    });
    const resume = (user: string, sponsorRef?: string) =>
      as(user).resumeAgent(...desk, { reason: 'I take it.', sponsorRef });
    expect(await refusal(resume(OMAR))).toMatch(/^400 user:default\/ada, who/);
    expect(await refusal(resume(OMAR, DANA))).toMatch(/^403 Only user:default/);
    expect(await refusal(resume(OMAR, OMAR))).toMatch(
      /^400 The catalog has no user:default\/omar/,
    );
    expect(await resume(DANA, DANA)).toMatchObject({
      state: 'active',
      sponsorRef: DANA,
    });
    expect(await refusal(resume(DANA, DANA))).toMatch(/^409 .*has not lost/);
    // They accepted for this agent, and not for another that takes its name.
    const annotations = {
      'backstage.io/managed-by-origin-location': 'url:https://evil.test/a',
    };
    const [first, ...others] = ENTITIES;
    portal.setEntities([
      { ...first, metadata: { ...first.metadata, annotations } },
      ...others,
    ]);
    const elsewhere = await as(OMAR).getAccess(...desk);
    expect(elsewhere.agent.sponsorRef).toBe(ADA);
    expect(elsewhere.sponsorAcceptedAt).toBeUndefined();
    // Another one whom the file names is the sponsor then, and may accept too.
    portal.setEntities([
      agent('desk', { sponsor: 'new' }),
      ...ENTITIES.slice(1),
    ]);
    await orphan();
    expect(await resume('user:default/new', 'user:default/new')).toMatchObject({
      state: 'active',
      sponsorRef: 'user:default/new',
    });
    portal.setEntities(ENTITIES);
  });
});
