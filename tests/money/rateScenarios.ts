import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from './Scene';

const MANY = 200;

/** What must hold of rate limits, by what is tried. */
export const rateScenarios: Record<string, (scene: Scene) => Promise<void>> = {
  'of 200 calls at once over 4 processes, a limit of 20 requests lets 20 begin':
    async scene => {
      // What flows in again meanwhile is less than one.
      const { agentRef } = await scene.limit({
        measure: 'requests',
        amount: 1,
        burst: 20,
      });
      const before = scene.provider.log.length;
      const answers = await Promise.all(
        Array.from({ length: MANY }, (_, i) =>
          scene.call(scene.gateways[i % 4], agentRef, { model: 'fake/exact' }),
        ),
      );
      const count = (status: number) =>
        answers.filter(answer => answer.status === status).length;
      assert.deepEqual([count(200), count(429)], [20, MANY - 20]);
      assert.equal(scene.provider.log.length - before, 20);
      const refused = answers.find(answer => answer.status === 429)!;
      assert.equal(JSON.parse(refused.text).error.code, 'rate_limited');
    },

  'tokens that calls do not need are there for others, and no more':
    async scene => {
      // Each call may need its bytes, the frame and 100 tokens, and uses 105.
      const { agentRef, id } = await scene.limit({
        measure: 'tokens',
        amount: 1,
        burst: 3_000,
      });
      let served = 0;
      for (let i = 0; i < 40; i += 1) {
        const { status } = await scene.call(scene.gateways[i % 4], agentRef, {
          model: 'fake/exact',
        });
        served += Number(status === 200);
      }
      const { ahead } = await scene.rateCounter(id);
      assert.ok(
        Math.abs(ahead - served * 105) <= 1,
        `${ahead} tokens are taken after ${served} calls`,
      );
      assert.ok(served > 10 && served < 3_000 / 105, `${served} were served`);
    },

  'never do more calls run at once than a limit allows, over 4 processes':
    async scene => {
      const { agentRef, id } = await scene.limit({
        measure: 'parallel',
        amount: 5,
      });
      scene.provider.watch();
      let refusals = 0;
      await Promise.all(
        Array.from({ length: 60 }, async (_, i) => {
          for (;;) {
            const { status } = await scene.call(
              scene.gateways[i % 4],
              agentRef,
              { model: 'fake/exact', stream: i % 2 === 0 },
            );
            if (status !== 429) {
              assert.equal(status, 200);
              return;
            }
            refusals += 1;
            await sleep(20 + Math.random() * 60);
          }
        }),
      );
      const most = scene.provider.mostAtOnce();
      assert.ok(most > 1 && most <= 5, `${most} ran at once`);
      assert.ok(refusals > 0);
      assert.equal((await scene.rateCounter(id)).inUse, 0);
    },

  'kill -9 lets go of the calls that ran': async scene => {
    const { agentRef, id } = await scene.limit({
      measure: 'parallel',
      amount: 3,
    });
    const { gateways } = scene;
    const slow = () =>
      scene.call(gateways[3], agentRef, { model: 'fake/slow', stream: true });
    const lost = [slow(), slow(), slow()];
    await sleep(500);
    const call = () =>
      scene.call(gateways[0], agentRef, { model: 'fake/exact' });
    assert.equal((await call()).status, 429);
    await gateways[3].kill();
    await Promise.all(lost);
    gateways[3] = await scene.start();
    await fetch(`${gateways[0].url}/reconcile`);
    assert.equal((await scene.rateCounter(id)).inUse, 0);
    assert.equal((await call()).status, 200);
    assert.equal((await scene.rateCounter(id)).inUse, 0);
  },
};
