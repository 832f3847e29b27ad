import {
  type AgentDecisions,
  type AgentIdentities,
  principalOf,
} from '@agentportal/plugin-agents-node';
import type {
  AuthService,
  BackstageCredentials,
  BackstageUserInfo,
  UserInfoService,
} from '@backstage/backend-plugin-api';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import fc from 'fast-check';
import { AskedIdentities } from './AskedIdentities';
import type { Company } from './company';
import { histories } from './history';
import { inWords } from './inWords';
import { Play } from './Play';
import type { AgentRows } from './rows/AgentRows';
import { MemoryRows } from './rows/MemoryRows';
import { PortalServices } from './PortalServices';

/**
 * What a policy is made of. In a portal a module of the permission plugin gets the same by
 * `agentIdentitiesServiceRef`, `agentDecisionsServiceRef`, `coreServices.userInfo` and
 * `coreServices.auth`.
 *
 * @public
 */
export interface PolicyParts {
  /** Who acts. */
  identities: AgentIdentities;
  /** Combines what the person and the agent may. */
  decisions: AgentDecisions;
  userInfo: UserInfoService;
  /** The same, but of a delegation it tells what the person owns: `ActingUserInfo` of agents-node. */
  actingUserInfo: UserInfoService;
  auth: AuthService;
}

/**
 * A policy, and in what company to try it.
 *
 * @public
 */
export interface PolicyUnderTest {
  policy(parts: PolicyParts): PermissionPolicy | Promise<PermissionPolicy>;
  company: Company;
  /** Where agents and their work are kept; by default in memory. */
  rows?: AgentRows;
  /** What checks tokens; by default Backstage's own code. */
  authenticate?: (token: string) => Promise<BackstageCredentials>;
  /** Number of histories. Default is 100,000. */
  cases?: number;
  /** Of an earlier run, to have it again. */
  seed?: number;
}

/**
 * What was tried, and what was found.
 *
 * @public
 */
export interface ConformanceReport {
  seed: number;
  /** Histories that were played, without those that made a failure smaller. */
  cases: number;
  /** Questions to the policy about agents. */
  asked: number;
  /** How many of them it allowed, on some resource at least. If none, nothing was shown. */
  allowed: number;
  /** Forged and expired tokens that were shown, and refused. */
  refusedTokens: number;
  /** Work that was handed on. */
  handedOn: number;
  /** Questions at which the policy threw, which allows nothing. */
  failed: number;
  /** What it threw last. */
  lastError?: string;
  /** The smallest history in which an agent could do too much, in words; absent if there is none. */
  failure?: string;
}

/**
 * Plays random histories of grants, delegations, hand-offs, endings, suspensions and forged tokens,
 * and asks the policy at every turn. It must never allow to an agent what the person, or the agent,
 * or the work that is left does not.
 *
 * Conditional decisions are compared for every combination of conditions that hold and do not, so
 * no resources are needed.
 *
 * @public
 */
export async function checkPolicy(
  subject: PolicyUnderTest,
): Promise<ConformanceReport> {
  const { company, cases = 100_000 } = subject;
  const seed = subject.seed ?? Math.floor(Math.random() * 2 ** 31);
  const rows = subject.rows ?? new MemoryRows();
  const identities = new AskedIdentities(rows.identities);
  const services = await PortalServices.create({
    identities,
    authenticate: subject.authenticate,
  });
  const counts = {
    asked: 0,
    allowed: 0,
    refusedTokens: 0,
    handedOn: 0,
    failed: 0,
  };
  try {
    const play = await Play.create({
      company,
      rows,
      services,
      identities,
      counts,
      makePolicy: subject.policy,
      userInfo: userInfoOf(company),
      actingUserInfo: actingUserInfoOf(company, rows),
    });
    const details = await fc.check(
      fc.asyncProperty(histories(company), history => play.perform(history)),
      { numRuns: cases, seed },
    );
    return {
      seed,
      cases: details.numRuns,
      ...counts,
      ...(details.failed && { failure: inWords(details) }),
    };
  } finally {
    services.stop();
  }
}

/** As the auth plugin tells: a delegation owns nothing but its own name. */
function userInfoOf(company: Company): UserInfoService {
  return {
    async getUserInfo(credentials) {
      const principal = principalOf(credentials);
      if (principal.type !== 'user') {
        throw new Error('Only people and agents have user info.');
      }
      return infoOf(company, principal.userEntityRef);
    },
  };
}

function actingUserInfoOf(company: Company, rows: AgentRows): UserInfoService {
  const userInfo = userInfoOf(company);
  return {
    async getUserInfo(credentials) {
      const party = await rows.identities
        .resolve(credentials)
        .catch(() => undefined);
      return party?.type === 'agent' && party.delegation
        ? infoOf(company, party.personRef ?? party.agentRef)
        : userInfo.getUserInfo(credentials);
    },
  };
}

function infoOf({ people }: Company, ref: string): BackstageUserInfo {
  return {
    userEntityRef: ref,
    ownershipEntityRefs: [ref, ...(people[ref] ?? [])],
  };
}
