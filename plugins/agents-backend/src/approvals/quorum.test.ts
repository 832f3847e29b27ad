import fc from 'fast-check';
import { readAgentsConfig } from '../config';
import { mockServices } from '@backstage/backend-test-utils';
import type { JsonObject } from '@backstage/types';
import { DEFAULT_MATRIX, matrixRuleSchema, refsOf, ruleFor } from './matrix';
import { canBeReached, countApprovals, type Seat } from './quorum';

/** The most people who can stand for a ref each, by trying all ways. */
function most(seats: Seat[], used: string[] = [], i = 0): number {
  return i === seats.length
    ? 0
    : Math.max(
        most(seats, used, i + 1),
        ...seats[i].refs
          .filter(ref => !used.includes(ref))
          .map(ref => 1 + most(seats, [...used, ref], i + 1)),
      );
}

describe('countApprovals', () => {
  it('finds the most people who come from different groups', () => {
    const seats = fc.uniqueArray(
      fc.record({
        person: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        refs: fc.uniqueArray(fc.constantFrom('r', 's', 't')),
      }),
      { selector: ({ person }) => person },
    );
    fc.assert(
      fc.property(seats, all => {
        expect(countApprovals(all, true)).toBe(most(all));
        expect(countApprovals(all, false)).toBe(
          all.filter(({ refs }) => refs.length).length,
        );
        // One more never counts for less, and nobody counts twice.
        for (const different of [true, false]) {
          const n = countApprovals(all, different);
          expect(countApprovals(all.slice(1), different)).toBeLessThanOrEqual(
            n,
          );
          expect(countApprovals([...all, ...all], different)).toBe(n);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('knows when nobody is left to decide', () => {
    const members = new Map([
      ['group:default/a', ['ann', 'ben']],
      ['group:default/b', ['ben']],
    ]);
    const reach = (quorum: number, excluded: string[], different = true) =>
      canBeReached({
        refs: ['group:default/a', 'group:default/b', 'group:default/gone'],
        quorum,
        differentGroups: different,
        excluded,
        members,
      });
    expect(reach(2, [])).toBe(true);
    expect(reach(2, ['ben'])).toBe(false);
    expect(reach(1, ['ben'])).toBe(true);
    expect(reach(1, ['ann', 'ben'], false)).toBe(false);
  });
});

describe('the matrix', () => {
  const ruleOf = (facts: Omit<Parameters<typeof ruleFor>[1], 'kind'>) =>
    ruleFor(DEFAULT_MATRIX, { kind: 'tool-call', ...facts })!;

  it('asks two groups about what is critical, and soon', () => {
    expect(ruleOf({ riskTier: 'critical' })).toMatchObject({
      quorum: 2,
      differentGroups: true,
      expiresAfterMinutes: 15,
    });
    expect(ruleOf({ riskTier: 'write' })).toMatchObject({ quorum: 1 });
    expect(refsOf(['agent-owner', 'sponsor'], { operators: [] })).toEqual([]);
  });

  it('takes an amount that is no number for more than any', () => {
    const { approvals } = readAgentsConfig(
      mockServices.rootConfig({
        data: {
          agents: {
            approvals: {
              matrix: [
                {
                  when: { amountOver: { argument: 'sum.eur', value: 100 } },
                  approvers: 'group:boss',
                },
                { approvers: ['agent-owner'] },
              ],
            },
          },
          permission: { agentPortal: { adminRefs: ['group:default/ops'] } },
        },
      }),
    );
    expect(approvals.escalateTo).toEqual(['group:default/ops']);
    const asked = (args: object) =>
      ruleFor(approvals.matrix, {
        kind: 'tool-call',
        args: args as Record<string, number>,
      })!.approvers[0];
    for (const eur of [101, '5', null, [1], { a: 1 }]) {
      expect(asked({ sum: { eur } })).toBe('group:default/boss');
    }
    for (const args of [{ sum: { eur: 100 } }, {}, { sum: 7 }]) {
      expect(asked(args)).toBe('agent-owner');
    }
    const [line, other] = approvals.matrix;
    const ofTool = { ...line, when: { ...line.when, tool: ['tool:a/b'] } };
    const askedOfTool = (args: JsonObject) =>
      ruleFor([ofTool, other], {
        kind: 'tool-call',
        toolRef: 'tool:a/b',
        args,
      })!.approvers[0];
    expect(askedOfTool({ sum: { eur: 100 } })).toBe('agent-owner');
    // A tool may take the whole sum where none is said.
    expect(askedOfTool({ sum: {} })).toBe('group:default/boss');
    expect(askedOfTool({})).toBe('group:default/boss');
  });

  it('lets a line that names no kind decide about calls only', () => {
    const anything = matrixRuleSchema.parse({ approvers: ['agent-owner'] });
    const named = matrixRuleSchema.parse({
      when: { kind: 'access' },
      approvers: ['operators'],
    });
    expect(ruleFor([anything], { kind: 'tool-call' })).toBe(anything);
    // Nobody gives an agent of their own a permission; operators are asked where no line fits.
    expect(ruleFor([anything], { kind: 'access' })).toBeUndefined();
    expect(ruleFor([anything, named], { kind: 'access' })).toBe(named);
    expect(ruleFor([anything], { kind: 'publication' })).toBeUndefined();
  });

  it('names the place of a mistake', () => {
    const read = (approvers: string) =>
      readAgentsConfig(
        mockServices.rootConfig({
          data: { agents: { approvals: { matrix: [{ approvers }] } } },
        }),
      );
    expect(() => read('somebody')).toThrow(/approvals\.matrix\[0\]/);
    expect(() => read('somebody')).toThrow('"somebody" is none of agent-owner');
  });
});
