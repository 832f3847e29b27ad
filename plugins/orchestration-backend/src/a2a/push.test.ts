import { mockCredentials, TestDatabases } from '@backstage/backend-test-utils';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { startPortal, until } from '../__testUtils__/portal';

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

/** Whoever wants to be told, and fails as often as a test wants. */
async function startReceiver() {
  const got: Array<{ headers: IncomingMessage['headers']; body: any }> = [];
  const receiver = {
    got,
    url: '',
    host: '',
    failures: 0,
    isSilent: false,
    stop: () => {},
  };
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) {
      text += chunk;
    }
    if (receiver.isSilent) {
      return;
    }
    if (receiver.failures > 0) {
      receiver.failures -= 1;
      response.writeHead(500).end();
      return;
    }
    got.push({ headers: request.headers, body: JSON.parse(text) });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  receiver.host = `127.0.0.1:${port}`;
  receiver.url = `http://${receiver.host}/hook`;
  receiver.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return receiver;
}

async function rpc(
  portal: Awaited<ReturnType<typeof startPortal>>,
  method: string,
  params: object,
  version = '1.0',
  by = 'user:default/guest',
) {
  const response = await fetch(`${portal.url}/a2a/default/desk`, {
    method: 'POST',
    headers: {
      authorization: mockCredentials.user.header(by),
      'content-type': 'application/json',
      'a2a-version': version,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return (await response.json()) as { result?: any; error?: any };
}

const message = {
  messageId: '1',
  role: 'ROLE_USER',
  parts: [{ text: 'Work' }],
};

describe.each(databases.eachSupportedId())(
  'push notifications, on %s',
  databaseId => {
    it('tell the end of a task, authenticated, again when it failed, in the version that was asked for', async () => {
      const receiver = await startReceiver();
      receiver.failures = 1;
      const portal = await startPortal({
        knex: await databases.init(databaseId),
        model: [{ text: 'Done.', pauseMs: 500 }],
        config: { a2a: { pushHosts: [receiver.host] } },
      });
      const sent = await rpc(portal, 'SendMessage', {
        message,
        configuration: {
          returnImmediately: true,
          taskPushNotificationConfig: {
            url: receiver.url,
            token: 'which-one',
            authentication: { scheme: 'Bearer', credentials: 'secret-of-mine' },
          },
        },
      });
      const { id } = sent.result.task;
      await rpc(
        portal,
        'tasks/pushNotificationConfig/set',
        {
          taskId: id,
          pushNotificationConfig: { id: 'old', url: receiver.url },
        },
        '0.3',
      );
      await until(
        () => receiver.got.filter(({ body }) => isDone(body)),
        done => done.length === 2,
        20_000,
      );
      const latest = receiver.got.findLast(({ body }) => body.task)!;
      expect(latest.headers).toMatchObject({
        authorization: 'Bearer secret-of-mine',
        'x-a2a-notification-token': 'which-one',
        'content-type': 'application/a2a+json',
      });
      expect(latest.body.task).toMatchObject({
        id,
        status: { state: 'TASK_STATE_COMPLETED' },
        artifacts: [{ parts: [{ text: 'Done.' }] }],
      });
      const old = receiver.got.findLast(({ body }) => body.kind === 'task')!;
      expect(old.body).toMatchObject({ id, status: { state: 'completed' } });
      expect(old.headers.authorization).toBeUndefined();

      const { result } = await rpc(portal, 'ListTaskPushNotificationConfigs', {
        taskId: id,
      });
      expect(result.configs).toHaveLength(2);
      expect(JSON.stringify(result)).not.toContain('secret-of-mine');
      await rpc(portal, 'DeleteTaskPushNotificationConfig', {
        taskId: id,
        id: 'old',
      });
      const left = await rpc(portal, 'GetTaskPushNotificationConfig', {
        taskId: id,
        id: 'old',
      });
      expect(left.error.message).toContain('no push notification config old');
      receiver.stop();
    }, 30_000);

    it('are their makers, and wait for no receiver that says nothing', async () => {
      const [silent, receiver] = await Promise.all([
        startReceiver(),
        startReceiver(),
      ]);
      silent.isSilent = true;
      const portal = await startPortal({
        knex: await databases.init(databaseId),
        config: { a2a: { pushHosts: [silent.host, receiver.host] } },
      });
      const tasks = await Promise.all(
        Array.from({ length: 8 }, async () => {
          const { result } = await rpc(portal, 'SendMessage', {
            message,
            configuration: {
              returnImmediately: true,
              taskPushNotificationConfig: { id: 'mine', url: silent.url },
            },
          });
          return result.task.id;
        }),
      );
      const asked = { taskId: tasks[0], id: 'mine' };
      const asEve = (method: string, params: object) =>
        rpc(portal, method, params, '1.0', 'user:default/eve');
      await asEve('DeleteTaskPushNotificationConfig', asked);
      const taken = await asEve('CreateTaskPushNotificationConfig', {
        ...asked,
        url: receiver.url,
      });
      expect(taken.error.message).toContain('Somebody else has');
      const known = await asEve('ListTaskPushNotificationConfigs', asked);
      expect(known.result.configs ?? []).toEqual([]);
      const { result } = await rpc(
        portal,
        'ListTaskPushNotificationConfigs',
        asked,
      );
      expect(result.configs).toMatchObject([{ id: 'mine', url: silent.url }]);

      const began = Date.now();
      const { error } = await rpc(portal, 'SendMessage', {
        message,
        configuration: {
          returnImmediately: true,
          taskPushNotificationConfig: { url: receiver.url },
        },
      });
      expect(error).toBeUndefined();
      await until(
        () => receiver.got.filter(({ body }) => isDone(body)),
        done => done.length === 1,
        20_000,
      );
      expect(Date.now() - began).toBeLessThan(6_000);
      silent.stop();
      receiver.stop();
    }, 30_000);
  },
);

it('push notifications go to no private address that nobody named, and begin no run for one', async () => {
  const portal = await startPortal();
  for (const [url, words] of [
    ['https://169.254.169.254/latest', 'is a private address'],
    ['https://localhost./', 'is a private address'],
    ['http://hooks.example.com/', 'go to https URLs'],
    ['https://me:secret@hooks.example.com/', 'without a password'],
    ['ftp://hooks.example.com/', 'not valid'],
  ]) {
    const { error } = await rpc(portal, 'SendMessage', {
      message,
      configuration: { taskPushNotificationConfig: { url } },
    });
    expect(error.message).toContain(words);
  }
  expect((await portal.client.listRuns({})).items).toEqual([]);
});

function isDone(body: any): boolean {
  const state = (body.task ?? body).status?.state;
  return state === 'TASK_STATE_COMPLETED' || state === 'completed';
}
