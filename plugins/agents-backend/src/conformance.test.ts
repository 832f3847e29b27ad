import { checkPolicy } from '@agentportal/agent-conformance';
import { tuneSqlite } from '@agentportal/plugin-agents-node';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  createPermission,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { PortalRows } from './__testUtils__/PortalRows';
import { DelegationStore } from './delegations/DelegationStore';
import { MIGRATIONS_DIRECTORY } from './store/openDatabase';

jest.setTimeout(600_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const CASES = 2_000;
const SEED = 8;

const DENY: PolicyDecision = { result: AuthorizeResult.DENY };
const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const read = createPermission({
  name: 'acme.thing.read',
  attributes: { action: 'read' },
});
const pay = createPermission({
  name: 'acme.money.pay',
  attributes: { action: 'create' },
});

/** Members may do everything, others nothing; agents what they were granted. */
async function check(cases: number) {
  const knex = await databases.init('SQLITE_3');
  // As the plugin does it; statements that are prepared once take a third less time.
  await tuneSqlite(knex);
  await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
  return checkPolicy({
    company: {
      people: {
        'user:default/member': ['group:default/team'],
        'user:default/guest': [],
      },
      permissions: [read, pay],
    },
    cases,
    seed: SEED,
    rows: new PortalRows(knex),
    policy: ({ decisions, actingUserInfo }) => ({
      handle: ({ permission }, user) =>
        decisions.permission(permission.name, user!.credentials, {
          person: async () => {
            const { ownershipEntityRefs } = await actingUserInfo.getUserInfo(
              user!.credentials,
            );
            return ownershipEntityRefs.includes('group:default/team')
              ? ALLOW
              : DENY;
          },
          agent: () => DENY,
        }),
    }),
  });
}

describe('the rows of agents, held to the conformance kit', () => {
  afterEach(() => jest.restoreAllMocks());

  it(`never let an agent exceed person, agent and task (${CASES} histories, seed ${SEED})`, async () => {
    const report = await check(CASES);
    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({ cases: CASES, failed: 0 });
    // It was not silent because nothing happened.
    expect(report.allowed).toBeGreaterThan(CASES / 20);
    expect(report.handedOn).toBeGreaterThan(CASES / 20);
  });

  it('would be found out if what ended did not end what came of it', async () => {
    jest
      .spyOn(DelegationStore.prototype, 'end')
      .mockImplementation(async function end(this: DelegationStore, id) {
        return (await this.byIds([id])).get(id)!;
      });
    const { failure } = await check(200);
    expect(failure).toContain('for work that has ended');
  });
});
