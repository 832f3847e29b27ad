import * as catalogNode from '@backstage/plugin-catalog-node';
import { api } from '../__testUtils__/startTools';
import { serverEntryOf } from './serverEntry';

// Counted, and still the real one.
jest.mock('@backstage/plugin-catalog-node', () => {
  const actual = jest.requireActual('@backstage/plugin-catalog-node');
  return { ...actual, parseEntityYaml: jest.fn(actual.parseEntityYaml) };
});

const settings = { headers: {}, verified: false, riskTiers: new Map() };

function entryOf(definition: string) {
  const entity = api('older', '');
  entity.spec = { type: 'mcp-server', owner: 'sales', definition };
  return serverEntryOf(entity, settings);
}

const small =
  'remotes:\n  - { type: streamable-http, url: "https://a.example/mcp" }\n';

describe('serverEntryOf', () => {
  const parse = jest.mocked(catalogNode.parseEntityYaml);
  beforeEach(() => parse.mockClear());

  it('parses a definition once', () => {
    for (let i = 0; i < 3; i++) {
      expect(entryOf(small).url).toBe('https://a.example/mcp');
    }
    expect(parse).toHaveBeenCalledTimes(1);
  });

  it('is not stopped by a definition that multiplies', () => {
    const levels = 'abcdefg'
      .split('')
      .map((name, i, all) => {
        const inner = i === 0 ? 'x' : `*${all[i - 1]}`;
        return `${name}: &${name} [${Array(9).fill(inner).join(',')}]`;
      })
      .join('\n');
    expect(entryOf(levels).problem).toContain('does not say where');
  });

  it('parses no huge definition', () => {
    const { problem } = entryOf(`${small}${'- [a, b]\n'.repeat(10_000)}`);
    expect(problem).toMatch(/^Its spec.definition has \d+ characters, and/);
    expect(parse).not.toHaveBeenCalled();
  });
});
