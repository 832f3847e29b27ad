import { readGuardConfig, Tokens } from '@agentportal/guard';
import { principalOf, ToldSecrets } from '@agentportal/plugin-agents-node';
import createKnex from 'knex';
import { agent, startPortal, untilEnded } from './__testUtils__/portal';

describe('a conversation', () => {
  it('gives the model what was said before', async () => {
    const portal = await startPortal({
      model: [{ text: 'Hello Ada.' }, { text: 'Ada.' }],
    });
    const first = await portal.run('I am Ada.');
    await portal.run('Who am I?', { threadId: first.threadId });

    expect(
      portal.model.requests[1].body.messages.map(m => [m.role, m.content]),
    ).toEqual([
      ['system', 'You are the desk.'],
      ['user', 'I am Ada.'],
      ['assistant', 'Hello Ada.'],
      ['user', 'Who am I?'],
    ]);
    expect(await portal.client.getThread(first.threadId)).toMatchObject({
      agentRef: 'agent:default/desk',
      messages: [
        { role: 'user', content: 'I am Ada.', runId: first.id },
        { role: 'assistant', content: 'Hello Ada.' },
        { role: 'user', content: 'Who am I?' },
        { role: 'assistant', content: 'Ada.' },
      ],
    });
  });

  it('keeps no secret that was typed, while its tools could be given it', async () => {
    const key = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    const other = `ghp_${'Z1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
    const knex = createKnex({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    const guard = { secret: 'a secret that is long enough for it.' };
    const portal = await startPortal({
      knex,
      rootConfig: { guard },
      // It repeats what it was told last.
      model: ({ body }) => ({ text: String(body.messages.at(-1)!.content) }),
    });
    const first = await portal.run(`Use ${key}.`);
    expect([first.input.message, first.output?.message]).toEqual(
      Array(2).fill('Use [secret].'),
    );
    await portal.run('Again.', { threadId: first.threadId });
    const [, question, answer] = portal.model.requests[1].body.messages;
    expect(answer.content).toBe(question.content);
    const again = await portal.client.retryRun(first.id);
    await untilEnded(portal.client, again.id);
    // What was left of a message that is changed stands for the same secret, and what is new is hidden as well.
    const asked = first.messages!.find(({ role }) => role === 'user')!;
    expect(asked.content).toBe('Use [secret].');
    const changed = await portal.client.forkRun(first.id, {
      fromStep: 0,
      messages: [{ id: asked.id, content: `Not [secret] now, but ${other}.` }],
    });
    const fork = await untilEnded(portal.client, changed.id);
    expect(fork.input.message).toBe('Not [secret] now, but [secret].');
    const events = [];
    for await (const { event } of portal.client.streamEvents(first.id)) {
      events.push(event);
    }
    const read = JSON.stringify([
      fork,
      await portal.client.getRun(first.id),
      events,
    ]);
    expect(read).not.toContain('[[told');
    expect(read).toContain('[secret]');

    const { secret } = readGuardConfig({
      getOptional: at => (at === 'guard' ? guard : undefined),
    });
    const told = portal.model.requests.map(({ body, caller }) =>
      new Tokens(secret, caller.sessionId!).unmask(body.messages[1].content),
    );
    expect(told).toEqual([
      ...Array(3).fill(`Use ${key}.`),
      `Not ${key} now, but ${other}.`,
    ]);
    for (const each of [key, other]) {
      expect(JSON.stringify(portal.model.requests)).not.toContain(each);
    }

    const secrets = new ToldSecrets({ secret });
    const of = { by: 'user:default/guest', sessionId: 'a' };
    const long = `${'It is long. '.repeat(400)}${key}`;
    const hidden = await secrets.hide(long, of);
    expect(hidden).not.toContain(key);
    expect(secrets.reveal(hidden, 'a')).toBe(long);
    expect(secrets.reveal(hidden, 'b')).toBe(hidden);
    // Many short texts take as long as a long one, and others are served meanwhile.
    let served = false;
    setImmediate(() => {
      served = true;
    });
    const many = Array.from({ length: 100 }, (_, i) => `${key.slice(4)}-${i}`);
    await secrets.hide(many, of);
    expect(served).toBe(true);
    await secrets.close();

    const { items } = await portal.client.listThreads();
    expect(items.map(({ title }) => title)).toContain('Use [secret].');
    const tables = await knex('sqlite_master')
      .where({ type: 'table' })
      .pluck('name');
    for (const table of tables) {
      const rows = JSON.stringify(await knex(table));
      expect(rows).not.toContain(key.slice(4));
      expect(rows).not.toContain(other.slice(4));
    }
  });

  it('is cut to the turns that are configured, the latest kept', async () => {
    const portal = await startPortal({
      config: { conversation: { maxTurns: 1 } },
      model: (_request, i) => ({ text: `answer ${i}` }),
    });
    const { threadId } = await portal.run('question 0');
    await portal.run('question 1', { threadId });
    await portal.run('question 2', { threadId });
    expect(
      portal.model.requests[2].body.messages.map(m => m.content).slice(1),
    ).toEqual(['question 1', 'answer 1', 'question 2']);
  });

  it('is listed for its own person only, the latest first', async () => {
    const portal = await startPortal();
    const first = await portal.run('First');
    const second = await portal.run('Second');
    await portal.run('Again', { threadId: first.threadId });

    const page = await portal.client.listThreads({ limit: 1 });
    expect(page.items).toMatchObject([
      { id: first.threadId, title: 'First', runCount: 2 },
    ]);
    const next = await portal.client.listThreads({
      limit: 1,
      cursor: page.nextCursor,
    });
    expect(next.items.map(t => t.id)).toEqual([second.threadId]);
    expect(next.nextCursor).toBeUndefined();

    const stranger = portal.as('user:default/stranger');
    expect((await stranger.listThreads()).items).toEqual([]);
    await expect(stranger.getThread(first.threadId)).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(
      stranger.createRun({
        agentRef: 'agent:default/desk',
        input: { message: 'Let me in' },
        threadId: first.threadId,
      }),
    ).rejects.toMatchObject({ statusCode: 404 });
  });

  it('stays with its agent', async () => {
    const portal = await startPortal({
      entities: [agent('desk'), agent('other')],
    });
    const { threadId } = await portal.run('Hello');
    await expect(
      portal.client.createRun({
        agentRef: 'agent:default/other',
        input: { message: 'And you?' },
        threadId,
      }),
    ).rejects.toMatchObject({ statusCode: 409 });
  });
});

describe('handing work over', () => {
  const front = agent('front', { handoffs: ['agent:default/desk'] });
  const desk = agent('desk', { tools: ['tool:default/orders.find_order'] });

  it('runs the other agent under a step of its own', async () => {
    const portal = await startPortal({
      entities: [front, desk],
      model: ({ caller, body }) => {
        if (caller.agentRef === 'agent:default/front') {
          return body.messages.at(-1)?.role === 'tool'
            ? { text: 'The desk says: order 7 is on its way.' }
            : {
                toolCalls: [
                  { name: 'handoff_to_desk', args: { task: 'Find order 7' } },
                ],
              };
        }
        return body.messages.at(-1)?.role === 'tool'
          ? { text: 'Order 7 is on its way.' }
          : {
              toolCalls: [
                { name: 'orders__find_order', args: { number: '7' } },
              ],
            };
      },
    });

    const run = await portal.run('Where is order 7?', {
      agentRef: 'agent:default/front',
    });

    expect(run.output?.message).toBe('The desk says: order 7 is on its way.');
    const handoff = run.steps[1];
    expect(handoff).toMatchObject({
      kind: 'agent',
      name: 'agent:default/desk',
      title: 'The desk',
      status: 'succeeded',
      input: { task: 'Find order 7' },
      output: { content: 'Order 7 is on its way.' },
    });
    expect(run.steps.map(s => [s.kind, s.parentId ?? null])).toEqual([
      ['model', null],
      ['agent', null],
      ['model', handoff.id],
      ['tool', handoff.id],
      ['model', handoff.id],
      ['model', null],
    ]);
    // Four model calls, one tool call and the handing over itself.
    expect(run.usage).toMatchObject({ modelCalls: 4, toolCalls: 2 });
  });

  it('keeps agents of one name in two namespaces apart', async () => {
    const other = agent('desk');
    other.metadata.namespace = 'lab';
    const portal = await startPortal({
      entities: [
        agent('front', { handoffs: ['agent:default/desk', 'agent:lab/desk'] }),
        desk,
        other,
      ],
    });
    await portal.run('Go', { agentRef: 'agent:default/front' });
    expect(
      portal.model.requests[0].body.tools?.map(({ function: f }) => f.name),
    ).toEqual(['handoff_to_desk', 'handoff_to_lab__desk']);
  });

  it('spends from the budget of the one that hands over', async () => {
    const portal = await startPortal({
      entities: [
        agent('front', {
          handoffs: ['agent:default/desk'],
          quotas: { maxSteps: 4 },
        }),
        desk,
      ],
      model: ({ caller }, i) =>
        caller.agentRef === 'agent:default/front'
          ? { toolCalls: [{ name: 'handoff_to_desk', args: { task: 'Go' } }] }
          : {
              toolCalls: [
                { name: 'orders__find_order', args: { number: `${i}` } },
              ],
            },
    });
    const run = await portal.run('Go', { agentRef: 'agent:default/front' });
    expect(run).toMatchObject({
      status: 'failed',
      error: { name: 'QuotaExceeded' },
      usage: { modelCalls: 2, toolCalls: 2 },
    });
  });

  it('does not offer an agent that cannot be run, nor goes round in circles', async () => {
    const portal = await startPortal({
      entities: [
        agent('front', {
          handoffs: ['agent:default/asleep', 'agent:default/desk'],
        }),
        agent('desk', { handoffs: ['agent:default/front'] }),
        agent('asleep', { lifecycle: 'suspended' }),
      ],
      config: { maxHandoffDepth: 1 },
      model: ({ body }) =>
        body.tools && body.messages.at(-1)?.role !== 'tool'
          ? { toolCalls: [{ name: 'handoff_to_desk', args: { task: 'Go' } }] }
          : { text: 'Done.' },
    });
    await portal.run('Go', { agentRef: 'agent:default/front' });
    expect(
      portal.model.requests.map(r => r.body.tools?.map(t => t.function.name)),
    ).toEqual([['handoff_to_desk'], undefined, ['handoff_to_desk']]);
  });

  it('lends nobody more autonomy than the one who hands over has', async () => {
    const asked: Array<{ agentRef?: string; task?: { autonomy: string } }> = [];
    const portal = await startPortal({
      entities: [
        agent('front', {
          handoffs: ['agent:default/desk'],
          autonomy: 'copilot',
        }),
        agent('desk', {
          tools: ['tool:default/orders.find_order'],
          autonomy: 'autopilot',
        }),
      ],
      model: ({ caller, body }) => {
        asked.push(caller);
        return caller.agentRef === 'agent:default/front' &&
          body.messages.at(-1)?.role !== 'tool'
          ? { toolCalls: [{ name: 'handoff_to_desk', args: { task: 'Go' } }] }
          : { text: 'Done.' };
      },
    });
    await portal.run('Cancel it', { agentRef: 'agent:default/front' });
    // What that covers is for the gateways to decide.
    expect(
      asked.map(({ agentRef, task }) => [agentRef, task?.autonomy]),
    ).toEqual([
      ['agent:default/front', 'copilot'],
      ['agent:default/desk', 'copilot'],
      ['agent:default/front', 'copilot'],
    ]);
  });

  it('asks the catalog once for all of them', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const portal = await startPortal({
      entities: [
        agent('front', {
          handoffs: names.map(name => `agent:default/${name}`),
        }),
        ...names.map(name => agent(name)),
      ],
    });
    const one = jest.spyOn(portal.catalog, 'getEntityByRef');
    const many = jest.spyOn(portal.catalog, 'getEntitiesByRefs');
    await portal.run('Go', { agentRef: 'agent:default/front' });
    expect(portal.model.requests[0].body.tools).toHaveLength(5);
    // The agents plugin asks as well, in its own name.
    const ofRun = (spy: jest.SpyInstance) =>
      spy.mock.calls.filter(
        ([, { credentials }]) => principalOf(credentials).type === 'user',
      ).length;
    expect([ofRun(one), ofRun(many)]).toEqual([1, 1]);
  });
});
