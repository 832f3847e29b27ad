import { checkPolicy } from '@agentportal/agent-conformance';
import { runReadPermission } from '@agentportal/plugin-orchestration-common';
import { toolCallPermission } from '@agentportal/plugin-tools-common';
import { mockServices } from '@backstage/backend-test-utils';
import { createPermission } from '@backstage/plugin-permission-common';
import { AgentPortalPolicy } from './AgentPortalPolicy';
import { readPolicyConfig } from './policyConfig';

jest.setTimeout(3_600_000);

/** `npm run test:conformance` asks for 100,000. */
const cases = Number(process.env.CONFORMANCE_CASES ?? 1_000);
const seed = Number(process.env.CONFORMANCE_SEED ?? Date.now() % 2 ** 31);

const ADMINS = 'group:default/platform';
const company = {
  people: {
    'user:default/admin': [ADMINS],
    'user:default/member': ['group:default/orders'],
    'user:default/guest': [],
  },
  permissions: [
    toolCallPermission,
    runReadPermission,
    createPermission({
      name: 'catalog.entity.delete',
      attributes: { action: 'delete' },
      resourceType: 'catalog-entity',
    }),
    createPermission({
      name: 'catalog.location.create',
      attributes: { action: 'create' },
    }),
    createPermission({
      name: 'acme.thing.read',
      attributes: { action: 'read' },
    }),
  ],
};

it(`never gives an agent more than person, agent and task have in common (${cases} cases, seed ${seed})`, async () => {
  const report = await checkPolicy({
    company,
    cases,
    seed,
    policy: ({ decisions, actingUserInfo }) =>
      new AgentPortalPolicy({
        decisions,
        userInfo: actingUserInfo,
        logger: mockServices.logger.mock(),
        config: readPolicyConfig(
          mockServices.rootConfig({
            data: { permission: { agentPortal: { adminRefs: [ADMINS] } } },
          }),
        ),
      }),
  });
  expect(report.failure).toBeUndefined();
  expect(report.lastError).toBeUndefined();
  expect(report.cases).toBe(cases);
  expect(report.allowed).toBeGreaterThan(cases / 10);
  expect(report.handedOn).toBeGreaterThan(cases / 50);
  expect(report.refusedTokens).toBeGreaterThan(cases / 10);
  process.stdout.write(`${JSON.stringify(report)}\n`);
});
