import { combineDecisions, principalOf } from '@agentportal/plugin-agents-node';
import { mockCredentials } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  createPermission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import type { PermissionPolicy } from '@backstage/plugin-permission-node';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { checkForbids, checkPolicy, type PolicyParts } from '.';
import { MemoryRows } from './rows/MemoryRows';

jest.setTimeout(600_000);

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };
const read = createPermission({
  name: 'acme.thing.read',
  attributes: { action: 'read' },
  resourceType: 'acme-thing',
});
const pay = createPermission({
  name: 'acme.money.pay',
  attributes: { action: 'create' },
});
const company = {
  people: {
    'user:default/member': ['group:default/team'],
    'user:default/guest': [],
  },
  permissions: [read, pay],
};
const owned = (claims: string[]): PolicyDecision => ({
  result: AuthorizeResult.CONDITIONAL,
  pluginId: 'acme',
  resourceType: 'acme-thing',
  conditions: {
    rule: 'IS_OWNER',
    resourceType: 'acme-thing',
    params: { claims },
  },
});

/** What a person has by its groups. */
function decideForPerson(name: string, owns: string[]): PolicyDecision {
  if (!owns.includes('group:default/team')) {
    return DENY;
  }
  return name === read.name ? owned(owns) : ALLOW;
}

const decideForAgent = (
  name: string,
  grants: readonly string[],
): PolicyDecision => {
  if (grants.includes(name)) {
    return ALLOW;
  }
  return name === read.name ? owned(['group:default/public']) : DENY;
};

type Broken = Partial<{
  combine: typeof combineDecisions;
  ignoreState: boolean;
}>;

/** A policy as another portal may have one. */
const ownPolicy =
  (broken: Broken = {}) =>
  ({ identities, actingUserInfo }: PolicyParts): PermissionPolicy => ({
    async handle({ permission: { name } }, user) {
      if (!user) {
        return DENY;
      }
      const { ownershipEntityRefs: owns } = await actingUserInfo.getUserInfo(
        user.credentials,
      );
      let party;
      try {
        party = await identities.resolve(user.credentials);
      } catch {
        return broken.ignoreState ? ALLOW : DENY;
      }
      if (party.type === 'person') {
        return decideForPerson(name, owns);
      }
      if (party.type !== 'agent') {
        return DENY;
      }
      return (broken.combine ?? combineDecisions)([
        ...(party.personRef ? [decideForPerson(name, owns)] : []),
        decideForAgent(name, party.agent.grants),
      ]);
    },
  });

const check = (
  policy: (parts: PolicyParts) => PermissionPolicy,
  more: Partial<Parameters<typeof checkPolicy>[0]> = {},
) => checkPolicy({ policy, company, cases: 3_000, ...more });

describe('the conformance kit', () => {
  it('finds nothing in a policy that combines both halves', async () => {
    const report = await check(ownPolicy());
    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({ cases: 3_000, failed: 0 });
    // It was not silent because nothing happened.
    expect(report.allowed).toBeGreaterThan(200);
    expect(report.handedOn).toBeGreaterThan(200);
    expect(report.refusedTokens).toBeGreaterThan(500);
  });

  it('plays the same again with the same seed', async () => {
    const { seed, ...first } = await check(ownPolicy(), { cases: 200 });
    expect(await check(ownPolicy(), { cases: 200, seed })).toEqual({
      seed,
      ...first,
    });
  });

  it('finds nothing in a policy that knows nothing of agents and looks at ownership: a delegation has none', async () => {
    const { failure, allowed } = await check(({ userInfo }) => ({
      handle: async ({ permission: { name } }, user) =>
        decideForPerson(name, [
          ...user!.info.ownershipEntityRefs,
          ...(
            await userInfo.getUserInfo(user!.credentials)
          ).ownershipEntityRefs,
        ]),
    }));
    expect(failure).toBeUndefined();
    expect(allowed).toBe(0);
  });

  it('finds a policy that takes an agent for the person that it acts for', async () => {
    const { failure, seed } = await check(({ actingUserInfo }) => ({
      handle: async ({ permission: { name } }, user) =>
        decideForPerson(
          name,
          (
            await actingUserInfo.getUserInfo(user!.credentials)
          ).ownershipEntityRefs,
        ),
    }));
    expect(failure).toContain('beyond what the agent itself may');
    expect(failure).toContain(String(seed));
  });

  it('finds one that takes conditions of either half for enough', async () => {
    const { failure } = await check(
      ownPolicy({
        combine: decisions => {
          const [first, second] = decisions;
          return first.result === AuthorizeResult.CONDITIONAL &&
            second?.result === AuthorizeResult.CONDITIONAL
            ? {
                ...first,
                conditions: { anyOf: [first.conditions, second.conditions] },
              }
            : combineDecisions(decisions);
        },
      }),
    );
    expect(failure).toMatch(/beyond what/);
  });

  it('finds one that forgets the person', async () => {
    const { failure } = await check(
      ownPolicy({ combine: decisions => decisions.at(-1)! }),
    );
    expect(failure).toMatch(/beyond what user:default\/\w+ may/);
  });

  it('finds one that goes on with what is stopped', async () => {
    const { failure } = await check(ownPolicy({ ignoreState: true }));
    expect(failure).toMatch(/never written|has ended|may not act alone/);
  });

  it('finds doors that believe tokens unseen', async () => {
    const { failure } = await check(ownPolicy(), {
      authenticate: async token =>
        mockCredentials.user(String(decodeJwt(token).sub)),
    });
    expect(failure).toContain('is taken for one of');
  });

  it('finds rows that let work grow as it is handed on', async () => {
    class LaxRows extends MemoryRows {
      async delegate(work: Parameters<MemoryRows['delegate']>[0]) {
        const made = await super.delegate(work);
        return work.parentId
          ? { ...made, expiresAt: made.expiresAt + 60_000 }
          : made;
      }
    }
    const { failure } = await check(ownPolicy(), { rows: new LaxRows() });
    expect(failure).toContain('lasts longer');
  });

  it('asks as whom the token says', async () => {
    const seen = new Set<string>();
    await check(
      () => ({
        async handle(_, user) {
          const principal = principalOf(user!.credentials);
          seen.add(
            principal.type === 'user'
              ? principal.userEntityRef.split(':')[0]
              : principal.type,
          );
          return DENY;
        },
      }),
      { cases: 100 },
    );
    expect([...seen].sort()).toEqual(['agent', 'delegation']);
  });

  it('holds rules to taking away, and finds one that gives', async () => {
    const above = (limit: number) => (amount: number) => amount > limit;
    const subject = {
      questions: fc.integer({ min: 0, max: 400 }),
      forbids: [above(100), above(200), (amount: number) => amount === 0],
      cases: 2_000,
    };
    const good = await checkForbids({
      ...subject,
      allowed: (amount, forbids) => !forbids.some(refuses => refuses(amount)),
    });
    expect(good.failure).toBeUndefined();
    expect(good.cases).toBe(2_000);
    expect(good.refused).toBeGreaterThan(0);
    const bad = await checkForbids({
      ...subject,
      // The last word wins, so one rule undoes another.
      allowed: (amount, forbids) => !forbids.at(-1)?.(amount),
    });
    expect(bad.failure).toContain(String(bad.seed));
  });
});
