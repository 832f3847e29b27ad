import type {
  ActionBinding,
  ApprovalKind,
  ApprovalStatus,
  Autonomy,
  AutonomyBasis,
  DataClassification,
  RiskTier,
} from '@agentportal/plugin-agents-common';
import type { JsonObject } from '@backstage/types';
import type { AgentDefinition } from './definition';

/** Who has to approve, as the matrix said when it was asked. */
export interface Requirement {
  /** Refs of people and groups. */
  refs: string[];
  quorum: number;
  differentGroups: boolean;
  expiresAfterMs: number;
  onExpiry: 'reject' | 'escalate';
  escalateTo: string[];
}

/** What somebody decided. */
export interface StoredDecision {
  by: string;
  /** Whose deputy it was. */
  inPlaceOf?: string;
  at: number;
  decision: 'approve' | 'reject' | 'answer';
  /** Of what was decided about. */
  digest: string;
  /** For whom of those that were asked. */
  refs: string[];
  reason?: string;
  edited?: boolean;
  brokenGlass?: boolean;
}

/** Something that people decide, with all that they decide it by. Times are milliseconds. */
export interface ApprovalRecord {
  id: string;
  /** The same for each try of the same request. */
  requestKey: string;
  kind: ApprovalKind;
  status: ApprovalStatus;
  requestedBy: string;
  agentRef?: string;
  personRef?: string;
  toolRef?: string;
  runId?: string;
  /** The work that it is part of. */
  delegationId?: string;
  /** Of what is asked now. */
  digest: string;
  createdAt: number;
  expiresAt: number;
  closedAt?: number;
  grantJti?: string;
  grantExpiresAt?: number;
  redeemedAt?: number;
  /** Grows with each change. */
  revision: number;
  details: ListedDetails & ApprovalContent;
}

/** As lists and counts read it. */
export type ListedApproval = Omit<ApprovalRecord, 'details'> & {
  details: ListedDetails;
};

interface ListedDetails {
  title: string;
  /** Why it waits. */
  reason: string;
  /** How it ended. */
  outcome?: string;
  requirement: Requirement;
  /** Others who may see it: owners, sponsor, those on call. */
  concerned?: string[];
  /** People who must not decide it. */
  excluded: string[];
  escalatedAt?: number;
  decisions: StoredDecision[];
  brokenGlassBy?: string;
  agentTitle?: string;
  // Of a call.
  tool?: {
    name: string;
    title?: string;
    ownerRef?: string;
    riskTier: RiskTier;
    dataClassification?: DataClassification;
  };
  /** Before anybody changed it. */
  requestedDigest?: string;
  editedBy?: string;
  // Of access.
  permission?: string;
  until?: number;
  /** Of access that is to call a tool without asking. */
  earned?: {
    riskTier: RiskTier;
    autonomy: Autonomy;
    /** Where the agent came from when it was proposed. */
    origin: string | null;
    askedPerMille: number;
    basis: AutonomyBasis;
  };
  // Of a publication, the highest of the tools that it adds.
  riskTier?: RiskTier;
  // Of a review.
  reviewOf?: string;
}

/** What only the request itself shows: as large as whoever asks makes it. */
export interface ApprovalContent {
  messages: Array<{ by: string; at: number; text: string }>;
  // Of a call.
  binding?: ActionBinding;
  provenance?: Record<string, string[]>;
  requestedArgs?: JsonObject;
  // Of a publication.
  publication?: {
    definition: AgentDefinition;
    /** As it was approved before. */
    before?: AgentDefinition;
    /** Of the tools that it adds. */
    tiers: Record<string, RiskTier>;
  };
  // Of a question.
  description?: string;
  form?: JsonObject;
  values?: JsonObject;
}

/** Whoever decides, and in whose place they may. */
export interface Decider {
  ref: string;
  /** Themselves first. */
  capacities: Array<{ person: string; refs: readonly string[] }>;
  /** May let calls pass alone, in an emergency. */
  onCall: boolean;
}

/** Refs in a sentence. */
export function inWords(refs: readonly string[]): string {
  if (refs.length < 2) {
    return refs[0] ?? 'nobody';
  }
  return `${refs.slice(0, -1).join(', ')} and ${refs[refs.length - 1]}`;
}
