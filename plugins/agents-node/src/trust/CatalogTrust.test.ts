import type { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import path from 'node:path';
import { CatalogTrust } from './CatalogTrust';

function from(origin: string | undefined, owner = 'group:default/x'): Entity {
  return {
    apiVersion: 'agentportal.dev/v1alpha1',
    kind: 'Tool',
    metadata: {
      name: 'orders.cancel',
      ...(origin && {
        annotations: { 'backstage.io/managed-by-origin-location': origin },
      }),
    },
    spec: { owner },
  };
}

const trust = CatalogTrust.fromConfig(
  new ConfigReader({
    catalog: {
      locations: [
        { type: 'file', target: '../catalog/all.yaml' },
        { type: 'url', target: 'https://git.acme.com/ai/all.yaml' },
      ],
    },
    agents: { trustedLocations: ['url:https://git.acme.com/portal/**'] },
  }),
);

describe('CatalogTrust', () => {
  it.each([
    [`file:${path.resolve('../catalog/all.yaml')}`, true],
    ['url:https://git.acme.com/ai/all.yaml', true],
    ['url:https://git.acme.com/portal/blob/main/tools.yaml', true],
    ['url:https://git.acme.com/portal-of-mallory/tools.yaml', false],
    ['url:https://git.acme.com/ai/all.yaml.evil', false],
    ['url:https://evil.test/https://git.acme.com/portal/x.yaml', false],
    ['url:https://git.acme.com/portal/../mallory/tools.yaml', false],
    ['url:https://git.acme.com/portal/%2e%2e/mallory/tools.yaml', false],
    ['url:https://git.acme.com/portal/..%2fmallory/tools.yaml', false],
    ['file:/elsewhere/catalog/all.yaml', false],
    [undefined, false],
  ])('%s: %s', (origin, expected) => {
    expect(trust.trusts(from(origin))).toBe(expected);
  });

  const server = from('url:https://git.acme.com/orders/mcp.yaml');
  const ownAuthor = from('url:https://git.acme.com/orders/mcp.yaml');
  const stranger = from('url:https://git.acme.com/mallory/x.yaml');
  const operator = from('url:https://git.acme.com/ai/all.yaml');

  it('lets an operator state everything, an author make tools stricter, a stranger nothing', () => {
    const about = server;
    for (const field of ['riskTier.lower', 'price', 'modelFacts'] as const) {
      expect(trust.mayState(field, { stating: operator, about })).toBe(true);
      expect(trust.mayState(field, { stating: ownAuthor, about })).toBe(false);
      expect(trust.mayState(field, { stating: stranger, about })).toBe(false);
    }
    for (const field of ['riskTier.raise', 'toolOwner'] as const) {
      expect(trust.mayState(field, { stating: operator, about })).toBe(true);
      expect(trust.mayState(field, { stating: ownAuthor, about })).toBe(true);
      expect(trust.mayState(field, { stating: stranger, about })).toBe(false);
    }
  });

  it('does not take two entities without an origin for one author', () => {
    expect(trust.sameOrigin(from(undefined), from(undefined))).toBe(false);
  });
});
