import {
  ExportVerifier,
  MasterSecret,
  type PublicKeys,
  type TreeHead,
} from '@agentportal/audit-log';
import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { ConfigReader } from '@backstage/config';
import type { Knex } from 'knex';
import { Audit } from '../api/Audit';
import { readAuditConfig } from '../config';
import { AuditWriter } from '../log/AuditWriter';
import { HoldStore } from '../retention/HoldStore';
import { RetentionStore } from '../retention/RetentionStore';
import { DailyCounts } from '../store/DailyCounts';
import { EntryReader } from '../store/EntryReader';
import { EntryStore } from '../store/EntryStore';
import { Subjects } from '../store/Subjects';
import { TreeStore } from '../store/TreeStore';

export const SECRET = Buffer.alloc(32, 1);

/** What a replica of the portal has of the log, on a database. */
export async function openLog(
  knex: Knex,
  options: {
    owners?: Record<string, string>;
    headEvery?: number;
    secrets?: Buffer[];
  } = {},
) {
  const secrets = (options.secrets ?? [SECRET]).map(
    secret => new MasterSecret(secret),
  );
  const [{ signer }] = secrets;
  const trees = new TreeStore(knex);
  const subjects = new Subjects(knex, secrets);
  const counts = new DailyCounts(knex);
  const reader = new EntryReader({ knex, subjects, counts });
  const holds = new HoldStore(knex);
  const entries = new EntryStore({
    ...{ counts, knex, trees, subjects, signer },
    headEvery: options.headEvery ?? 5,
  });
  await trees.keys(signer);
  const audit = new Audit({
    config: readAuditConfig(new ConfigReader({})),
    ...{ entries, holds, reader, signer, subjects, trees },
    owners: {
      of: async refs =>
        new Map(
          [...refs].flatMap(ref => {
            const owner = options.owners?.[ref];
            return owner ? [[ref, owner]] : [];
          }),
        ),
    },
    writer: new AuditWriter({ store: entries, maxWaiting: 10_000 }),
  });
  const retention = new RetentionStore({
    ...{ entries, holds, knex, reader, subjects, trees },
  });
  return {
    audit,
    counts,
    entries,
    holds,
    reader,
    retention,
    subjects,
    trees,
    signer,
  };
}

/** A record, with what a test wants to be different. */
export function record(more: Partial<AuditRecord> = {}): AuditRecord {
  const agentRef = more.agentRef ?? 'agent:default/desk';
  return {
    type: 'tool-call',
    action: 'tool.call',
    actor: { type: 'agent', ref: agentRef },
    agentRef,
    personRef: 'user:default/dana',
    resource: 'tool:default/orders.refund',
    outcome: 'succeeded',
    runId: 'run-1',
    ...more,
  };
}

/** All lines of an export of the log. */
export async function exportLines(
  audit: Audit,
  filter: Parameters<Audit['export']>[2] = {},
): Promise<string[]> {
  const lines: string[] = [];
  const described = JSON.parse(JSON.stringify(filter));
  const by = { actor: { type: 'service' as const, ref: 'plugin:test' } };
  for await (const text of await audit.export(
    undefined,
    'jsonl',
    filter,
    described,
    by,
  )) {
    lines.push(...text.trimEnd().split('\n'));
  }
  return lines;
}

/** What the verifier says of lines. */
export function verify(lines: string[], keys: PublicKeys, heads?: TreeHead[]) {
  const verifier = new ExportVerifier({ keys, heads });
  lines.forEach(line => verifier.line(line));
  return verifier.finish();
}
