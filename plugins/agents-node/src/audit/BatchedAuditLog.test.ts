import type { AuditRecord } from '@agentportal/plugin-governance-common';
import { mockServices } from '@backstage/backend-test-utils';
import { ResponseError } from '@backstage/errors';
import { BatchedAuditLog } from './BatchedAuditLog';
import { timeOrderedId } from './timeOrderedId';

const record = (action: string): AuditRecord => ({
  type: 'other',
  action,
  actor: { type: 'service', ref: 'plugin:x' },
  outcome: 'succeeded',
});

function refusal(status: number) {
  return ResponseError.fromResponse(
    new Response(
      JSON.stringify({ error: { name: 'InputError', message: 'too long' } }),
      { status, headers: { 'content-type': 'application/json' } },
    ),
  );
}

/** A log whose server answers as it is told. */
function logWith(answer: (sent: AuditRecord[]) => Promise<unknown>) {
  const sent: AuditRecord[][] = [];
  const logger = mockServices.logger.mock();
  const log = new BatchedAuditLog({
    logger,
    send: async records => {
      sent.push(records);
      await answer(records);
    },
  });
  return { log, logger, sent };
}

describe('BatchedAuditLog', () => {
  it('sends together what comes together', async () => {
    const { log, sent } = logWith(async () => {});
    await Promise.all(
      Array.from({ length: 450 }, (_, i) => log.record(record(`a${i}`))),
    );
    expect(sent.map(batch => batch.length)).toEqual([200, 200, 50]);
    expect(new Set(sent.flat().map(({ id }) => id)).size).toBe(450);
  });

  it('lets notes gather, unless they are many or somebody waits', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'Date'] });
    try {
      const { log, sent } = logWith(async () => {});
      const turn = () => new Promise(setImmediate);
      await log.note(record('a'));
      await turn();
      await log.note(record('b'));
      await turn();
      expect(sent).toEqual([]);
      await log.record(record('c'));
      await log.note(record('d'));
      await turn();
      expect(sent).toHaveLength(1);
      jest.advanceTimersByTime(250);
      await turn();
      for (let i = 0; i < 200; i += 1) {
        await log.note(record(`n${i}`));
      }
      await turn();
      await log.note(record('last'));
      await log.flush();
      expect(sent.map(batch => batch.map(({ action }) => action))).toEqual([
        ['a', 'b', 'c'],
        ['d'],
        Array.from({ length: 200 }, (_, i) => `n${i}`),
        ['last'],
      ]);
    } finally {
      jest.useRealTimers();
    }
  });

  it('sends the same id again when it does not know whether it arrived', async () => {
    let attempts = 0;
    const { log, sent } = logWith(async () => {
      attempts += 1;
      if (attempts < 3) throw new Error('socket hang up');
    });
    await log.record(record('a'));
    expect(sent).toHaveLength(3);
    expect(new Set(sent.flat().map(({ id }) => id)).size).toBe(1);
  });

  it('gives up at the deadline, so that nothing is done unrecorded', async () => {
    const { log } = logWith(async () => {
      throw await refusal(503);
    });
    await expect(
      log.record(record('a'), { deadlineMs: 150 }),
    ).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: expect.stringContaining('so it was not done'),
    });
  });

  it('keeps the deadline of a record while notes are being tried', async () => {
    const { log } = logWith(async () => {
      throw await refusal(503);
    });
    for (const action of ['a', 'b']) {
      await log.note(record(action));
      await new Promise(resolve => setTimeout(resolve, 20));
    }
    const began = Date.now();
    await expect(
      log.record(record('c'), { deadlineMs: 150 }),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it('keeps the deadline of a record while nothing answers', async () => {
    const { log, sent } = logWith(() => new Promise(() => {}));
    await expect(
      log.record(record('a'), { deadlineMs: 50 }),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    expect(sent).toHaveLength(1);
  });

  it('refuses what the log refuses, and nothing that came with it', async () => {
    const { log } = logWith(async records => {
      if (records.some(({ action }) => action === 'bad')) {
        throw await refusal(400);
      }
    });
    const results = await Promise.allSettled(
      ['a', 'bad', 'b'].map(action => log.record(record(action))),
    );
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({
      name: 'InputError',
      message: expect.stringContaining('too long'),
    });
  });

  it('notes who did what also where the log does not take what is said of it', async () => {
    const { log, logger, sent } = logWith(async records => {
      if (records.some(({ resource }) => resource)) {
        throw await refusal(400);
      }
    });
    await log.note({
      ...record('agent.suspend'),
      outcome: 'denied',
      resource: 'a\0b',
    });
    await log.flush();
    expect(sent.at(-1)).toEqual([
      expect.objectContaining({
        type: 'other',
        action: 'agent.suspend',
        actor: { type: 'service', ref: 'plugin:x' },
        outcome: 'denied',
        reason: expect.stringContaining('too long'),
        data: { digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
      }),
    ]);
    expect(logger.error).not.toHaveBeenCalled();
  });

  it('takes notes without a wait, makes callers wait when the line is long, and tells what was lost', async () => {
    let open = () => {};
    const closed = new Promise<void>(resolve => (open = resolve));
    const { log, logger } = logWith(async records => {
      await closed;
      if (records.some(({ action }) => action === 'bad')) {
        throw await refusal(400);
      }
    });
    await log.note(record('bad'));
    const isIn = (noted: Promise<void>) =>
      Promise.race([
        noted.then(() => true),
        new Promise<boolean>(resolve => setImmediate(() => resolve(false))),
      ]);
    let taken = 0;
    let noted = log.note(record('n0'));
    while (taken < 5_400 && (await isIn(noted))) {
      taken += 1;
      noted = log.note(record(`n${taken}`));
    }
    expect(taken).toBeGreaterThan(4_900);
    expect(taken).toBeLessThan(5_400);
    open();
    await noted;
    await log.flush();
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringContaining('"bad"'),
      expect.anything(),
    );
  });
});

describe('timeOrderedId', () => {
  it('is a UUID of version 7 that sorts by time', () => {
    const ids = [5, 1_764_000_000_000, 1_764_000_000_001].map(timeOrderedId);
    expect([...ids].sort()).toEqual(ids);
    expect(new Set([timeOrderedId(5), timeOrderedId(5)]).size).toBe(2);
    for (const id of ids) {
      expect(id).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      );
    }
  });
});
