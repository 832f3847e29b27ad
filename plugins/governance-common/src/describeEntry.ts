import type { AuditEntry, AuditRecord } from './types';

const OUTCOMES: Record<AuditRecord['outcome'], string> = {
  allowed: 'was allowed',
  denied: 'was refused',
  started: 'began',
  succeeded: 'succeeded',
  failed: 'failed',
};

const WHAT: Record<AuditRecord['type'], string> = {
  decision: 'asked for',
  'model-call': 'called the model',
  'tool-call': 'called the tool',
  credential: 'changed the credential',
  delegation: 'changed the delegation',
  'policy-change': 'changed the policy',
  'entity-change': 'changed',
  approval: 'decided about',
  other: 'did',
};

/** What the portal does day by day, by its action, in the words of people. */
const ACTIONS: Record<string, string> = {
  'tool.call': 'called the tool',
  'model.call': 'called the model',
  'entity.add': 'added',
  'entity.change': 'changed',
  'entity.remove': 'removed',
  'orchestration.run-create': 'started a run of',
  'agents.delegation-create': 'gave a delegation to',
  'agents.delegation-end': 'ended the delegation',
  'agents.agent-credential-create': 'made a credential of',
  'agents.agent-credential-rotate': 'rotated a credential of',
  'agents.agent-credential-revoke': 'revoked a credential of',
  'agents.agent-grant-create': 'gave a permission to',
  'agents.agent-grant-revoke': 'took a permission from',
  'agents.agent-suspend': 'suspended',
  'agents.agent-resume': 'resumed',
  'agents.agent-orphan': 'saw the sponsor leave of',
  'agents.agent-orphan-stop': 'stopped, for want of a sponsor,',
  'agents.agent-sponsor-returned': 'saw the sponsor return of',
  'agents.rules-change': 'changed the rules',
  'auth.agent-token': 'asked for a token for',
  'models.model-call-outcome': 'noted how good an answer was',
  'audit.export': 'exported the audit log',
  'audit.person.erase': 'erased',
  'audit.hold.create': 'set',
  'audit.hold.release': 'released',
};

/**
 * An entry in words that need no knowledge of the portal's insides.
 *
 * @public
 */
export function describeEntry(
  entry: Pick<
    AuditEntry,
    | 'type'
    | 'action'
    | 'actor'
    | 'resource'
    | 'outcome'
    | 'personRef'
    | 'delegation'
    | 'reason'
    | 'ruleIds'
  >,
): string {
  const { actor, personRef, delegation } = entry;
  const what = whatWas(entry.type, entry.action, entry.resource);
  const whom = personRef && personRef !== actor.ref ? ` for ${personRef}` : '';
  const chain = delegation?.chain.filter(ref => ref !== actor.ref) ?? [];
  const handed = chain.length ? `, handed on by ${chain.join(', ')}` : '';
  const rules = entry.ruleIds?.length
    ? ` (rules ${entry.ruleIds.join(', ')})`
    : '';
  const reason = entry.reason ? `: ${entry.reason.replace(/\.$/, '')}` : '';
  return `${actor.ref} ${what}${whom}${handed}; this ${
    OUTCOMES[entry.outcome]
  }${reason}${rules}.`;
}

function whatWas(
  type: AuditRecord['type'],
  action: string,
  resource: string | undefined,
): string {
  const known = ACTIONS[action];
  if (known) {
    return resource ? `${known} ${resource}` : known;
  }
  return resource && type !== 'other'
    ? `${WHAT[type]} ${resource} (${action})`
    : `did ${action}${resource ? ` on ${resource}` : ''}`;
}
