import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { withDatabaseAway } from './databaseAway';
import type { Scene } from './Scene';

/** Of a call with max_tokens 100: the most that it can cost, in nano-USD. */
const CALL = 1_000;

/** What must hold, by what is tried. */
export const scenarios: Record<string, (scene: Scene) => Promise<void>> = {
  'of 200 calls at once over 4 processes, a budget for 10 lets 10 begin':
    async scene => {
      const { agentRef, id } = await scene.budget(10 * CALL);
      const { log } = scene.provider;
      const before = log.length;
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) =>
          scene.call(scene.gateways[i % 4], agentRef, { model: 'fake/exact' }),
        ),
      );
      const count = (status: number) =>
        answers.filter(answer => answer.status === status).length;
      assert.deepEqual([count(200), count(402)], [10, 190]);
      assert.equal(log.length - before, 10);
      const usage = await scene.usage(id);
      assert.deepEqual([usage.spentNanoUsd, usage.heldNanoUsd], [10 * CALL, 0]);
      await scene.assertSound();
    },

  'no call is refused while there is room': async scene => {
    const { agentRef, id } = await scene.budget(10 * CALL);
    // Each costs half of what it may cost.
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        scene.call(scene.gateways[i % 4], agentRef, { model: 'fake/half' }),
      ),
    );
    const served = answers.filter(answer => answer.status === 200).length;
    const { spentNanoUsd, leftNanoUsd } = await scene.usage(id);
    assert.equal(spentNanoUsd, (served * CALL) / 2);
    assert.ok(leftNanoUsd < CALL, `${leftNanoUsd} nano-USD were left`);
    await scene.assertSound();
  },

  'kill -9 at random points of 500 calls loses and doubles nothing':
    async scene => {
      const { agentRef, id } = await scene.budget(500 * CALL);
      const { provider, gateways } = scene;
      const before = provider.log.length;
      let left = 500;
      let kills = 0;
      // How far the callers may come before the next kill: without it, a machine that
      // starts gateways slowly would be done with all calls after the first.
      let pauseAt = 400;
      const callers = Array.from({ length: 24 }, async (_, i) => {
        while (left > 0) {
          if (left <= pauseAt) {
            await sleep(50);
            continue;
          }
          left -= 1;
          const model = left % 3 ? 'fake/half' : 'fake/exact';
          const stream = left % 2 === 0;
          const answer = await scene.call(gateways[i % 4], agentRef, {
            model,
            stream,
          });
          if (answer.status === 0) {
            await sleep(50);
          }
          // Slow enough for several kills.
          await sleep(Math.random() * 500);
        }
      });
      const killer = (async () => {
        while (left > 60) {
          await sleep(100 + Math.random() * 400);
          const victim = kills % 4;
          await gateways[victim].kill();
          kills += 1;
          gateways[victim] = await scene.start();
          pauseAt -= 100;
        }
        pauseAt = 0;
      })();
      await Promise.all([...callers, killer]);
      assert.ok(kills > 3, 'there were too few kills to prove anything');
      await fetch(`${gateways[0].url}/reconcile`);

      const rows = await scene.rows(agentRef);
      const rowOf = new Map(rows.map(row => [row.id, row]));
      const log = provider.log.slice(before);
      assert.equal(new Set(log.map(entry => entry.attemptId)).size, log.length);
      for (const { attemptId, billedTokens } of log) {
        const row = rowOf.get(attemptId);
        assert.ok(row, `the provider worked for ${attemptId}, not the ledger`);
        const billed = (billedTokens ?? 0) * 10;
        const cost = Number(row.cost_nano_usd);
        if (row.status === 'succeeded') {
          assert.equal(cost, billed, `${attemptId} cost something else`);
        } else {
          assert.equal(row.status, 'unreconciled');
          assert.ok(cost >= billed && row.estimated, attemptId);
        }
      }
      const called = new Set(log.map(entry => entry.attemptId));
      for (const row of rows.filter(
        ({ id: attempt }) => !called.has(attempt),
      )) {
        assert.equal(row.status, 'unreconciled', `${row.id} was never called`);
      }
      const spent = rows.reduce(
        (sum, row) => sum + Number(row.cost_nano_usd),
        0,
      );
      assert.equal((await scene.usage(id)).spentNanoUsd, spent);
      await scene.assertSound();
    },

  'kill -9 of a call that no budget applies to books it all the same':
    async scene => {
      const agentRef = 'agent:default/without-budget';
      const answer = scene.call(scene.gateways[0], agentRef, {
        model: 'fake/slow',
        stream: true,
      });
      while ((await scene.rows(agentRef, 0)).length === 0) {
        await sleep(20);
      }
      await scene.gateways[0].kill();
      await answer;
      scene.gateways[0] = await scene.start();
      await fetch(`${scene.gateways[0].url}/abandoned`);
      const [row] = await scene.rows(agentRef);
      assert.equal(row.status, 'unreconciled');
      assert.ok(row.estimated);
      assert.equal(Number(row.cost_nano_usd), CALL);
      await scene.assertSound();
    },

  ...faults({
    'rate-limited': { status: 'failed', cost: 0 },
    broken: { status: 'failed', cost: 0 },
    exact: { status: 'succeeded', cost: CALL },
    'odd-usage': { status: 'succeeded', cost: CALL },
    'no-usage': { status: 'succeeded', estimated: true },
    'absurd-usage': { status: 'succeeded', cost: CALL, estimated: true },
    cut: { status: 'failed', estimated: true },
    'cut-whole': { status: 'failed', estimated: true },
  }),

  'callers who leave before the usage comes pay what was used': async scene => {
    const { agentRef, id } = await scene.budget(20 * CALL);
    const { gateways, provider } = scene;
    const before = provider.log.length;
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        scene.leave(gateways[i % 4], agentRef, { model: 'fake/late-usage' }),
      ),
    );
    const rows = await scene.rows(agentRef);
    const billed = provider.log
      .slice(before)
      .reduce((sum, { billedTokens = 0 }) => sum + billedTokens * 10, 0);
    assert.ok(
      billed >= 10 * CALL,
      'there were too few calls to prove anything',
    );
    const cancelled = rows.filter(row => row.status === 'cancelled');
    assert.ok(cancelled.length > 0, 'nobody left early');
    assert.ok(cancelled.every(row => !row.estimated));
    const { spentNanoUsd } = await scene.usage(id);
    assert.equal(spentNanoUsd, billed);
    assert.ok(spentNanoUsd <= 20 * CALL);
    await scene.assertSound();
  },

  'a caller who goes away for long is settled once, by what was held':
    async scene => {
      const { agentRef, id } = await scene.budget(10 * CALL);
      const gone = new AbortController();
      const answer = scene.call(
        scene.gateways[0],
        agentRef,
        { model: 'fake/slow', stream: true },
        gone.signal,
      );
      await sleep(400);
      gone.abort();
      await answer;
      const [row] = await scene.rows(agentRef);
      assert.equal(row.status, 'cancelled');
      assert.ok(row.estimated);
      assert.equal(Number(row.cost_nano_usd), CALL);
      assert.equal(
        (await scene.usage(id)).spentNanoUsd,
        Number(row.cost_nano_usd),
      );
      await scene.assertSound();
    },

  'a database that goes away during a call gets the true cost later':
    async scene => {
      const { agentRef, id } = await scene.budget(10 * CALL);
      const answer = scene.call(scene.gateways[0], agentRef, {
        model: 'fake/slow',
        stream: true,
      });
      await sleep(1_500);
      await withDatabaseAway(scene, async () => {
        const refused = await scene.call(scene.gateways[1], agentRef, {
          model: 'fake/exact',
        });
        assert.notEqual(refused.status, 402);
        assert.notEqual(refused.status, 401);
      });
      const { status, text } = await answer;
      assert.equal(status, 200);
      assert.ok(text.includes('[DONE]'), 'a paid answer did not arrive');
      const rows = await scene.rows(agentRef, 60_000);
      const slow = rows.filter(row => row.held_nano_usd !== null);
      assert.ok(slow.length >= 1);
      assert.ok(rows.every(row => row.status !== 'started'));
      const spent = rows.reduce(
        (sum, row) => sum + Number(row.cost_nano_usd),
        0,
      );
      assert.equal((await scene.usage(id)).spentNanoUsd, spent);
      assert.ok(spent >= CALL);
      await scene.assertSound();
    },
};

/** How faults are tried that only streams, or only whole answers, can have. */
const WAYS = new Map([
  ['cut', [true]],
  ['cut-whole', [false]],
]);

/** The fault matrix: each habit of a provider, streamed and not. */
function faults(
  matrix: Record<
    string,
    { status: string; cost?: number; estimated?: boolean }
  >,
): Record<string, (scene: Scene) => Promise<void>> {
  return Object.fromEntries(
    Object.entries(matrix).map(([model, expected]) => [
      `the provider habit "${model}" is settled as ${expected.status}`,
      async (scene: Scene) => {
        const { agentRef, id } = await scene.budget(10 * CALL);
        const streams = WAYS.get(model) ?? [true, false];
        for (const stream of streams) {
          // Each by a process of its own: one leaves a model alone that failed.
          await scene.call(scene.gateways[stream ? 2 : 1], agentRef, {
            model: `fake/${model}`,
            stream,
          });
        }
        const rows = await scene.rows(agentRef);
        assert.equal(rows.length, streams.length);
        for (const row of rows) {
          const cost = Number(row.cost_nano_usd);
          assert.equal(row.status, expected.status);
          assert.equal(Boolean(row.estimated), expected.estimated ?? false);
          if (expected.cost !== undefined) {
            assert.equal(cost, expected.cost);
          } else {
            assert.ok(cost > 0 && cost <= CALL);
          }
        }
        const spent = rows.reduce((s, row) => s + Number(row.cost_nano_usd), 0);
        assert.equal((await scene.usage(id)).spentNanoUsd, spent);
        await scene.assertSound();
      },
    ]),
  );
}
