import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import createKnex from 'knex';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { toRecord } from './auditorToAuditLog';
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
});
