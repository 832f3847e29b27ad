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
  const { type, action, actor, resource, personRef, delegation } = entry;
  const what =
    resource && type !== 'other'
      ? `${WHAT[type]} ${resource} (${action})`
      : `did ${action}${resource ? ` on ${resource}` : ''}`;
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
