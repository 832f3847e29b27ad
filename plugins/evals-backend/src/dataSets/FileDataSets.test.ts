import { CatalogTrust } from '@agentportal/plugin-agents-node';
import { mockServices } from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { openStore } from '../__testUtils__/openStore';
import { EvalsWorkers } from '../judging/EvalsWorkers';
import { DataSetStore, toDataSet } from './DataSetStore';
import { FileDataSets } from './FileDataSets';

jest.setTimeout(60_000);

const entity = (
  kind: string,
  name: string,
  owner: string,
  origin: string,
  spec: Entity['spec'] = {},
): Entity => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind,
  metadata: {
    name,
    annotations: { 'backstage.io/managed-by-origin-location': origin },
  },
  spec: { ...spec, owner },
  relations: [{ type: 'ownedBy', targetRef: owner }],
});
const CARE = 'group:default/care';
const desk = entity('Agent', 'desk', CARE, 'url:https://one');
const questions = (
  name: string,
  cases: unknown,
  owner = CARE,
  origin = 'url:https://one',
) =>
  entity('Resource', name, owner, origin, {
    type: 'evaluation-data-set',
    agent: 'agent:default/desk',
    cases: cases as never,
    gate: { atLeast: 0.8 },
  });
const CASES = [{ id: 'a', ask: 'A?', facts: ['x'] }];

describe('data sets of files', () => {
  const workers = new EvalsWorkers({ maxProcesses: 1 });
  afterAll(() => workers.close());

  it('count where the owner of the agent states them, and keep what was good', async () => {
    const store = new DataSetStore(await openStore('SQLITE_3'));
    const look = async (...entities: Entity[]) => {
      await new FileDataSets({
        auth: mockServices.auth(),
        catalog: catalogServiceMock({ entities: [desk, ...entities] }),
        logger: mockServices.logger.mock(),
        store,
        trust: CatalogTrust.fromConfig(new ConfigReader({})),
        workers,
      }).look();
      const files = await store.files();
      return [...files.values()].map(row => {
        const { title, version, caseCount, problems } = toDataSet(row);
        return [
          title,
          version,
          caseCount,
          problems[0]?.message,
          row.gate !== null,
        ];
      });
    };
    expect(
      await look(
        questions('good', { agent: 'agent:default/desk', cases: CASES }),
        questions('foreign', CASES, 'group:default/mallory'),
        questions('elsewhere', CASES, CARE, 'url:https://two'),
      ),
    ).toEqual([['good', 1, 1, undefined, true]]);

    // What is broken tells so, and takes neither cases nor gate away.
    expect(await look(questions('good', [{ id: 'a', ask: 'A?' }]))).toEqual([
      [
        'good',
        1,
        1,
        expect.stringMatching(/Case 1 \("a"\): .*good holds/),
        true,
      ],
    ]);
    expect(
      await look(
        questions('good', [...CASES, { id: 'b', ask: 'B?', decline: true }]),
      ),
    ).toEqual([['good', 2, 2, undefined, true]]);
    expect(await look()).toEqual([
      ['good', 2, 2, 'Its file is no longer in the catalog.', true],
    ]);
  });
});
