import { AgentsClient } from '@agentportal/plugin-agents-common';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import express from 'express';
import { agent, person, startPortal } from '../__testUtils__/portal';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
const BEN = 'user:default/ben';
const OTHERS = [
  person('ada', 'care'),
  person('ben'),
  person('lea', 'care'),
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name: 'care', namespace: 'default' },
    spec: { type: 'team', children: [] },
    relations: [{ type: 'hasMember', targetRef: 'user:default/lea' }],
  },
];

/** What the evals plugin says of gates, or that it is away. */
let gate: { passed: boolean; sentence: string } | undefined;

const evalsPlugin = createBackendPlugin({
  pluginId: 'evals',
  register(env) {
    env.registerInit({
      deps: { router: coreServices.httpRouter },
      async init({ router }) {
        router.use(
          express.Router().get('/gates', (req, res) => {
            res
              .status(gate ? 200 : 503)
              .json({ agentRef: req.query.agentRef, required: true, ...gate });
          }),
        );
      },
    });
  },
});

const file = (instructions: string) => {
  const made = agent('desk', { instructions });
  made.metadata.annotations = {
    'backstage.io/managed-by-origin-location': 'url:one',
  };
  return made;
};

describe('a gate', () => {
  it('holds what was changed until it is passed, also while evals is away, without any line of the matrix', async () => {
    const knex = await databases.init('SQLITE_3');
    const portal = await startPortal({
      knex,
      entities: [file('Be kind.'), ...OTHERS],
      rootConfig: { evals: { gates: [{ atLeast: 0.8 }] } },
      features: [evalsPlugin],
    });
    try {
      const client = new AgentsClient({
        discoveryApi: { getBaseUrl: async () => portal.url },
        fetchApi: { fetch },
      });
      const read = () =>
        client.getPublication('default', 'desk', {
          token: mockCredentials.user.token(BEN),
        });
      const held = async () =>
        JSON.parse((await knex('agent_publications').first()).definition)
          .instructions;
      // What is there when gates come is taken as it is.
      expect(await read()).toMatchObject({ holds: 'all' });
      await knex('agent_publication_watch').update({
        begun_at: Date.now() - 3_600_000,
      });

      portal.setEntities([file('Be brief.'), ...OTHERS]);
      expect(await read()).toMatchObject({
        holds: 'part',
        gate: expect.stringContaining('not known at the moment'),
      });
      gate = { passed: false, sentence: 'It does not pass: 3 of 9.' };
      expect(await read()).toMatchObject({
        holds: 'part',
        gate: 'It does not pass: 3 of 9.',
      });
      expect(await held()).toBe('Be kind.');

      gate = { passed: true, sentence: 'It passes.' };
      const passed = await read();
      expect(passed.holds).toBe('all');
      expect(passed).not.toHaveProperty('gate');
      expect(await held()).toBe('Be brief.');
    } finally {
      await portal.stop();
    }
  });
});
