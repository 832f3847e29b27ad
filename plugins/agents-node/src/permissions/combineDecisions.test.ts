import {
  AuthorizeResult,
  type PolicyDecision,
} from '@backstage/plugin-permission-common';
import { combineDecisions } from './combineDecisions';

const allow: PolicyDecision = { result: AuthorizeResult.ALLOW };
const deny: PolicyDecision = { result: AuthorizeResult.DENY };
const when = (rule: string, pluginId = 'catalog'): PolicyDecision => ({
  result: AuthorizeResult.CONDITIONAL,
  pluginId,
  resourceType: 'catalog-entity',
  conditions: { rule, resourceType: 'catalog-entity', params: {} },
});

describe('combineDecisions', () => {
  it('denies when any of them denies, or when there are none', () => {
    expect(combineDecisions([allow, deny])).toEqual(deny);
    expect(combineDecisions([when('A'), deny])).toEqual(deny);
    expect(combineDecisions([])).toEqual(deny);
  });

  it('keeps the one condition that there is', () => {
    expect(combineDecisions([allow, when('A')])).toEqual(when('A'));
    expect(combineDecisions([allow, allow])).toEqual(allow);
  });

  it('wants every condition to hold', () => {
    expect(combineDecisions([when('A'), when('B'), allow])).toMatchObject({
      result: AuthorizeResult.CONDITIONAL,
      pluginId: 'catalog',
      conditions: { allOf: [{ rule: 'A' }, { rule: 'B' }] },
    });
  });

  it('denies conditions about different things, which nothing can judge together', () => {
    expect(combineDecisions([when('A'), when('B', 'models')])).toEqual(deny);
  });
});
