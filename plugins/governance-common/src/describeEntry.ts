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
  guard: 'met the guard with',
  run: 'worked on',
  other: 'did',
};

/** What the portal does day by day, by its action, in the words of people. */
const ACTIONS: Record<string, string> = {
  'tool.call': 'called the tool',
  'tool.rehearse': 'rehearsed a call of the tool',
  'model.call': 'called the model',
  'entity.add': 'added',
  'entity.change': 'changed',
  'entity.remove': 'removed',
  'orchestration.run-create': 'started a run of',
  'orchestration.run-cancel': 'asked to stop a run of',
  'orchestration.run-fork': 'repeated a run',
  'orchestration.run-end': 'ended its run',
  'orchestration.trigger-pause': 'paused a trigger of',
  'orchestration.trigger-resume': 'resumed a trigger of',
  'orchestration.trigger-fire': 'fired a trigger of',
  'orchestration.trigger-secret': 'made a secret for a webhook of',
  'agents.delegation-create': 'gave a delegation to',
  'agents.delegation-end': 'ended a delegation of',
  'agents.agent-credential-create': 'made a credential of',
  'agents.agent-credential-rotate': 'rotated a credential of',
  'agents.agent-credential-revoke': 'revoked a credential of',
  'agents.agent-grant-create': 'gave a permission to',
  'agents.agent-grant-revoke': 'took a permission from',
  'agents.agent-settings-change': 'changed the settings of',
  'agents.agent-suspend': 'suspended',
  'agents.agent-resume': 'resumed',
  'agents.agent-orphan': 'saw the sponsor leave of',
  'agents.agent-orphan-stop': 'stopped, for want of a sponsor,',
  'agents.agent-sponsor-returned': 'saw the sponsor return of',
  'agents.rules-change': 'changed the rules',
  'agents.rule-trial': 'tried rules on recorded calls',
  'approval.request': 'asked for an approval of',
  'approval.approve': 'approved',
  'approval.reject': 'rejected',
  'approval.answer': 'answered the question',
  'approval.break-glass': 'let pass alone, in an emergency,',
  'approval.escalate': 'handed on the request for',
  'approval.expire': 'ended the undecided request for',
  'approval.withdraw': 'took back the request for',
  'approval.redeem': 'used the approval of',
  'guard.prompt': 'met the guard in what was written to',
  'guard.answer': 'met the guard in what was answered by',
  'guard.result': 'met the guard in what was returned by',
  'auth.agent-token': 'asked for a token for',
  'evals.experiment-start': 'started an experiment with',
  'evals.experiment-stop': 'stopped an experiment with',
  'evals.experiment-ramp': 'gave more people the candidate of',
  'evals.experiment-rolled-back': 'rolled back an experiment with',
  'evals.experiment-completed': 'ended an experiment with',
  'tools.change-release': 'released a change of',
  'tools.change-block': 'blocked a change of',
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
    | 'agentRef'
    | 'personRef'
    | 'delegation'
    | 'reason'
    | 'ruleIds'
    | 'data'
    | 'personal'
  >,
): string {
  const { actor, personRef } = entry;
  const action = isRehearsed(entry) ? 'tool.rehearse' : entry.action;
  const what = whatWas(entry.type, action, entry.resource) + which(entry);
  const whom = personRef && personRef !== actor.ref ? ` for ${personRef}` : '';
  const chain = handedOnBy(entry);
  const handed = chain.length ? `, handed on by ${chain.join(', ')}` : '';
  // What let something through is in the entry; the sentence names what refused.
  const rules =
    entry.ruleIds?.length && entry.outcome === 'denied'
      ? ` (rules ${entry.ruleIds.join(', ')})`
      : '';
  const reason = entry.reason ? `: ${entry.reason.replace(/\.$/, '')}` : '';
  let how = OUTCOMES[entry.outcome];
  if (wasStopped(entry)) how = 'was stopped';
  if (waitsForPeople(entry)) how = 'waits for people';
  // What succeeded simply happened.
  const came = how === OUTCOMES.succeeded ? '' : `; this ${how}`;
  return `${actor.ref} ${what}${whom}${handed}${came}${refusedIn(
    entry,
  )}${reason}${rules}.`;
}

/**
 * Whether somebody stopped it: a run, or a call that was under way in one. That is neither
 * refused nor failed.
 *
 * @public
 */
export function wasStopped({ data }: Pick<AuditEntry, 'data'>): boolean {
  return data?.status === 'cancelled' || data?.cancelled === true;
}

/**
 * Whether a call was not made because people were asked about it, and had not decided.
 *
 * @public
 */
export function waitsForPeople({
  outcome,
  data,
}: Pick<AuditEntry, 'outcome' | 'data'>): boolean {
  const approval = data?.approval as { status?: unknown } | undefined;
  return outcome === 'denied' && approval?.status === 'pending';
}

/** Whether a call was only rehearsed, so that the tool was left alone. */
function isRehearsed({ data }: Pick<AuditEntry, 'data'>): boolean {
  return typeof data?.rehearsed === 'object' && data.rehearsed !== null;
}

/**
 * The agents that handed work on, from the first: those of the chain but the one that
 * acts and the one that the work is given to.
 *
 * @public
 */
export function handedOnBy(
  entry: Pick<AuditEntry, 'actor' | 'agentRef' | 'resource' | 'delegation'>,
): string[] {
  const { actor, agentRef, resource, delegation } = entry;
  const others = [actor.ref, agentRef, resource];
  return delegation?.chain.filter(ref => !others.includes(ref)) ?? [];
}

/** A run goes on when a call of it is refused, so its end has to say that. */
function refusedIn({ data }: Pick<AuditEntry, 'data'>): string {
  const calls = data?.refusedCalls;
  if (typeof calls !== 'number' || calls < 1) {
    return '';
  }
  return calls === 1
    ? '; one call was refused in it'
    : `; ${calls} calls were refused in it`;
}

/** Which permission or credential it was, as far as the entry says. */
function which(entry: Pick<AuditEntry, 'actor' | 'data' | 'personal'>): string {
  const meta = entry.data?.meta as Record<string, unknown> | undefined;
  const words = entry.personal?.[entry.actor.ref];
  const name = words?.title ?? meta?.title ?? meta?.permission;
  return typeof name === 'string' ? ` (${name})` : '';
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
