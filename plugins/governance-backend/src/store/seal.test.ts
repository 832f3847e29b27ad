import {
  canonicalText,
  entryKeyOf,
  openPart,
  type SealedPart,
} from '@agentportal/audit-log';
import { createSecretKey } from 'node:crypto';
import { record } from '../__testUtils__/log';
import { toNewEntry } from '../log/toNewEntry';
import { placeEntry, sealEntry } from './seal';

const subjects = new Map(
  ['dana', 'elin'].map((name, i) => [
    `user:default/${name}`,
    {
      subject: `subject:${name.padEnd(22, 'x')}`,
      key: createSecretKey(Buffer.alloc(32, i)),
    },
  ]),
);

function sealed(more: Parameters<typeof record>[0]) {
  const entry = toNewEntry(record(more), {
    source: 'plugin:tools',
    retention: 'standard',
    agentOwnerRef: 'group:default/orders',
    resourceOwnerRef: 'group:default/care',
  });
  const { row, leaf } = placeEntry(
    sealEntry(entry, 'default', subjects),
    { tree: 1, seq: 7, recordedAt: 1_000 },
    new Date(1_000).toISOString(),
  );
  return { row, leaf, body: JSON.parse(row.body) };
}

describe('sealEntry', () => {
  it.each<[string, Parameters<typeof record>[0]]>([
    ['names a person', {}],
    ['names nobody', { personRef: undefined }],
    [
      'has every field',
      {
        id: 'the-one',
        time: '2026-11-20T10:00:00.000Z',
        reason: 'USER:dana, "user:default/Elin" and \\ \u2028 ü \u{1f600}',
        ruleIds: ['b', 'a'],
        argsDigest: 'sha256:abc',
        versions: { toolSchema: '3', policy: '7' },
        delegation: { id: 'd', chain: ['agent:default/desk'] },
        riskTier: 'external',
        sessionId: 's-1',
        step: 3,
      },
    ],
    [
      'has persons and numbers in its keys',
      {
        data: {
          'user:default/dana': 1,
          'a user:default/elin': { 10: 'x', 9: 'y', 'user:dana': [] },
          tail: -0,
          __proto__: 1,
        },
      },
    ],
    [
      'has what is personal',
      { personal: { 'user:default/dana': { z: 'user:default/elin', a: 1 } } },
    ],
  ])('writes the canonical text of an entry that %s', (_, more) => {
    const { row, body } = sealed(more);
    expect(row.body).toBe(canonicalText(body));
    expect(row.body).not.toMatch(/user:/i);
    expect(body).toMatchObject({
      ...{ v: 1, tenant: 'default', seq: 7, id: row.id },
      recordedAt: '1970-01-01T00:00:01.000Z',
      agentOwnerRef: row.agent_owner_ref,
    });
    const parts: SealedPart[] = body.sealed ?? [];
    const opened = parts.map(part =>
      [...subjects].flatMap(([ref, { subject, key }]) =>
        subject === part.subject &&
        openPart(entryKeyOf(key, row.id), row.id, part).ref === ref
          ? [ref]
          : [],
      ),
    );
    expect(opened.flat()).toHaveLength(parts.length);
  });
});
