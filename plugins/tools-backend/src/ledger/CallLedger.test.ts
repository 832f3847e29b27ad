import { once } from 'node:events';
import net from 'node:net';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import createKnex, { type Knex } from 'knex';
import { ToolStore } from '../registry/ToolStore';
import { CallLedger } from './CallLedger';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['SQLITE_3', 'POSTGRES_18'] });

/** A database that goes away and comes back: PostgreSQL with its connections, SQLite with its table. */
async function goingAway(knex: Knex) {
  if (knex.client.config.client !== 'pg') {
    return {
      used: knex,
      leave: () => knex.schema.renameTable('tool_calls', 'away'),
      comeBack: () => knex.schema.renameTable('away', 'tool_calls'),
      stop: async () => {},
    };
  }
  const { connection } = knex.client.config;
  const open = new Set<net.Socket>();
  const proxy = net.createServer(socket => {
    const server = net.connect(connection.port, connection.host);
    for (const one of [socket, server]) {
      open.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        socket.destroy();
        server.destroy();
      });
    }
    socket.pipe(server).pipe(socket);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as net.AddressInfo;
  const used = createKnex({
    client: 'pg',
    connection: {
      ...connection,
      // Which knex hides from whoever copies.
      password: connection.password,
      host: '127.0.0.1',
      port,
    },
  });
  const leave = async () => {
    const closed = once(proxy.close(), 'close');
    open.forEach(socket => socket.destroy());
    await closed;
  };
  return {
    used,
    leave,
    comeBack: () => once(proxy.listen(port, '127.0.0.1'), 'listening'),
    stop: async () => {
      await used.destroy();
      await leave();
    },
  };
}

describe.each(databases.eachSupportedId())('CallLedger on %s', id => {
  it('keeps what it is told while the database is away, up to a number, and says once what is lost', async () => {
    const knex = await databases.init(id);
    const away = await goingAway(knex);
    const database = mockServices.database.mock({
      getClient: async () => away.used,
      migrations: { skip: false },
    });
    await ToolStore.create(database);
    const logger = mockServices.logger.mock();
    const ledger = await CallLedger.create(database, logger);
    const record = (callId: string) =>
      ledger.record({
        ...{ id: callId, toolName: 'orders.a', toolRef: 'tool:default/a' },
        ...{ serverRef: 'api:default/orders', riskTier: 'read', ok: true },
        ...{ callerRef: 'user:default/ann', startedAt: 1, durationMs: 1 },
        ...{ requestBytes: 2, responseBytes: 2, keptArguments: '{}' },
        rehearsed: false,
      });
    const rows = () => knex('tool_calls').pluck('id');

    await record('before');
    await ledger.flush();
    await away.leave();
    await record('during');
    await ledger.flush();
    await ledger.flush();
    for (let i = 0; i < 5_010; i += 1) {
      await record(`many-${i}`);
    }
    expect(logger.error).toHaveBeenCalledTimes(1);

    await away.comeBack();
    // Nobody asks: it tries again by itself.
    for (let i = 0; (await rows()).length < 5_001; i += 1) {
      expect(i).toBeLessThan(200);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
    expect(await rows()).toEqual(
      expect.arrayContaining(['before', 'during', 'many-4998']),
    );
    expect(logger.warn.mock.calls).toEqual([
      [
        'The records of calls are written again; 11 found no room and are lost.',
      ],
    ]);
    const [{ sum }] = await knex('tool_call_days').sum({ sum: 'calls' });
    expect(Number(sum)).toBe(5_001);

    await record('at-the-end');
    await ledger.close();
    expect(await rows()).toContain('at-the-end');
    await away.leave();
    await record('too-late');
    await ledger.close();
    expect(logger.error).toHaveBeenLastCalledWith(
      expect.stringContaining('the records of 1 calls are lost'),
    );
    await away.stop();
  });

  it('counts a call once when nobody hears that it was written', async () => {
    const knex = await databases.init(id);
    let isHeard = false;
    // All is committed, and the connection breaks before that is told.
    const unheard = async (work: (tx: Knex.Transaction) => Promise<void>) => {
      isHeard = true;
      await knex.transaction(work);
      throw new Error('Connection terminated unexpectedly');
    };
    const database = mockServices.database.mock({
      getClient: async () =>
        new Proxy(knex, {
          get: (target, key) =>
            key === 'transaction' && !isHeard
              ? unheard
              : Reflect.get(target, key),
        }),
      migrations: { skip: false },
    });
    await ToolStore.create(mockServices.database({ knex }));
    const ledger = await CallLedger.create(
      database,
      mockServices.logger.mock(),
    );
    const call = {
      ...{ id: 'begun', toolName: 'orders.a', toolRef: 'tool:default/a' },
      ...{ serverRef: 'api:default/orders', riskTier: 'read' },
      ...{ callerRef: 'user:default/ann', startedAt: 1, requestBytes: 2 },
      rehearsed: false,
    };
    await ledger.begin(call);
    const end = { ok: true, durationMs: 1, responseBytes: 2 };
    await Promise.all([
      ledger.record({ ...call, ...end }),
      ledger.record({ ...call, ...end, id: 'other' }),
    ]);
    await ledger.flush();
    const [{ sum }] = await knex('tool_call_days').sum({ sum: 'calls' });
    expect(Number(sum)).toBe(2);
    expect(await knex('tool_calls').pluck('error_code')).toEqual([null, null]);
  });
});
