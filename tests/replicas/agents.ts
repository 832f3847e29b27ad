// What becomes of agents at one replica when something is done at the other.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { PortalProcess } from '../portal/PortalProcess';
import type { startSlowProvider } from '../portal/slowProvider';
import { until } from './until';

export const PRIYA = 'user:default/priya.raman';
const SLOW = 'agent:default/slow-pal';
const LEFT = 'agent:default/left-pal';
const WITHIN_MS = 5_000;
/** Longer than the watch takes to see that a sponsor has left, and no test wants to wait for days. */
export const GRACE_DAYS = 20 / 86_400;

const agent = (name: string, sponsor: string) => `---
apiVersion: agentportal.dev/v1alpha1
kind: Agent
metadata: { name: ${name} }
spec:
  type: assistant
  lifecycle: production
  owner: group:default/platform
  sponsor: ${sponsor}
  autonomy: supervised
  identity: own
  model: model:default/slow.drip
  instructions: Talk.
`;
const team = `---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: visitors }
spec: { type: team, children: [] }
`;
const leaver = `---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: { name: leaver }
spec: { memberOf: [visitors] }
`;

/** What the catalog reads, as the company's repositories have it at first. */
export const FILES = {
  '/pals.yaml': `${agent('slow-pal', PRIYA)}${agent(
    'left-pal',
    'user:default/leaver',
  )}`,
  '/people.yaml': `${team}${leaver}`,
};

export interface AgentsScene {
  one: PortalProcess;
  two: PortalProcess;
  db: Knex;
  provider: Awaited<ReturnType<typeof startSlowProvider>>;
  /** Changes a file that the catalog reads. */
  push(file: string, text: string): void;
  /** Address of such a file. */
  addressOf(file: string): string;
}

/** Registers the agents of these scenarios and waits until both replicas know them. */
export async function register(scene: AgentsScene): Promise<void> {
  const { one, two, addressOf } = scene;
  const token = await one.client.signIn(PRIYA);
  for (const file of Object.keys(FILES)) {
    await one.client.ask(token, 'POST', '/api/catalog/locations', {
      type: 'url',
      target: addressOf(file),
    });
  }
  for (const { client } of [one, two]) {
    for (const ref of [SLOW, LEFT]) {
      await until(() => client.ask(token, 'GET', pathOf(ref)).then(() => true));
    }
  }
}

export const scenarios: Record<
  string,
  (scene: AgentsScene) => Promise<string | void>
> = {
  'an agent that is suspended at one replica stops at the other within five seconds':
    async ({ one, two, provider }) => {
      const token = await one.client.signIn(PRIYA);
      const { secret } = await credentialOf(one, token, SLOW);
      const own = await tokenOf(two, SLOW, secret);
      const run = await two.client.ask(
        token,
        'POST',
        '/api/orchestration/runs',
        { agentRef: SLOW, input: { message: 'Talk.' } },
      );
      const stream = await fetch(
        new URL('/api/models/openai/v1/chat/completions', two.client.url),
        {
          method: 'POST',
          headers: {
            authorization: `Bearer ${own}`,
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            model: 'slow/drip',
            stream: true,
            messages: [{ role: 'user', content: 'Talk.' }],
          }),
        },
      );
      assert.equal(stream.status, 200, await textOf(stream));
      await until(async () => provider.open() === 2);
      const status = async () =>
        (
          await two.client.ask(
            token,
            'GET',
            `/api/orchestration/runs/${run.id}`,
          )
        ).status;
      assert.equal(await status(), 'running');
      const doors = [one, two].flatMap(({ client }, i) =>
        Object.entries({
          models: '/api/models/openai/v1/models',
          tools: '/api/tools/tools?limit=1',
        }).map(([name, path]) => ({
          name: `${name} ${i + 1}`,
          isOpen: async () => {
            const answer = await client.send({
              method: 'GET',
              path,
              headers: { authorization: `Bearer ${own}` },
            });
            // Whoever cannot tell yet has not refused.
            assert.ok([200, 401, 403].includes(answer.status), answer.text);
            return answer.status === 200;
          },
        })),
      );
      for (const door of doors) {
        await until(door.isOpen);
      }

      const since = performance.now();
      const after = async (name: string, what: Promise<unknown>) => {
        await what;
        return [name, performance.now() - since] as const;
      };
      await one.client.ask(token, 'POST', `${pathOf(SLOW)}/suspend`, {
        reason: 'It talks too much.',
      });
      const times = await Promise.all([
        after(
          'run',
          untilFast(async () => (await status()) !== 'running'),
        ),
        after('stream', drained(stream)),
        after(
          'provider',
          untilFast(async () => provider.open() === 0),
        ),
        ...doors.map(door =>
          after(
            door.name,
            untilFast(async () => !(await door.isOpen())),
          ),
        ),
      ]);
      const measured = times
        .map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)} s`)
        .join(', ');
      assert.ok(
        times.every(([, ms]) => ms <= WITHIN_MS),
        measured,
      );
      for (const replica of [one, two]) {
        await assert.rejects(tokenOf(replica, SLOW, secret), /unauthorized/);
      }
      await one.client.ask(token, 'POST', `${pathOf(SLOW)}/resume`, {
        reason: 'It was only a trial.',
      });
      const again = await tokenOf(one, SLOW, secret);
      for (const { client } of [one, two]) {
        await until(() =>
          client
            .ask(again, 'GET', '/api/models/openai/v1/models')
            .then(() => true),
        );
      }
      return measured;
    },

  'credentials are rotated under load at both replicas, and no request fails':
    async ({ one, two }) => {
      const token = await one.client.signIn(PRIYA);
      let { secret, id } = await credentialOf(one, token, SLOW);
      await until(() => tokenOf(two, SLOW, secret).then(() => true));
      let issued = 0;
      let ended = false;
      /** Requests under way, by the secret that they began with. */
      const underWay = new Map<string, number>();
      const failures: string[] = [];
      const load = Promise.all(
        Array.from({ length: 6 }, async (_, i) => {
          while (!ended) {
            const replica = [one, two][(i + issued) % 2];
            const began = secret;
            underWay.set(began, (underWay.get(began) ?? 0) + 1);
            try {
              const own = await tokenOf(replica, SLOW, began);
              await replica.client.ask(
                own,
                'GET',
                '/api/models/openai/v1/models',
              );
            } catch (error) {
              failures.push(String(error));
            }
            underWay.set(began, underWay.get(began)! - 1);
            issued += 1;
          }
        }),
      );
      for (const replica of [one, two, one]) {
        await sleep(1_500);
        const next = await replica.client.ask(
          token,
          'POST',
          `${pathOf(SLOW)}/credentials/${id}/rotate`,
          {},
        );
        // As in a company: programs have the new secret some time later, and then the old one goes.
        await sleep(500);
        const before = { id, secret };
        ({ secret } = next);
        ({ id } = next.credential);
        await until(async () => underWay.get(before.secret) === 0);
        await replica.client.ask(
          token,
          'DELETE',
          `${pathOf(SLOW)}/credentials/${before.id}`,
        );
      }
      ended = true;
      await load;
      assert.deepEqual(failures, []);
      assert.ok(issued > 50, `only ${issued}`);
      return `${issued} tokens, each used once, 3 rotations, 0 failed`;
    },

  'an agent whose sponsor leaves goes on for a while, stops, and goes on with a new one':
    async ({ one, two, db, push, addressOf }) => {
      const token = await one.client.signIn(PRIYA);
      const { secret } = await credentialOf(one, token, LEFT);
      const look = () =>
        db('agents.backstage_backend_tasks__tasks')
          .where({ id: 'watch-sponsors' })
          .update({ next_run_start_at: db.fn.now() });
      const stateAt = async ({ client }: PortalProcess) =>
        (await client.ask(token, 'GET', `${pathOf(LEFT)}/access`)).agent.state;
      const sponsor = '/api/catalog/entities/by-name/user/default/leaver';
      await one.client.ask(token, 'GET', sponsor);
      await look();
      await until(async () => {
        const row = await db('agents.agent_states')
          .where({ agent_ref: LEFT })
          .first();
        return Boolean(row?.seen_sponsor_ref);
      });

      push('/people.yaml', team);
      const locations = await one.client.ask(
        token,
        'GET',
        '/api/catalog/entities?filter=kind=location',
      );
      const { metadata } = locations.find(
        ({ spec }: any) => spec?.target === addressOf('/people.yaml'),
      );
      await until(async () => {
        await one.client.ask(token, 'POST', '/api/catalog/refresh', {
          entityRef: `location:default/${metadata.name}`,
        });
        const answer = await two.client.send({
          method: 'GET',
          path: sponsor,
          headers: { authorization: `Bearer ${token}` },
        });
        return answer.status === 404;
      });
      await look();
      await until(async () => (await stateAt(two)) === 'orphaned');
      await until(async () => {
        const { notifications } = await two.client.ask(
          token,
          'GET',
          '/api/notifications',
        );
        return notifications.some(({ payload }: any) =>
          /left-pal has lost its sponsor/.test(payload.title),
        );
      });
      const since = performance.now();
      for (const replica of [one, two]) {
        await until(() =>
          tokenOf(replica, LEFT, secret).then(
            () => false,
            error => /unauthorized/.test(error.message),
          ),
        );
      }
      const stopped = ((performance.now() - since) / 1000).toFixed(1);
      await one.client.ask(token, 'POST', `${pathOf(LEFT)}/resume`, {
        reason: 'I answer for it now.',
        sponsorRef: PRIYA,
      });
      await untilFast(async () => (await stateAt(two)) === 'active');
      await tokenOf(two, LEFT, secret);
      return `refused ${stopped} s after the owners were told`;
    },
};

const pathOf = (ref: string) => `/api/agents/agents/${ref.split(':')[1]}`;

async function credentialOf(
  { client }: PortalProcess,
  token: string,
  ref: string,
): Promise<{ id: string; secret: string }> {
  const { credential, secret } = await client.ask(
    token,
    'POST',
    `${pathOf(ref)}/credentials`,
    { title: 'A program' },
  );
  return { id: credential.id, secret };
}

/** What a program does that has the secret of an agent. */
async function tokenOf(
  { client }: PortalProcess,
  ref: string,
  secret: string,
): Promise<string> {
  const { status, text } = await client.send({
    method: 'POST',
    path: '/api/auth/agent/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: ref,
      client_secret: secret,
    }).toString(),
  });
  if (status !== 200) {
    throw new Error(`${status} ${text}`);
  }
  return JSON.parse(text).access_token;
}

/** Resolves when a stream has ended, however it did. */
async function drained(stream: Response): Promise<void> {
  try {
    const reader = stream.body!.getReader();
    while (!(await reader.read()).done);
  } catch {
    // It was cut.
  }
}

async function textOf(response: Response): Promise<string> {
  return response.ok ? '' : response.text();
}

const untilFast = (condition: () => Promise<boolean>) =>
  until(condition, { timeoutMs: 3 * WITHIN_MS, everyMs: 50 });
