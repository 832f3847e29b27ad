import { mockServices } from '@backstage/backend-test-utils';
import {
  type CatalogProcessorResult,
  parseEntityYaml,
} from '@backstage/plugin-catalog-node';
import { setTimeout as sleep } from 'node:timers/promises';
import { entityData } from './entityData';

jest.setTimeout(60_000);

const location = { type: 'url', target: 'https://example.com/all.yaml' };

/** An agent with a workflow that nobody has to read by hand. */
function workflow(nodes: number): string {
  const lines = Array.from(
    { length: nodes },
    (_, i) =>
      `    - { id: n${i}, type: condition, if: "input.amount > ${i}", then: n${
        i + 1
      }, else: end }`,
  );
  return `apiVersion: agentportal.dev/v1alpha1
kind: Agent
metadata: { name: large }
spec:
  nodes:
${lines.join('\n')}
`;
}

describe('entityData', () => {
  const shutdown: Array<() => void | Promise<void>> = [];
  const lifecycle = mockServices.lifecycle.mock({
    addShutdownHook: hook => {
      shutdown.push(hook);
    },
  });
  const parse = entityData(lifecycle);

  afterAll(() => Promise.all(shutdown.map(hook => hook())));

  async function read(text: string): Promise<CatalogProcessorResult[]> {
    const results = [];
    for await (const result of parse({ data: Buffer.from(text), location })) {
      results.push(result);
    }
    return results;
  }

  it.each([
    ['a small file', workflow(3)],
    ['a large file', workflow(400)],
    [
      'a large file with mistakes',
      `${workflow(400)}---\n- no entity\n---\na: [\n---\n---\nkind: Last`,
    ],
  ])('reads %s as the catalog does', async (_, text) => {
    expect(await read(text)).toEqual([...parseEntityYaml(text, location)]);
  });

  it('lets nobody wait for a file that is huge', async () => {
    const text = workflow(6_000);
    await read(workflow(400));
    let longest = 0;
    let before = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - before);
      before = performance.now();
    }, 5);
    const began = performance.now();
    await read(text);
    const took = performance.now() - began;
    // So that the watch sees the end of what kept it waiting.
    await sleep(20);
    clearInterval(watch);
    // Not a time by itself: most of it was spent where nobody waits.
    expect(longest).toBeLessThan(took / 2);
  });
});
