import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { subjectDigest, Subjects } from './Subjects';

const DESK = 'agent:default/desk';

const subjectsOf = (spec: Record<string, string>, config = {}) =>
  new Subjects({
    auth: mockServices.auth.mock({
      getOwnServiceCredentials: async () => ({} as never),
    }),
    catalog: catalogServiceMock({
      entities: [
        {
          apiVersion: 'agentportal.dev/v1alpha1',
          kind: 'Agent',
          metadata: { name: 'desk' },
          spec: { instructions: 'You are the desk.', ...spec },
        },
      ],
    }),
    discovery: mockServices.discovery.mock(),
    rootConfig: mockServices.rootConfig({ data: config }),
  });

describe('what is judged', () => {
  it.each([
    ['names none', {}, {}, 'model:default/balanced'],
    [
      'names none, where the operator has chosen one',
      {},
      { orchestration: { defaultModel: 'fast' } },
      'model:default/fast',
    ],
    ['names one', { model: 'model:default/best' }, {}, 'model:default/best'],
  ])(
    'is the same tried as a candidate, so that the gate knows it: a file that %s',
    async (_, spec, config, model) => {
      const agent = await subjectsOf(spec, config).said(DESK);
      expect(agent.model).toBe(model);
      const asked = subjectDigest(agent, undefined, 'file');
      const { instructions } = agent;
      // While only a part of the file holds, what it says is a candidate.
      const part = { since: '2026-11-01T00:00:00.000Z' };
      const tried = { instructions, model: agent.model };
      expect(subjectDigest(agent, tried, part)).toBe(asked);
      expect(subjectDigest(agent, undefined, part)).not.toBe(asked);
    },
  );
});
