import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  mockServices,
  type TestDatabaseId,
} from '@backstage/backend-test-utils';
import {
  DefaultNotificationService,
  type NotificationSendOptions,
} from '@backstage/plugin-notifications-node';
import { Webhook } from 'standardwebhooks';
import { databases } from '../__testUtils__/databases';
import { DatabaseCallLedger } from '../ledger/DatabaseCallLedger';
import {
  createNotifier,
  eventChannel,
  notificationChannel,
} from './announcementChannels';
import type { BudgetScope, BudgetWindow } from './budget';
import { BudgetAnnouncer } from './BudgetAnnouncer';
import { BudgetStore } from './BudgetStore';
import { createBudgets } from './createBudgets';
import { ANNOUNCEMENTS, BUDGET_WINDOWS } from './tables';
import { webhookChannel } from './webhookChannel';
import { windowStart } from './windows';

jest.setTimeout(60_000);

const LIMIT = 50_000_000_000;

/** A notifications plugin as far as a sender sees it, and what it was sent. */
async function startNotifications() {
  const sent: NotificationSendOptions[] = [];
  const answer = { status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', part => {
      body += part;
    });
    request.on('end', () => {
      if (answer.status === 200) {
        sent.push(JSON.parse(body));
      }
      response.writeHead(answer.status);
      response.end('{}');
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    sent,
    answer,
    service: () =>
      DefaultNotificationService.create({
        auth: mockServices.auth(),
        discovery: mockServices.discovery.mock({
          getBaseUrl: async () => `http://127.0.0.1:${port}/api/notifications`,
        }),
      }),
    stop: () => new Promise(resolve => server.close(resolve)),
  };
}

async function setUp(
  databaseId: TestDatabaseId,
  notifications: Awaited<ReturnType<typeof startNotifications>>,
) {
  const knex = await databases.init(databaseId);
  const ledger = await DatabaseCallLedger.create(
    mockServices.database.mock({
      getClient: async () => knex,
      migrations: {},
    }),
  );
  const store = new BudgetStore({ db: knex, names: ledger.names });
  const events = mockServices.events.mock();
  const logger = mockServices.logger.mock();
  const owners = {
    ownersOf: async () => ['group:default/care'],
    contactsOf: async ({ type }: BudgetScope) =>
      type === 'organisation'
        ? []
        : ['group:default/care', 'user:default/dana'],
  } as any;
  /** One process of the portal. */
  const announcer = () =>
    new BudgetAnnouncer({
      db: knex,
      logger,
      channels: [
        eventChannel({
          events,
          logger,
          owners,
          auditor: mockServices.auditor.mock({
            createEvent: async () => ({
              success: async () => {},
              fail: async () => {},
            }),
          }),
        }),
        notificationChannel({
          notifier: createNotifier({
            notifications: notifications.service(),
            logger,
          }),
          owners,
        }),
      ],
    });
  const limit = (
    scope: BudgetScope = { type: 'agent', ref: 'agent:default/orders' },
    window: BudgetWindow = 'month',
  ) =>
    store.create(
      {
        scope,
        window,
        limitNanoUsd: LIMIT,
        softThresholds: [0.5, 0.8, 1],
      },
      'api',
      'user:default/erin',
    );
  /** What the transaction of a spending writes. */
  const pass = (id: string, announced: number) =>
    knex(BUDGET_WINDOWS)
      .where({ budget_id: id })
      .update({ announced, spent_nano_usd: (LIMIT / 1000) * announced });
  const told = () =>
    events.publish.mock.calls.map(
      ([event]) => (event.eventPayload as { threshold: number }).threshold,
    );
  return { knex, ledger, store, announcer, limit, owners, pass, told, logger };
}

describe.each(databases.eachSupportedId())(
  'announcements of budgets on %s',
  databaseId => {
    let notifications: Awaited<ReturnType<typeof startNotifications>>;

    beforeEach(async () => {
      notifications = await startNotifications();
    });

    afterEach(() => notifications.stop());

    it('tells owners and sponsors once, whichever process finds it', async () => {
      const { announcer, limit, pass, told } = await setUp(
        databaseId,
        notifications,
      );
      const { id } = await limit();
      await pass(id, 800);
      await Promise.all(
        Array.from({ length: 4 }, () => announcer().announce()),
      );
      await announcer().announce();
      expect(told()).toEqual([0.5, 0.8]);
      expect(notifications.sent).toHaveLength(1);
      expect(notifications.sent[0]).toMatchObject({
        recipients: {
          type: 'entity',
          entityRef: ['group:default/care', 'user:default/dana'],
        },
        payload: {
          title: 'The budget of agent orders is 80 % used',
          description: expect.stringContaining(
            '40.00 USD of 50.00 USD a month are spent.',
          ),
          link: `/cost/budgets?budget=${id}`,
          severity: 'normal',
          scope: expect.stringContaining(id),
        },
      });

      await pass(id, 1000);
      await announcer().announce();
      expect(told()).toEqual([0.5, 0.8, 1]);
      expect(notifications.sent[1].payload).toMatchObject({
        title: 'The budget of agent orders is used up',
        severity: 'high',
      });
    });

    it('tells a server what is signed, and again with the same id until it has taken it', async () => {
      const { knex, limit, logger, owners, pass } = await setUp(
        databaseId,
        notifications,
      );
      const got: Array<{ headers: IncomingHttpHeaders; body: string }> = [];
      let status = 500;
      const server = createServer(async (request, response) => {
        let body = '';
        for await (const piece of request) {
          body += piece;
        }
        got.push({ headers: request.headers, body });
        response.writeHead(status).end();
      });
      await new Promise<void>(resolve =>
        server.listen(0, '127.0.0.1', resolve),
      );
      const { port } = server.address() as AddressInfo;
      const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
      const announcer = new BudgetAnnouncer({
        db: knex,
        logger,
        channels: [
          webhookChannel({
            webhook: { id: 'pager', url: `http://127.0.0.1:${port}/`, secret },
            owners,
          }),
        ],
      });
      const { id } = await limit();
      await pass(id, 500);
      await announcer.announce();
      expect(got).toHaveLength(1);
      expect(String(logger.warn.mock.calls.at(-1))).not.toContain(String(port));
      status = 204;
      await knex(ANNOUNCEMENTS).update({ claimed_until: 0 });
      await announcer.announce();
      await announcer.announce();
      expect(got).toHaveLength(2);
      const [first, { body, headers }] = got;
      expect(headers['webhook-id']).toBe(first.headers['webhook-id']);
      // As whoever gets it makes sure of it.
      expect(
        new Webhook(secret).verify(body, headers as Record<string, string>),
      ).toMatchObject({
        type: 'models.budget.threshold',
        data: {
          budgetId: id,
          threshold: 0.5,
          spentNanoUsd: LIMIT / 2,
          limitNanoUsd: LIMIT,
          ownerRefs: ['group:default/care'],
        },
      });
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    });

    it('tells owners of a budget and of the agent that a call was refused, once for each agent', async () => {
      const { ledger, limit, owners, logger } = await setUp(
        databaseId,
        notifications,
      );
      const { id } = await limit({ type: 'model', ref: 'openai/a' });
      const budgets = await createBudgets({
        ledger,
        owners,
        logger,
        events: mockServices.events.mock(),
        notifications: notifications.service(),
        auditor: mockServices.auditor.mock(),
        longestCallMs: 60_000,
        waitMs: 0,
      });
      await budgets.directory.refresh();
      let calls = 0;
      const call = (agent: string) => {
        calls += 1;
        return budgets.ledger.open({
          id: `refused${calls}-1`,
          callId: `refused${calls}`,
          attempt: 1,
          createdAt: Date.now(),
          provider: 'openai',
          model: 'openai/a',
          boundNanoUsd: LIMIT + 1,
          account: {
            agentRef: `agent:default/${agent}`,
            ownerRef: `group:default/of-${agent}`,
          },
        });
      };
      const until = async (count: number) => {
        const late = Date.now() + 10_000;
        while (notifications.sent.length < count && Date.now() < late) {
          await new Promise(resolve => setTimeout(resolve, 20));
        }
      };
      notifications.answer.status = 503;
      await expect(call('orders')).rejects.toMatchObject({
        code: 'budget_exceeded',
      });
      while (!logger.warn.mock.calls.some(([text]) => /refused/.test(text))) {
        await new Promise(resolve => setTimeout(resolve, 20));
      }
      notifications.answer.status = 200;
      for (const agent of ['orders', 'orders', 'clerk', 'orders']) {
        await expect(call(agent)).rejects.toMatchObject({
          code: 'budget_exceeded',
        });
        await until(1);
      }
      await until(2);
      await budgets.stop();
      expect(notifications.sent).toHaveLength(2);
      expect(notifications.sent[0]).toMatchObject({
        recipients: {
          entityRef: [
            'group:default/care',
            'user:default/dana',
            'group:default/of-orders',
          ],
        },
        payload: {
          title:
            'The budget of model openai/a has refused a call of agent orders',
          description: expect.stringContaining('0.00 USD of 50.00 USD a month'),
          link: `/cost/budgets?budget=${id}`,
          severity: 'high',
        },
      });
      expect(notifications.sent[1].recipients).toMatchObject({
        entityRef: expect.arrayContaining(['group:default/of-clerk']),
      });
    });

    it('tells what a process that died had claimed, once its claim is over', async () => {
      const { announcer, knex, limit, pass, told } = await setUp(
        databaseId,
        notifications,
      );
      const { id } = await limit();
      await pass(id, 500);
      const claim = (until: number) =>
        knex(ANNOUNCEMENTS)
          .insert(
            ['event', 'notification'].map(channel => ({
              budget_id: id,
              window_start: windowStart('month', Date.now()),
              limit_nano_usd: LIMIT,
              channel,
              delivered: 0,
              claimed_until: until,
            })),
          )
          .onConflict([
            'budget_id',
            'window_start',
            'limit_nano_usd',
            'channel',
          ])
          .merge();
      await claim(Date.now() + 60_000);
      await announcer().announce();
      expect(told()).toEqual([]);
      await claim(Date.now() - 1);
      await announcer().announce();
      expect(told()).toEqual([0.5]);
      expect(notifications.sent).toHaveLength(1);
    });

    it('tries again when the notifications plugin fails, without a second event', async () => {
      const { announcer, knex, limit, pass, told, logger } = await setUp(
        databaseId,
        notifications,
      );
      const { id } = await limit();
      await pass(id, 500);
      notifications.answer.status = 503;
      await announcer().announce();
      expect(told()).toEqual([0.5]);
      expect(notifications.sent).toEqual([]);
      expect(logger.warn).toHaveBeenCalledWith(
        expect.stringContaining('tried again'),
      );
      notifications.answer.status = 200;
      await knex(ANNOUNCEMENTS).update({ claimed_until: 0 });
      await announcer().announce();
      expect(told()).toEqual([0.5]);
      expect(notifications.sent).toHaveLength(1);
    });

    it('leaves notifications to others where the plugin is missing', async () => {
      const { announcer, knex, limit, pass, told } = await setUp(
        databaseId,
        notifications,
      );
      const { id } = await limit();
      await pass(id, 500);
      notifications.answer.status = 404;
      const alone = announcer();
      await alone.announce();
      notifications.answer.status = 200;
      await knex(ANNOUNCEMENTS).update({ claimed_until: 0 });
      await alone.announce();
      expect(told()).toEqual([0.5]);
      expect(notifications.sent).toEqual([]);
      await announcer().announce();
      expect(notifications.sent).toHaveLength(1);
    });

    it('announces anew when the limit has become another one', async () => {
      const { announcer, limit, pass, store, told } = await setUp(
        databaseId,
        notifications,
      );
      const { id } = await limit();
      await pass(id, 800);
      await announcer().announce();
      await store.update(
        id,
        { limitNanoUsd: 2 * LIMIT, softThresholds: [0.5, 1] },
        'user:default/erin',
      );
      await announcer().announce();
      expect(told()).toEqual([0.5, 0.8]);
      await pass(id, 500);
      await announcer().announce();
      expect(told()).toEqual([0.5, 0.8, 0.5]);
    });

    it('tells a person of their own budget, and the maker of one that nobody owns', async () => {
      const { announcer, limit, pass } = await setUp(databaseId, notifications);
      const own = await limit({ type: 'user', ref: 'user:default/finn' });
      const all = await limit({ type: 'organisation', ref: 'default' });
      await pass(own.id, 1000);
      await pass(all.id, 1000);
      await announcer().announce();
      const told = notifications.sent.map(({ recipients }) => recipients);
      // Ids of the same millisecond have no order.
      expect(told).toHaveLength(2);
      expect(told).toEqual(
        expect.arrayContaining([
          { type: 'entity', entityRef: ['user:default/finn'] },
          { type: 'entity', entityRef: ['user:default/erin'] },
        ]),
      );
    });
  },
);
