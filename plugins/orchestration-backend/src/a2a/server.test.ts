import {
  AGENT_CARD_PATH,
  AgentCard,
  Role,
  type SendMessageRequest,
  type StreamResponse,
  type Task,
  TaskState,
  verifyAgentCardSignature,
} from '@a2a-js/sdk';
import {
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
} from '@a2a-js/sdk/client';
import { parseLegacyAgentCard } from '@a2a-js/sdk/compat/v0_3/client';
import {
  mockCredentials,
  mockServices,
  TestDatabases,
} from '@backstage/backend-test-utils';
import canonicalize from 'canonicalize';
import { base64url, type FlattenedJWS, flattenedVerify } from 'jose';
import { agent, startPortal, until } from '../__testUtils__/portal';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

type Portal = Awaited<ReturnType<typeof startPortal>>;

const onlyWhoSignsIn = mockServices.httpAuth.factory({
  defaultCredentials: mockCredentials.none(),
});

const VERSIONS = ['1.0', '0.3'] as const;

/** What a person's client fetches with. */
function fetchAs(userRef: string): typeof fetch {
  return async (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', mockCredentials.user.header(userRef));
    return fetch(input, { ...init, headers });
  };
}

/** The SDK's own client, with the card of an agent. */
async function clientOf(
  portal: Portal,
  options: { as?: string; version?: string; agent?: string } = {},
): Promise<Client> {
  const { as = 'user:default/guest', version = '1.0' } = options;
  const fetchImpl = fetchAs(as);
  const legacyCompat = { enabled: true };
  const factory = new ClientFactory({
    transports: [new JsonRpcTransportFactory({ fetchImpl, legacyCompat })],
    cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
  });
  const url = `${portal.url}/a2a/default/${options.agent ?? 'desk'}/`;
  if (version === '1.0') {
    return factory.createFromUrl(url);
  }
  // A client of before knows neither the header nor the fields that came with 1.0.
  const { supportedInterfaces: _, ...card } = (await (
    await fetchImpl(`${url}${AGENT_CARD_PATH}`)
  ).json()) as Record<string, unknown>;
  return factory.createFromAgentCard(parseLegacyAgentCard(card));
}

function message(
  text: string,
  more: Partial<SendMessageRequest['message']> = {},
  configuration: Partial<SendMessageRequest['configuration']> = {},
): SendMessageRequest {
  return {
    tenant: '',
    metadata: undefined,
    configuration: {
      acceptedOutputModes: [],
      taskPushNotificationConfig: undefined,
      returnImmediately: false,
      ...configuration,
    },
    message: {
      messageId: 'm-1',
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: [
        {
          content: { $case: 'text', value: text },
          metadata: undefined,
          filename: '',
          mediaType: 'text/plain',
        },
      ],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
      ...more,
    },
  };
}

function answerOf(task: unknown): string | undefined {
  const part = (task as Task).artifacts[0]?.parts[0];
  return part?.content?.$case === 'text' ? part.content.value : undefined;
}

async function collect(stream: AsyncIterable<StreamResponse>) {
  const seen: StreamResponse['payload'][] = [];
  for await (const { payload } of stream) {
    seen.push(payload);
  }
  return seen;
}

describe('the card of an agent', () => {
  it('is signed by a key of the portal', async () => {
    const portal = await startPortal();
    const fetchImpl = fetchAs('user:default/guest');
    const url = `${portal.url}/a2a/default/desk/.well-known/agent-card.json`;
    const response = await fetchImpl(url, {
      headers: { 'a2a-version': '1.0' },
    });
    const json = (await response.json()) as Record<string, unknown>;
    const keys = await (
      await fetch(`${portal.url}/a2a/.well-known/jwks.json`)
    ).json();
    const jkus: unknown[] = [];
    const verify = verifyAgentCardSignature(async (kid, jku) => {
      jkus.push(jku);
      return keys.keys.find((key: { kid: string }) => key.kid === kid);
    });
    // As the SDK's client has it, and as it came.
    const card = AgentCard.fromJSON(json);
    await verify(card);
    expect(jkus).toContainEqual(`${portal.url}/a2a/.well-known/jwks.json`);
    await expect(verify({ ...card, name: 'Another' })).rejects.toThrow();
    const { signatures, ...bare } = json;
    const [{ protected: header, signature }] = signatures as FlattenedJWS[];
    const payload = base64url.encode(canonicalize(bare)!);
    await flattenedVerify(
      { protected: header, signature, payload },
      keys.keys[0],
    );
    expect(json).toMatchObject({
      name: 'The desk',
      skills: [{ id: 'desk', tags: ['assistant'] }],
      supportedInterfaces: [
        { protocolVersion: '1.0', protocolBinding: 'JSONRPC' },
        { protocolVersion: '0.3', protocolBinding: 'JSONRPC' },
      ],
      securitySchemes: { portal: { httpAuthSecurityScheme: {} } },
    });
  });

  it('is for those who may see the agent', async () => {
    const portal = await startPortal({ services: [onlyWhoSignsIn] });
    const path = `${portal.url}/a2a/default/desk/${AGENT_CARD_PATH}`;
    const stranger = await fetch(path);
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('www-authenticate')).toBe('Bearer');
    const none = await fetchAs('user:default/guest')(
      path.replace('desk', 'nobody'),
    );
    expect(none.status).toBe(404);
  });

  it('is for everybody where the operator says so, once the agent is in production', async () => {
    const portal = await startPortal({
      config: { a2a: { publicCards: true } },
      entities: [agent('desk'), agent('draft', { lifecycle: 'experimental' })],
      services: [onlyWhoSignsIn],
    });
    const cardOf = (name: string) =>
      fetch(`${portal.url}/a2a/default/${name}/${AGENT_CARD_PATH}`);
    expect((await cardOf('desk')).status).toBe(200);
    expect((await cardOf('draft')).status).toBe(401);
    await portal.suspend('agent:default/desk', 'It says too much.');
    await until(
      () => cardOf('desk'),
      ({ status }) => status === 401,
    );
    const call = await fetch(`${portal.url}/a2a/default/desk`, {
      method: 'POST',
      body: '{}',
    });
    expect(call.status).toBe(401);
  });
});

it('a message of brackets and nothing in them is refused before it is parsed', async () => {
  const portal = await startPortal();
  const depth = 300_000;
  const answer = await fetchAs('user:default/guest')(
    `${portal.url}/a2a/default/desk`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `${'['.repeat(depth)}${']'.repeat(depth)}`,
    },
  );
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('nested more than 200 levels deep');
});

describe.each(VERSIONS)('a client that speaks %s', version => {
  it('asks, and goes on with the conversation', async () => {
    const portal = await startPortal({
      model: [{ text: 'It is packed.' }, { text: 'Tomorrow.' }],
    });
    const client = await clientOf(portal, { version });
    expect(client.protocolVersion).toBe(version);
    const task = (await client.sendMessage(message('Where is it?'))) as Task;
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(answerOf(task)).toBe('It is packed.');
    const next = (await client.sendMessage(
      message('When does it come?', { contextId: task.contextId }),
    )) as Task;
    expect(next.contextId).toBe(task.contextId);
    expect(answerOf(next)).toBe('Tomorrow.');
    const run = await portal.client.getRun(next.id);
    expect(run).toMatchObject({
      threadId: task.contextId,
      createdBy: 'user:default/guest',
      input: { message: 'When does it come?' },
    });
  });

  it('follows a task, leaves it, and joins it again', async () => {
    const portal = await startPortal({
      model: [{ text: 'It is packed.', pauseMs: 200 }],
    });
    const client = await clientOf(portal, { version });
    const stream = client.sendMessageStream(message('Where is it?'));
    const first = (await stream.next()).value as StreamResponse;
    expect(first.payload?.$case).toBe('task');
    const { id } = (first.payload as { value: Task }).value;
    await stream.return();
    const again = await collect(client.resubscribeTask({ tenant: '', id }));
    expect(again[0]).toMatchObject({ $case: 'task', value: { id } });
    const text = again.reduce((all, each) => {
      if (each?.$case !== 'artifactUpdate') {
        return all;
      }
      const part = each.value.artifact?.parts[0].content;
      const piece = part?.$case === 'text' ? part.value : '';
      return each.value.append ? all + piece : piece;
    }, '');
    expect(text).toBe('It is packed.');
    expect(again.at(-1)).toMatchObject({
      $case: 'statusUpdate',
      value: { status: { state: TaskState.TASK_STATE_COMPLETED } },
    });
    const task = await client.getTask({ tenant: '', id });
    expect(answerOf(task)).toBe('It is packed.');
    await expect(
      collect(client.resubscribeTask({ tenant: '', id })),
    ).rejects.toThrow('has ended');
  });

  it('stops a task', async () => {
    const portal = await startPortal({ model: [{ hang: true }] });
    const client = await clientOf(portal, { version });
    const { id } = (await client.sendMessage(
      message('Work.', {}, { returnImmediately: true }),
    )) as Task;
    const stopped = await client.cancelTask({
      tenant: '',
      id,
      metadata: undefined,
    });
    expect(stopped.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    await expect(
      client.cancelTask({ tenant: '', id, metadata: undefined }),
    ).rejects.toThrow('has ended already');
  });
});

describe('what others may see', () => {
  it('is what they see by the REST API: other people and other agents have no tasks here', async () => {
    const portal = await startPortal({
      entities: [agent('desk'), agent('other')],
    });
    const mine = await clientOf(portal);
    const task = (await mine.sendMessage(message('Hello'))) as Task;
    const dana = await clientOf(portal, { as: 'user:default/dana' });
    await expect(
      dana.sendMessage(message('Go on', { contextId: task.contextId })),
    ).rejects.toThrow(`You have no conversation ${task.contextId}`);
    const other = await clientOf(portal, { agent: 'other' });
    await expect(other.getTask({ tenant: '', id: task.id })).rejects.toThrow(
      'There is no task',
    );
    await expect(mine.getTask({ tenant: '', id: "x' OR 1=1" })).rejects.toThrow(
      'There is no task',
    );
  });
});

describe.each(databases.eachSupportedId())(
  'what lies in rows, on %s',
  databaseId => {
    it('is the key of cards, which is the same in every process of the portal', async () => {
      const knex = await databases.init(databaseId);
      const keysOf = async ({ url }: Portal) =>
        (await fetch(`${url}/a2a/.well-known/jwks.json`)).json();
      const first = await startPortal({ knex });
      const keys = await keysOf(first);
      expect(keys).toMatchObject({ keys: [{ alg: 'ES256' }] });
      await first.stop();
      expect(await keysOf(await startPortal({ knex }))).toEqual(keys);
    });

    it('are tasks, page by page', async () => {
      const portal = await startPortal({
        knex: await databases.init(databaseId),
        model: () => ({ text: 'Yes.' }),
      });
      const client = await clientOf(portal);
      for (const text of ['One', 'Two', 'Three']) {
        await client.sendMessage(message(text));
      }
      const list = (more: object) =>
        client.listTasks({
          tenant: '',
          contextId: '',
          status: TaskState.TASK_STATE_COMPLETED,
          pageSize: 2,
          pageToken: '',
          statusTimestampAfter: undefined,
          ...more,
        });
      const first = await list({ includeArtifacts: true });
      expect(first.tasks.map(answerOf)).toEqual(['Yes.', 'Yes.']);
      const second = await list({ pageToken: first.nextPageToken });
      expect(second).toMatchObject({ tasks: [{}], nextPageToken: '' });
      const none = await list({ status: TaskState.TASK_STATE_REJECTED });
      expect(none.tasks).toEqual([]);
    });
  },
);

describe('a message that cannot be taken', () => {
  it.each([
    ['to a task that has ended', { taskId: 'the task' }, 'without taskId'],
    ['of an agent', { role: Role.ROLE_AGENT }, 'ROLE_USER'],
    ['without parts', { parts: [] }, 'at least one part'],
    ['without words', { parts: [file()] }, 'Send the content of the file'],
    ['of a strange context', { contextId: '../../x' }, 'You have no'],
  ])('is refused in words: %s', async (_, more, words) => {
    const portal = await startPortal();
    const client = await clientOf(portal);
    const task = (await client.sendMessage(message('Hello'))) as Task;
    await expect(
      client.sendMessage(
        message('More', {
          ...more,
          ...('taskId' in more && { taskId: task.id }),
        }),
      ),
    ).rejects.toThrow(words);
  });

  it('is refused when the client reads nothing that agents write', async () => {
    const portal = await startPortal();
    const client = await clientOf(portal);
    await expect(
      client.sendMessage(
        message('Paint it', {}, { acceptedOutputModes: ['image/png'] }),
      ),
    ).rejects.toThrow('acceptedOutputModes');
  });

  it('tells why a task failed', async () => {
    const portal = await startPortal({
      model: [
        {
          refuse: { status: 403, name: 'X', message: 'The budget is used up.' },
        },
      ],
    });
    const task = (await (
      await clientOf(portal)
    ).sendMessage(message('Hello'))) as Task;
    expect(task.status?.state).toBe(TaskState.TASK_STATE_FAILED);
    expect(task.status?.message?.parts[0].content).toEqual({
      $case: 'text',
      value: 'The budget is used up.',
    });
  });
});

function file() {
  return {
    content: { $case: 'raw' as const, value: Buffer.from('x') },
    metadata: undefined,
    filename: 'x.png',
    mediaType: 'image/png',
  };
}

describe('an agent with a token of its own', () => {
  const partner = (spec: object = {}) =>
    agent('partner', {
      type: 'external',
      identity: 'own',
      autonomy: 'copilot',
      handoffs: ['agent:default/desk'],
      ...spec,
    });

  it('has tasks of the agents that its owner lets it hand work to, and sees no others', async () => {
    const portal = await startPortal({
      entities: [partner(), agent('desk', { identity: 'own' }), agent('lab')],
    });
    const client = await clientOf(portal, { as: 'agent:default/partner' });
    const task = (await client.sendMessage(message('Hello'))) as Task;
    expect(answerOf(task)).toBe('Hello.');
    expect(portal.model.requests[0].caller).toMatchObject({
      agentRef: 'agent:default/desk',
    });
    const people = await portal.run();
    await expect(client.getTask({ tenant: '', id: people.id })).rejects.toThrow(
      'There is no',
    );
    const lab = await clientOf(portal, {
      as: 'agent:default/partner',
      agent: 'lab',
    });
    await expect(lab.sendMessage(message('Hello'))).rejects.toThrow(
      'may not hand work to agent:default/lab',
    );
  });

  it('is told when the other agent acts only for people', async () => {
    const portal = await startPortal({ entities: [partner(), agent('desk')] });
    const client = await clientOf(portal, { as: 'agent:default/partner' });
    await expect(client.sendMessage(message('Hello'))).rejects.toThrow(
      /only.*person|for a person/,
    );
  });
});
