import {
  AgentOwners,
  auditLogServiceRef,
} from '@agentportal/plugin-agents-node';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  ServiceFactoryTester,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { NotAllowedError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import createKnex from 'knex';
import { toNewEntry } from '../log/toNewEntry';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { auditorToAuditLog, isRecorded, toRecord } from './auditorToAuditLog';
import { EntityChanges } from './EntityChanges';

function agent(name: string, etag: string, spec: object = {}): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Agent',
    metadata: { name, namespace: 'default', uid: `uid-${name}`, etag },
    spec: { owner: 'group:default/care', autonomy: 'copilot', ...spec },
  };
}

describe('changes of entities', () => {
  it('are recorded once each, also when recording failed at first', async () => {
    const knex = createKnex({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    const recorded: AuditRecord[] = [];
    let fails = false;
    const look = async (entities: Entity[]) =>
      new EntityChanges({
        auth: mockServices.auth(),
        catalog: catalogServiceMock({ entities }),
        knex,
        record: async records => {
          if (fails) throw new Error('not now');
          recorded.push(...records);
        },
      }).look(new AbortController().signal);
    const told = () =>
      recorded
        .splice(0)
        .map(({ action, resource, data }) =>
          [action, resource, (data as any)?.changed].filter(Boolean),
        );
    const other: Entity = { ...agent('svc', '1'), kind: 'Component' };

    await look([agent('a', '1'), agent('b', '1'), other]);
    expect(told()).toEqual([
      ['entity.add', 'agent:default/a'],
      ['entity.add', 'agent:default/b'],
    ]);
    await look([agent('a', '1'), agent('b', '1')]);
    expect(told()).toEqual([]);

    // Another etag without another word is no change.
    const promoted = agent('a', '2', { autonomy: 'autopilot' });
    fails = true;
    await expect(look([promoted, agent('b', '2')])).rejects.toThrow('not now');
    fails = false;
    await look([promoted, agent('b', '2')]);
    expect(told()).toEqual([
      ['entity.change', 'agent:default/a', ['spec.autonomy']],
    ]);

    // Back and forth are changes of their own.
    const ids = new Set<string>();
    for (const entity of [agent('a', '1'), promoted, agent('a', '1')]) {
      await look([entity, agent('b', '2')]);
      recorded.splice(0).forEach(({ id }) => ids.add(id!));
    }
    expect(ids.size).toBe(3);
    await look([agent('b', '2')]);
    expect(told()).toEqual([['entity.remove', 'agent:default/a']]);
    await knex.destroy();
  });

  it('are looked for without reading whole what has not changed', async () => {
    const knex = createKnex({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    const whole: string[] = [];
    const look = async (entities: Entity[]) => {
      const catalog = catalogServiceMock({ entities });
      const query = catalog.queryEntities.bind(catalog);
      const read = catalog.getEntitiesByRefs.bind(catalog);
      catalog.queryEntities = async (request, options) => {
        expect(request?.fields).not.toContain('spec');
        return query(request, options);
      };
      catalog.getEntitiesByRefs = async (request, options) => {
        whole.push(...request.entityRefs);
        return read(request, options);
      };
      await new EntityChanges({
        auth: mockServices.auth(),
        catalog,
        knex,
        record: async () => {},
      }).look(new AbortController().signal);
      return whole.splice(0);
    };
    const both = ['agent:default/a', 'agent:default/b'];
    expect(await look([agent('a', '1'), agent('b', '1')])).toEqual(both);
    expect(await look([agent('a', '1'), agent('b', '1')])).toEqual([]);
    expect(await look([agent('a', '1'), agent('b', '2')])).toEqual([both[1]]);
    await knex.destroy();
  });
});

describe('owners of agents', () => {
  it('are known although another ref cannot be read', async () => {
    const owned = {
      ...agent('a', '1'),
      relations: [{ type: 'ownedBy', targetRef: 'group:default/care' }],
    };
    const owners = new AgentOwners({
      auth: mockServices.auth(),
      catalog: catalogServiceMock({ entities: [owned] }),
      logger: mockServices.logger.mock(),
    });
    expect(
      await owners.of([
        'agent:default/a',
        'agent:default/\u0000',
        'no ref: at/all/',
        'delegation:default/b',
      ]),
    ).toEqual(new Map([['agent:default/a', 'group:default/care']]));
  });
});

describe('an event of the auditor', () => {
  it('becomes a record, whatever it carries', () => {
    expect(
      toRecord({
        plugin: 'catalog',
        eventId: 'entity-mutate',
        severityLevel: 'medium',
        actor: { actorId: 'user:default/dana', ip: '10.0.0.1' },
        request: { method: 'POST', url: '/api/catalog/locations?token=x' },
        meta: { entityRef: 'agent:default/a', size: 'x'.repeat(30_000) },
        status: 'failed',
        error: new Error('No.'),
      }),
    ).toEqual({
      type: 'entity-change',
      action: 'catalog.entity-mutate',
      actor: { type: 'person', ref: 'user:default/dana' },
      outcome: 'failed',
      resource: 'agent:default/a',
      reason: 'No.',
      data: {
        severity: 'medium',
        request: { method: 'POST', url: '/api/catalog/locations' },
        meta: expect.stringMatching(/too long/),
      },
      personal: { 'user:default/dana': { ip: '10.0.0.1' } },
    });
    expect(
      toRecord({
        plugin: 'tools',
        eventId: 'x',
        severityLevel: 'medium',
        actor: {},
        status: 'succeeded',
        meta: { nothing: undefined },
      }).actor,
    ).toEqual({ type: 'service', ref: 'plugin:tools' });
  });

  const of = (
    plugin: string,
    eventId: string,
    meta: JsonObject,
    more: object = {},
  ) =>
    toRecord({
      plugin,
      eventId,
      severityLevel: 'medium',
      actor: {},
      status: 'succeeded',
      meta,
      ...more,
    });

  it('names who acted, and not the plugin that passed it on', () => {
    const desk = 'agent:default/desk';
    const dana = 'user:default/dana';
    const service = { actor: { actorId: 'plugin:orchestration' } };
    expect(
      of(
        'agents',
        'delegation-create',
        {
          agentRef: desk,
          personRef: dana,
          startedBy: dana,
          by: 'plugin:orchestration',
          runId: 'r1',
          chain: [desk],
        },
        service,
      ),
    ).toMatchObject({
      type: 'delegation',
      actor: { type: 'person', ref: dana },
      resource: desk,
      agentRef: desk,
      personRef: dana,
      runId: 'r1',
      delegation: { chain: [desk] },
    });
    // A hand-off is what the other agent did.
    const handedOn = of(
      'agents',
      'delegation-create',
      { agentRef: desk, personRef: dana, startedBy: 'agent:default/front' },
      service,
    );
    expect(handedOn).toMatchObject({
      actor: { type: 'agent', ref: 'agent:default/front' },
      resource: desk,
      personRef: dana,
    });
    expect(handedOn.agentRef).toBeUndefined();
    expect(
      of('agents', 'agent-suspend', { agentRef: desk, by: dana }).actor,
    ).toEqual({ type: 'person', ref: dana });
    expect(
      of('orchestration', 'run-create', { agentRef: desk, caller: dana }).actor,
    ).toEqual({ type: 'person', ref: dana });
    // What the portal does by itself, it does by itself.
    expect(of('agents', 'agent-orphan', { agentRef: desk }).actor).toEqual({
      type: 'service',
      ref: 'plugin:agents',
    });
    // Anybody may write anything into the event of a plugin that nobody of us wrote.
    expect(of('acme', 'thing', { by: dana }).actor.ref).toBe('plugin:acme');
  });

  it.each([
    ['catalog.entity-fetch', 'low', 'succeeded', false],
    ['catalog.entity-mutate', 'medium', 'succeeded', true],
    ['agents.delegation-end', 'low', 'succeeded', true],
    ['agents.delegation-create', 'medium', 'initiated', false],
    ['agents.agent-suspend', 'high', 'initiated', false],
    ['agents.agent-suspend', 'high', 'succeeded', true],
    ['acme.wipe', 'high', 'initiated', true],
    ['models.model-access', 'low', 'succeeded', true],
    // The plugin writes those itself.
    ['tools.tool-call', 'high', 'succeeded', false],
    ['tools.tool-change-decide', 'high', 'succeeded', false],
  ] as const)(
    'is recorded when it matters: %s, %s, %s',
    (name, severityLevel, status, recorded) => {
      const [plugin, eventId] = name.split('.');
      expect(
        isRecorded(
          { plugin, eventId, severityLevel, status, actor: {} },
          'medium',
        ),
      ).toBe(recorded);
    },
  );

  it.each([
    ['catalog.entity-fetch', 'other'],
    ['catalog.location-mutate', 'entity-change'],
    ['agents.delegation-end', 'delegation'],
    ['agents.agent-credential-create', 'credential'],
    ['agents.agent-credential-rotate', 'credential'],
    ['agents.agent-credential-revoke', 'credential'],
    ['auth.agent-token', 'credential'],
    ['auth.agent-token-refused', 'other'],
    ['models.key-create', 'credential'],
    ['agents.agent-grant-create', 'policy-change'],
    ['agents.agent-grant-revoke', 'policy-change'],
    ['agents.agent-suspend', 'policy-change'],
    ['agents.agent-resume', 'policy-change'],
    ['agents.agent-settings-change', 'policy-change'],
    ['agents.agent-orphan', 'policy-change'],
    ['agents.agent-orphan-stop', 'policy-change'],
    ['agents.agent-sponsor-returned', 'policy-change'],
    ['agents.rules-change', 'policy-change'],
    ['agents.rule-trial', 'policy-change'],
    ['orchestration.run-create', 'run'],
    ['orchestration.run-cancel', 'run'],
    ['models.model-access', 'decision'],
    ['acme.anything', 'other'],
  ])('of %s is of the type %s', (name, type) => {
    const [plugin, eventId] = name.split('.');
    expect(of(plugin, eventId, {}).type).toBe(type);
  });

  it('of a refused model names the agent, and what refused', () => {
    expect(
      of('models', 'model-access', {
        agentRef: 'agent:default/desk',
        userRef: 'user:default/dana',
        ruleIds: ['built-in#model'],
      }),
    ).toMatchObject({
      type: 'decision',
      actor: { type: 'agent', ref: 'agent:default/desk' },
      personRef: 'user:default/dana',
      ruleIds: ['built-in#model'],
    });
  });

  it('says from where a program tried to get a token', () => {
    const actor = { ip: '192.0.2.7' };
    expect(of('auth', 'agent-token', {}, { actor }).data).toMatchObject({
      ip: '192.0.2.7',
    });
    expect(of('acme', 'thing', {}, { actor }).data).not.toHaveProperty('ip');
  });

  it('of one that only says to be an agent is about that agent, and not by it', () => {
    const clientId = 'agent:default/desk';
    expect(of('auth', 'agent-token-refused', { clientId })).toMatchObject({
      actor: { type: 'service', ref: 'plugin:auth' },
      agentRef: clientId,
      resource: clientId,
    });
  });

  it('that was refused is denied', () => {
    const failed = (error: Error) =>
      of('agents', 'agent-resume', {}, { status: 'failed', error }).outcome;
    expect(failed(new NotAllowedError('No.'))).toBe('denied');
    expect(failed(new Error('Broken.'))).toBe('failed');
  });

  it('that an agent tries on another one is an entry of the one that tries', () => {
    const tries = (actorId: string) =>
      toNewEntry(
        of(
          'agents',
          'agent-suspend',
          { agentRef: 'agent:default/victim', reason: 'x' },
          { actor: { actorId } },
        ),
        { source: 'plugin:agents', retention: 'standard' },
      ).facts;
    expect(tries('agent:default/evil')).toMatchObject({
      actor: { type: 'agent', ref: 'agent:default/evil' },
      agentRef: 'agent:default/evil',
      resource: 'agent:default/victim',
    });
    const id = '5d0c7a2e-0000-4000-8000-000000000000';
    const delegated = tries(`delegation:default/${id}`);
    expect(delegated).toMatchObject({
      actor: { type: 'agent', ref: `delegation:default/${id}` },
      delegation: { id },
      resource: 'agent:default/victim',
    });
    // A delegation is no agent, and has no page, owner or counts of its own.
    expect(delegated.agentRef).toBeUndefined();
  });

  it('is written whatever half characters it has, and nothing else is changed', () => {
    const { facts } = toNewEntry(
      {
        ...of('acme', 'thing', { ['key \udfff']: ['\\\ud800'] }),
        reason: 'It wrote \\ud83d, \ud83d and \ud83d\ude00.',
      },
      { source: 'plugin:acme', retention: 'standard' },
    );
    expect(facts.reason).toBe('It wrote \\ud83d, \ufffd and \ud83d\ude00.');
    expect(facts.data).toMatchObject({ meta: { 'key \ufffd': ['\\\ufffd'] } });
  });

  it('holds no secret of an address, nor one by its name', () => {
    const location =
      'http://elin:S3CRET@127.0.0.1:7533/a.yaml?token=S3CRET#S3CRET';
    const made = of(
      'catalog',
      'location-mutate',
      {
        location: { target: location, type: 'url' },
        clientSecret: 'S3CRET',
        nested: [{ access_token: 'S3CRET', credentialId: 'c-1', tokens: 7 }],
      },
      { status: 'failed', error: new Error(`Cannot read ${location}`) },
    );
    expect(JSON.stringify(made)).not.toContain('S3CRET');
    expect(made.reason).toBe('Cannot read http://127.0.0.1:7533/a.yaml');
    expect(made.data).toMatchObject({
      meta: {
        location: { target: 'http://127.0.0.1:7533/a.yaml', type: 'url' },
        clientSecret: '***',
        nested: [{ access_token: '***', credentialId: 'c-1', tokens: 7 }],
      },
    });
  });

  it('seals what a person wrote with what is personal of them', () => {
    const dana = 'user:default/dana';
    const meta = {
      agentRef: 'agent:default/desk',
      reason: 'Dario Conti asked',
    };
    const made = of('agents', 'agent-suspend', { ...meta, by: dana });
    expect(made.personal).toEqual({ [dana]: { reason: 'Dario Conti asked' } });
    expect(made.data).toMatchObject({ meta: { by: dana } });
    expect(JSON.stringify(made.data)).not.toContain('Dario');
    // What no person wrote is a fact.
    expect(of('agents', 'agent-suspend', meta).data).toMatchObject({ meta });
  });
});

it('keeps no plugin waiting while the audit log is away for long', async () => {
  const logger = mockServices.logger.mock();
  const auditor = await ServiceFactoryTester.from(auditorToAuditLog, {
    dependencies: [
      createServiceFactory({
        service: auditLogServiceRef,
        deps: {},
        factory: () => ({
          record: async () => {},
          note: () => new Promise<void>(() => {}),
        }),
      }),
      mockServices.rootConfig.factory({
        data: {
          governance: {
            audit: { secrets: [Buffer.alloc(32, 1).toString('base64')] },
          },
        },
      }),
      createServiceFactory({
        service: coreServices.logger,
        deps: {},
        factory: () => ({ ...logger, child: () => logger }),
      }),
    ],
  }).getSubject('catalog');
  for (let i = 0; i < 600; i++) {
    const event = await auditor.createEvent({
      eventId: 'entity-mutate',
      severityLevel: 'medium',
    });
    await event.success();
  }
  expect(logger.error).toHaveBeenCalledTimes(100);
  expect(logger.error.mock.calls[0][0]).toContain('catalog.entity-mutate');
});
