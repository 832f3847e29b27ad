import {
  runCreatePermission,
  runReadPermission,
} from '@agentportal/plugin-orchestration-common';
import { mockServices } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { agent, startPortal } from './__testUtils__/portal';
import {
  createRunConditionalDecision,
  runConditions,
} from './permissions/rules';

const listed = { onBehalfOf: { allowedServices: ['plugin:evals'] } };
const start = { agentRef: 'agent:default/desk', input: { message: 'Hello' } };

/** The permission service with a policy; everything it does not name is allowed. */
function policy(
  decide: (
    permission: string,
    resourceRef?: string,
  ) => PolicyDecision | undefined,
) {
  const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };
  return mockServices.permissions.mock({
    authorize: async requests =>
      requests.map(r => {
        const decision = decide(
          r.permission.name,
          (r as { resourceRef?: string }).resourceRef,
        );
        return decision?.result === AuthorizeResult.DENY
          ? { result: AuthorizeResult.DENY }
          : allow;
      }),
    authorizeConditional: async requests =>
      requests.map(r => decide(r.permission.name) ?? allow),
  }).factory;
}

describe('starting a run', () => {
  it('needs the permission on that very agent', async () => {
    const asked: unknown[] = [];
    const portal = await startPortal({
      services: [
        policy((permission, resourceRef) => {
          asked.push([permission, resourceRef]);
          return permission === runCreatePermission.name
            ? { result: AuthorizeResult.DENY }
            : undefined;
        }),
      ],
    });
    await expect(portal.client.createRun(start)).rejects.toMatchObject({
      statusCode: 403,
      body: {
        error: {
          message: expect.stringContaining(
            'You may not start runs of agent:default/desk',
          ),
        },
      },
    });
    expect(asked).toEqual([['orchestration.run.create', 'agent:default/desk']]);
  });

  it.each([
    ['suspended', 409, 'is suspended'],
    ['retired', 409, 'is retired'],
  ] as const)('is refused for a %s agent', async (lifecycle, status, words) => {
    const portal = await startPortal({
      entities: [agent('desk', { lifecycle })],
    });
    await expect(portal.client.createRun(start)).rejects.toMatchObject({
      statusCode: status,
      body: { error: { message: expect.stringContaining(words) } },
    });
  });

  it('is refused for workflows without nodes', async () => {
    const portal = await startPortal({
      entities: [agent('desk', { type: 'workflow' })],
    });
    await expect(portal.client.createRun(start)).rejects.toMatchObject({
      statusCode: 409,
      body: { error: { message: expect.stringContaining('is a workflow') } },
    });
  });

  it.each(['experimental', 'review'] as const)(
    'is open to the owners of an agent in %s, and to nobody else',
    async lifecycle => {
      const portal = await startPortal({
        entities: [agent('desk', { lifecycle }, 'user:default/guest')],
      });
      expect((await portal.run()).status).toBe('succeeded');
      const error = await portal
        .as('user:default/dana')
        .createRun(start)
        .catch(e => e);
      expect(error.statusCode).toBe(403);
      expect(error.body.error.message).toContain(
        'only its owner user:default/guest may use it',
      );
    },
  );

  it('says what is wrong with a request', async () => {
    const portal = await startPortal();
    const refused = async (request: unknown, status: number) => {
      const error = await portal.client
        .createRun(request as typeof start)
        .catch(e => e);
      expect(error.statusCode).toBe(status);
      return error.body.error.message as string;
    };
    expect(await refused({ agentRef: 'agent:default/desk' }, 400)).toContain(
      'input',
    );
    expect(
      await refused({ ...start, agentRef: 'agent:default/\0' }, 400),
    ).toContain('agentRef');
    expect(
      await refused({ ...start, agentRef: 'component:default/desk' }, 400),
    ).toContain('only agents can be run');
    expect(
      await refused({ ...start, agentRef: 'agent:default/nobody' }, 404),
    ).toContain('no agent agent:default/nobody');
    expect(
      await refused({ ...start, input: { message: '  ' } }, 400),
    ).toContain('message is empty');
  });

  it('takes as much text in every language as the document says', async () => {
    const portal = await startPortal();
    const message = '\u{20000}'.repeat(50_000);
    const { id } = await portal.client.createRun({
      ...start,
      input: { message },
    });
    expect((await portal.client.getRun(id)).input.message).toBe(message);
    await expect(
      portal.client.createRun({
        ...start,
        input: { message: 'x'.repeat(100_001) },
      }),
    ).rejects.toMatchObject({ statusCode: 400 });
  });

  it('for somebody else is for services that are listed, and is written down', async () => {
    const unlisted = await startPortal();
    const forAda = { ...start, onBehalfOf: 'user:default/ada' };

    for (const client of [unlisted.client, unlisted.asService]) {
      await expect(client.createRun(forAda)).rejects.toMatchObject({
        statusCode: 403,
      });
    }

    const portal = await startPortal({ config: listed });
    await expect(portal.client.createRun(forAda)).rejects.toMatchObject({
      statusCode: 403,
    });
    await expect(
      portal.asService.createRun({
        ...start,
        onBehalfOf: 'group:default/care',
      }),
    ).rejects.toMatchObject({ statusCode: 400 });

    const { id } = await portal.asService.createRun(forAda);
    const run = await portal.asService.getRun(id);
    expect(run.onBehalfOf).toBe('user:default/ada');
    expect(run.createdBy).not.toBe('user:default/ada');
  });
});

describe('reading runs', () => {
  const onlyOwn = (userRef: string) =>
    policy(permission =>
      permission === runReadPermission.name
        ? createRunConditionalDecision(
            runReadPermission,
            runConditions.isRunCreator({ userRef }),
          )
        : undefined,
    );

  it('shows what the conditions of a policy allow', async () => {
    const portal = await startPortal({
      config: listed,
      services: [onlyOwn('user:default/ada')],
    });
    const ada = portal.as('user:default/ada');
    const hers = await ada.createRun(start);
    const other = await portal.client.createRun(start);
    const forHer = await portal.asService.createRun({
      ...start,
      onBehalfOf: 'user:default/ada',
    });

    const { items } = await ada.listRuns();
    expect(items.map(run => run.id).sort()).toEqual(
      [hers.id, forHer.id].sort(),
    );
    expect((await ada.getRun(hers.id)).id).toBe(hers.id);
    for (const refused of [
      ada.getRun(other.id),
      ada.cancelRun(other.id),
      ada.streamEvents(other.id).next(),
    ]) {
      await expect(refused).rejects.toMatchObject({ statusCode: 404 });
    }
    const stats = await ada.getStats({ agentRef: ['agent:default/desk'] });
    expect(stats.items[0].runs).toBe(2);
  });

  it('lets the owners of an agent see its runs', async () => {
    const portal = await startPortal({
      entities: [
        agent('desk', {}, 'group:default/care'),
        agent('lab', {}, 'group:default/lab'),
      ],
      services: [
        policy(permission =>
          permission === runReadPermission.name
            ? createRunConditionalDecision(runReadPermission, {
                anyOf: [
                  runConditions.isRunAgentOwner({
                    claims: ['group:default/lab'],
                  }),
                  {
                    not: {
                      not: runConditions.isRunCreator({
                        userRef: 'user:default/nobody',
                      }),
                    },
                  },
                ],
              })
            : undefined,
        ),
      ],
    });
    const seen = await portal.client.createRun({
      ...start,
      agentRef: 'agent:default/lab',
    });
    const unseen = await portal.client.createRun(start);
    expect((await portal.client.listRuns()).items.map(r => r.id)).toEqual([
      seen.id,
    ]);
    await expect(portal.client.getRun(unseen.id)).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it('shows nothing to those who may read nothing', async () => {
    const portal = await startPortal({
      services: [
        policy(permission =>
          permission === runReadPermission.name
            ? { result: AuthorizeResult.DENY }
            : undefined,
        ),
      ],
    });
    const { id, threadId } = await portal.client.createRun(start);
    expect((await portal.client.listRuns()).items).toEqual([]);
    expect((await portal.client.listThreads()).items).toEqual([]);
    await expect(portal.client.getRun(id)).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(portal.client.getThread(threadId)).rejects.toMatchObject({
      statusCode: 403,
    });
    const stats = await portal.client.getStats({
      agentRef: ['agent:default/desk'],
    });
    expect(stats.items[0].runs).toBe(0);
  });

  it('pages, filters and says when a cursor is not its own', async () => {
    const portal = await startPortal({
      entities: [agent('desk'), agent('lab')],
    });
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) {
      ids.unshift((await portal.run(`Question ${i}`)).id);
    }
    await portal.run('Elsewhere', { agentRef: 'agent:default/lab' });

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await portal.client.listRuns({
        agentRef: 'agent:default/desk',
        status: ['succeeded'],
        limit: 2,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.items.map(run => run.id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(ids);
    expect(
      (await portal.client.listRuns({ status: ['failed'] })).items,
    ).toEqual([]);
    for (const query of [{ cursor: 'rubbish' }, { limit: 101 }]) {
      await expect(portal.client.listRuns(query)).rejects.toMatchObject({
        statusCode: 400,
      });
    }
  });

  it('counts the runs of agents by day', async () => {
    const portal = await startPortal({
      model: [
        { text: 'Fine.' },
        { refuse: { status: 403, name: 'No', message: 'No.' } },
      ],
    });
    await portal.run();
    await portal.run();
    const { items } = await portal.client.getStats({
      agentRef: ['agent:default/desk', 'agent:default/unknown'],
      days: 3,
    });
    expect(items).toMatchObject([
      { runs: 2, succeeded: 1, failed: 1, costNanoUsd: 1_500 },
      { agentRef: 'agent:default/unknown', runs: 0, costNanoUsd: 0 },
    ]);
    expect(items[0].daily).toEqual([
      expect.objectContaining({ runs: 0 }),
      expect.objectContaining({ runs: 0 }),
      expect.objectContaining({
        day: new Date().toISOString().slice(0, 10),
        runs: 2,
        succeeded: 1,
        failed: 1,
      }),
    ]);
  });
});
