import type { AgentEntity, AgentIdentityMode } from '../kinds/AgentEntity';
import { agentRefsOf } from '../refs/specRefs';
import { nameOf } from './Decision';

/**
 * Whether an agent may act at all. `orphaned` is one whose sponsor has gone and whose
 * time to find another is over; `unknown` is not in the catalog.
 *
 * @public
 */
export type AgentState =
  | 'active'
  | 'suspended'
  | 'retired'
  | 'orphaned'
  | 'unknown';

/**
 * What the portal knows of an agent besides its entity. Times are ISO 8601 in UTC.
 *
 * @public
 */
export interface AgentStateRecord {
  /** Somebody stopped it in the portal. */
  suspended?: { at: string; by: string; reason: string };
  /** Its sponsor has left the catalog. */
  orphaned?: { since: string; sponsorRef: string };
  /** In whose name it acted first, which stays so. */
  identity?: AgentIdentityMode;
  /** It is to be in production, and people have not approved that yet. */
  awaitsApproval?: boolean;
}

/**
 * Whether an agent may act, and if not, why, in a sentence that says what to do.
 *
 * @public
 */
export interface AgentStanding {
  /** Of the agent, whoever asks. */
  state: AgentState;
  /** Whether it may act in the way that was asked about. */
  allowed: boolean;
  /** Given when it may not. */
  reason?: string;
}

/**
 * How long an agent may act after its sponsor has left, unless configured.
 *
 * @public
 */
export const DEFAULT_SPONSOR_GRACE_DAYS = 7;

const DAY_MS = 86_400_000;

/**
 * The rules of the life of an agent, in one place: suspended and retired agents do
 * nothing, nor do those that have been without a sponsor for too long; experimental
 * agents and those under review act only for people who own them, and never in their own
 * name; and what an agent does without a person it does only if its `spec.identity` is
 * `own`.
 *
 * @public
 */
export function decideAgentState(options: {
  agentRef: string;
  /** Absent when the catalog has no such agent. */
  agent?: AgentEntity;
  record?: AgentStateRecord;
  sponsorGraceDays?: number;
  /** Milliseconds since the epoch. */
  now?: number;
  /**
   * How it wants to act: for a person, with what the person owns things by, or in its
   * own name. Not given when only its state is asked for.
   */
  acting?: { person?: { ref: string; ownershipRefs: readonly string[] } };
}): AgentStanding {
  const { agentRef, agent, record, acting } = options;
  if (!agent) {
    return refuse(
      'unknown',
      `The catalog has no ${agentRef}, so it may not act. Its owner can register it again.`,
    );
  }
  const who = nameOf(agent);
  const { lifecycle } = agent.spec;
  if (lifecycle === 'retired') {
    return refuse('retired', `${who} is retired, so it may not act.`);
  }
  if (record?.suspended) {
    const { at, by, reason } = record.suspended;
    return refuse(
      'suspended',
      `${who} was suspended by ${by} on ${dayOf(
        at,
      )}, so it may not act: ${reason}`,
    );
  }
  if (lifecycle === 'suspended') {
    return refuse('suspended', `${who} is suspended, so it may not act.`);
  }
  if (record?.orphaned) {
    const { since, sponsorRef } = record.orphaned;
    const graceDays = options.sponsorGraceDays ?? DEFAULT_SPONSOR_GRACE_DAYS;
    if (Date.parse(since) + graceDays * DAY_MS <= (options.now ?? Date.now())) {
      return refuse(
        'orphaned',
        `${who} has had no sponsor since ${dayOf(
          since,
        )}, when ${sponsorRef} left, so it may not act. It goes on when a new sponsor accepts it.`,
      );
    }
  }
  const reason =
    acting &&
    (changedIdentity(agent, who, record) ??
      refusalToAct(agent, who, acting, record));
  return reason
    ? { state: 'active', allowed: false, reason }
    : { state: 'active', allowed: true };
}

/** Rights were given to an agent of one kind, and must not become those of the other. */
function changedIdentity(
  agent: AgentEntity,
  who: string,
  record: AgentStateRecord | undefined,
): string | undefined {
  const { identity = 'person' } = agent.spec;
  return !record?.identity || record.identity === identity
    ? undefined
    : `${who} has acted with spec.identity ${record.identity}, and says ${identity} now; that cannot be changed. Set it back, or make a new agent.`;
}

function refusalToAct(
  agent: AgentEntity,
  who: string,
  { person }: { person?: { ref: string; ownershipRefs: readonly string[] } },
  record: AgentStateRecord | undefined,
): string | undefined {
  const { identity = 'person', lifecycle } = agent.spec;
  if (!person && identity !== 'own') {
    return `${who} acts only for a person (spec.identity is person), and there is none here. Start it as a person.`;
  }
  if (lifecycle === 'production' && !record?.awaitsApproval) {
    return undefined;
  }
  const { owner } = agentRefsOf(agent);
  if (person?.ownershipRefs.includes(owner)) {
    return undefined;
  }
  if (record?.awaitsApproval) {
    return `${who} works for its owner ${owner} only, until its publication is approved. Its page shows who was asked.`;
  }
  const stage = lifecycle === 'review' ? 'under review' : lifecycle;
  return person
    ? `${who} is ${stage}, so only its owner ${owner} may use it, and ${person.ref} does not belong to it. Ask the owner to bring it into production.`
    : `${who} is ${stage}, so it acts only for its owner ${owner}, and not in its own name. Exchange the token of somebody who owns it, or bring it into production.`;
}

function refuse(
  state: Exclude<AgentState, 'active'>,
  reason: string,
): AgentStanding {
  return { state, allowed: false, reason };
}

function dayOf(iso: string): string {
  return iso.slice(0, 10);
}
