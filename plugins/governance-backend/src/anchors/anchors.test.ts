import { mockServices } from '@backstage/backend-test-utils';
import git from 'isomorphic-git';
import createKnex from 'knex';
import fs from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { exportLines, openLog, record, verify } from '../__testUtils__/log';
import { MIGRATIONS_DIRECTORY } from '../store/database';
import { Anchors } from './Anchors';

describe('anchors', () => {
  it('are told each head, and again when they did not answer', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'audit-anchors-'));
    const told: any[] = [];
    let status = 500;
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => (body += chunk));
      request.on('end', () => {
        if (status === 200) {
          told.push({ ...JSON.parse(body), by: request.headers.authorization });
        }
        response.writeHead(status).end();
      });
    }).listen(0, '127.0.0.1');
    await new Promise(resolve => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;

    const knex = createKnex({
      client: 'better-sqlite3',
      connection: ':memory:',
      useNullAsDefault: true,
    });
    await knex.migrate.latest({ directory: MIGRATIONS_DIRECTORY });
    const { audit, entries, trees } = await openLog(knex, { headEvery: 3 });
    const logger = mockServices.logger.mock();
    const file = path.join(folder, 'kept', 'heads.jsonl');
    const anchors = new Anchors({
      ...{ knex, trees, logger },
      anchors: [
        { type: 'webhook', url: `http://127.0.0.1:${port}/`, token: 't' },
        { type: 'file', path: file },
        { type: 'git', path: path.join(folder, 'repository') },
      ],
    });

    for (let i = 0; i < 4; i += 1) {
      await audit.record([record()], 'plugin:x');
    }
    await anchors.tell();
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringContaining('It answered 500'),
    );
    status = 200;
    await entries.signHead('default');
    await anchors.tell();
    await anchors.tell(Date.now() + 3_600_000);

    const heads = fs
      .readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(heads.map(({ size }) => size)).toEqual([3, 4]);
    expect(told).toEqual([{ heads, by: 'Bearer t' }]);
    const commits = await git.log({ fs, dir: path.join(folder, 'repository') });
    expect(commits.map(({ commit }) => commit.message.trim())).toEqual([
      // Not one each minute.
      expect.stringMatching(/^Heads of the audit log up to /),
      expect.stringMatching(/^Heads of the audit log up to /),
    ]);
    const { blob } = await git.readBlob({
      fs,
      dir: path.join(folder, 'repository'),
      oid: commits[0].oid,
      filepath: `default/${new Date().toISOString().slice(0, 10)}.jsonl`,
    });
    expect(Buffer.from(blob).toString()).toBe(fs.readFileSync(file, 'utf8'));
    // The whole of it: the log is compared with what was kept elsewhere.
    const lines = await exportLines(audit);
    expect(verify(lines, await trees.keys(), heads)).toMatchObject({
      intact: true,
      compared: 2,
    });
    server.close();
    await knex.destroy();
    fs.rmSync(folder, { recursive: true });
  });
});
