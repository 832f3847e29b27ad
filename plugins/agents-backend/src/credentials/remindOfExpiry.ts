import type { AgentRecords } from '../identities/AgentRecords';
import type { OwnerNotices } from '@agentportal/plugin-agents-node';
import { iso } from '../store/times';
import type { CredentialStore } from './CredentialStore';

/** Tells owners, once for each, of credentials that expire soon and have no next one. */
export async function remindOfExpiry(options: {
  store: CredentialStore;
  records: AgentRecords;
  notices: OwnerNotices;
  remindMs: number;
  now?: number;
}): Promise<void> {
  const { store, records, notices, remindMs, now = Date.now() } = options;
  const due = await store.expiringBefore(now + remindMs, now);
  const agents = await records.read(
    due.map(row => row.agent_ref),
    now,
  );
  for (const row of due) {
    const agent = agents.get(row.agent_ref);
    await store.noteReminder(row.id, now);
    if (agent?.refs) {
      await notices.send({
        entityRef: row.agent_ref,
        ownerRef: agent.refs.owner,
        title: `A credential of ${
          agent.entity?.metadata.title ?? row.agent_ref
        } expires soon`,
        description: `"${row.title}" is good until ${iso(row.expires_at).slice(
          0,
          10,
        )}. Rotate it on the agent's page; the old one stays good for a while.`,
        scope: `credential ${row.id}`,
        severity: 'normal',
      });
    }
  }
}
