import { readRouteYaml, writeRouteYaml } from './routeYaml';

const GOOD = `
apiVersion: agentportal.dev/v1alpha1
kind: Model
metadata:
  name: careful
  title: Careful
spec:
  type: route
  lifecycle: production
  owner: group:default/platform
  strategy: complexity
  candidates:
    - model: openai/gpt-5.4-mini
      tier: simple
    - model: openai/gpt-5.5
      tier: reasoning
`;

describe('a route as YAML', () => {
  it('is read, and written so that it reads the same', () => {
    const entity = readRouteYaml(GOOD);
    expect(entity.spec).toMatchObject({
      strategy: 'complexity',
      candidates: [
        { model: 'openai/gpt-5.4-mini', tier: 'simple' },
        { model: 'openai/gpt-5.5', tier: 'reasoning' },
      ],
    });
    expect(readRouteYaml(writeRouteYaml(entity))).toEqual(entity);
  });

  it.each([
    ['what is not YAML', 'kind: [', /not YAML.*line 1/s],
    ['an empty text', ' ', /The document/],
    [
      'another kind',
      GOOD.replace('kind: Model', 'kind: Component'),
      /kind: Model/,
    ],
    [
      'a model that is no route',
      GOOD.replace('type: route', 'type: chat'),
      /route|candidates/,
    ],
    [
      'a name with spaces',
      GOOD.replace('name: careful', 'name: not careful'),
      /metadata\.name/,
    ],
    [
      'a strategy that there is not',
      GOOD.replace('complexity', 'best'),
      /strategy/,
    ],
    ['a misspelt field', GOOD.replace('strategy:', 'strategi:'), /strategi/],
    [
      'another namespace',
      GOOD.replace('name: careful', 'name: careful\n  namespace: x'),
      /namespace default/,
    ],
    [
      'a bomb of names',
      `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]`,
      /not usable YAML/,
    ],
  ])('refuses %s in words', (_, yaml, words) => {
    expect(() => readRouteYaml(yaml)).toThrow(words);
  });

  it('refuses what is too long before reading it', () => {
    expect(() => readRouteYaml('#'.repeat(64_001))).toThrow(/at most 64000/);
  });
});
