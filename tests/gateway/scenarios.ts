import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { withDatabaseAway } from '../money/databaseAway';
import { LoadBalancer } from './LoadBalancer';
import type { BackendProcess } from './processes';
import { type Scene, TOKEN_NANO_USD } from './Scene';

const COST = 100 * TOKEN_NANO_USD;
const STREAMS = 6;

type Call = Awaited<ReturnType<Scene['call']>>;

/** What must be true of gateways that run beside a portal. */
export const scenarios: Record<string, (scene: Scene) => Promise<void>> = {
  'a budget that is set in the portal is kept by all gateways': async scene => {
    const budget = await scene.budget('exact', 10 * COST);
    const everybody = [scene.portal, ...scene.gateways];
    const calls = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        scene.call(everybody[i % everybody.length], { model: 'fake/exact' }),
      ),
    );
    assert.deepEqual(tally(calls), { '200': 10, '402 budget_exceeded': 50 });
    const { spentNanoUsd, heldNanoUsd } = await budget.usage();
    assert.deepEqual([spentNanoUsd, heldNanoUsd], [10 * COST, 0]);
    await budget.take();
  },

  'what a killed gateway held is settled by others': async scene => {
    const budget = await scene.budget('slow', 100 * COST);
    const [victim, other] = scene.gateways;
    const cut = [1, 2, 3].map(() =>
      scene.call(victim, { model: 'fake/slow', stream: true }),
    );
    const alive = scene.call(other, { model: 'fake/slow', stream: true });
    await until(async () => (await budget.usage()).heldNanoUsd === 4 * COST);
    await victim.kill();
    assert.deepEqual(tally(await Promise.all(cut)), { '0': 3 });
    // Whoever starts looks for the dead; the others do so every half minute.
    await victim.start();
    assert.equal((await alive).status, 200);
    await until(async () => (await budget.usage()).heldNanoUsd === 0);
    const { spentNanoUsd } = await budget.usage();
    assert.equal(spentNanoUsd, 4 * COST);
    const [{ count }] = await scene
      .db('models.model_calls')
      .where({ status: 'unreconciled' })
      .count({ count: '*' });
    assert.equal(Number(count), 3);
    assert.deepEqual((await scene.check()).drift, []);
    await budget.take();
  },

  'a database that is away is told as such, and is missed by nobody afterwards':
    async scene => {
      const [gateway] = scene.gateways;
      const before = scene.call(gateway, { model: 'fake/slow', stream: true });
      await sleep(500);
      await withDatabaseAway(scene, async () => {
        await until(async () => !(await gateway.isReady()));
        const calls = await Promise.all(
          scene.gateways.map(one => scene.call(one, { model: 'fake/half' })),
        );
        assert.deepEqual(tally(calls), {
          '503 ledger_unavailable': scene.gateways.length,
        });
      });
      assertWhole(await before);
      await until(() => gateway.isReady());
      const after = await Promise.all(
        scene.gateways.map(one => scene.call(one, { model: 'fake/half' })),
      );
      assert.deepEqual(tally(after), { '200': scene.gateways.length });
      await until(async () => {
        const [{ count }] = await scene
          .db('models.model_calls')
          .where({ status: 'started' })
          .count({ count: '*' });
        return Number(count) === 0;
      });
    },

  'gateways that are replaced one after another lose no stream':
    async scene => {
      const balancer = new LoadBalancer(scene.gateways);
      let replaced = false;
      const done: Call[] = [];
      const callers = Array.from({ length: STREAMS }, async () => {
        while (!replaced) {
          done.push(
            await scene.call(balancer.pick(), {
              model: 'fake/slow',
              stream: true,
            }),
          );
        }
      });
      for (const gateway of scene.gateways.slice(0, 2)) {
        assert.equal(await gateway.end(), 0);
        await gateway.start();
      }
      replaced = true;
      await Promise.all(callers);
      balancer.close();
      assert.ok(done.length >= 2 * STREAMS, `only ${done.length} calls`);
      done.forEach(assertWhole);
    },

  'a portal that ends lets streams end and takes no new calls': async scene => {
    const { portal } = scene;
    const stream = scene.call(portal, { model: 'fake/slow', stream: true });
    await sleep(500);
    const ended = portal.end();
    const turnedAway = await untilTurnedAway(scene, portal);
    assert.equal(turnedAway.code, 'gateway_draining');
    assertWhole(await stream);
    assert.equal(await ended, 0);
  },
};

function assertWhole(call: Call): void {
  assert.equal(call.status, 200, call.text);
  assert.ok(call.text.endsWith('data: [DONE]\n\n'), 'a stream was cut');
}

/** How often there was which answer. */
function tally(calls: Call[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, code } of calls) {
    const key = [status, code].filter(Boolean).join(' ') || String(status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

async function until(met: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 15_000; !(await met()); await sleep(50)) {
    assert.ok(Date.now() < deadline, `waited too long until ${met}`);
  }
}

async function untilTurnedAway(
  scene: Scene,
  process: BackendProcess,
): Promise<Call> {
  for (;;) {
    const call = await scene.call(process, { model: 'fake/half' });
    if (call.status !== 200) {
      return call;
    }
    await sleep(50);
  }
}
