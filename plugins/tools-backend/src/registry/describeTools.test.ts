import { describeTools, type FindSchemaProblem } from './describeTools';
import type { ToolRecord } from './records';

const HOUR_MS = 3_600_000;

const found = ['a', 'b'].map(toolName => ({
  toolName,
  title: toolName,
  description: '',
  inputSchema: { type: 'object' },
}));

async function visit(options: {
  now: number;
  known?: ToolRecord[];
  descriptions?: typeof found;
  problemOf: FindSchemaProblem;
}) {
  const { tools } = await describeTools({
    serverRef: 'api:default/orders',
    known: [],
    goneTiers: new Map(),
    taken: [],
    found: options.descriptions ?? found,
    ...options,
  });
  return tools;
}

describe('describeTools', () => {
  it('looks again after an hour at schemas that took too long', async () => {
    const slow = { reason: 'too slow', tookTooLong: true };
    const known = await visit({ now: 0, problemOf: async () => slow });
    expect(known[0].invalidReason).toBe('too slow');
    const problemOf = jest.fn(async () => undefined);
    const soon = await visit({ now: HOUR_MS - 1, known, problemOf });
    expect(soon).toEqual(known);
    expect(problemOf).not.toHaveBeenCalled();
    const [later] = await visit({ now: HOUR_MS, known: soon, problemOf });
    expect(later.invalidReason).toBeUndefined();
  });

  it('keeps a tool as it was while its new schemas were not looked at', async () => {
    const known = await visit({ now: 0, problemOf: async () => undefined });
    const changed = found.map(tool => ({ ...tool, description: 'new' }));
    const untried = async () => ({ reason: 'busy', untried: true });
    const tools = await visit({
      now: 1,
      known,
      descriptions: changed,
      problemOf: untried,
    });
    expect(tools).toEqual(known);
  });

  it('takes the other tools of a server that describes one in what JSON cannot say', async () => {
    const tools = await visit({
      now: 0,
      descriptions: [{ ...found[0], description: 'half \ud83d' }, found[1]],
      problemOf: async () => undefined,
    });
    expect(tools.map(tool => tool.toolName)).toEqual(['b']);
  });
});
