import { mockApis } from '@backstage/frontend-test-utils';
import { agentsReactTranslationRef } from '../translation';
import { toolsInWords as inWords } from './toolsInWords';

const { t } = mockApis.translation().getTranslation(agentsReactTranslationRef);

const toolsInWords = (
  tools: Parameters<typeof inWords>[0],
  autonomy: Parameters<typeof inWords>[1],
) => inWords(tools, autonomy, t);

const find = { title: 'Find order', riskTier: 'read' as const };
const note = { title: 'Add note', riskTier: 'write' as const };
const mail = { title: 'Send mail', riskTier: 'external' as const };
const wipe = { title: 'Wipe ledger', riskTier: 'critical' as const };

describe('toolsInWords', () => {
  it('teaches what an agent without tools is', () => {
    expect(toolsInWords([], 'copilot').summary).toMatch(/^No tools yet/);
  });

  it('sums up what the tools may do, the mildest first', () => {
    expect(toolsInWords([mail, find, note, find], undefined)).toEqual({
      summary:
        'The agent reads with 2 tools, changes our own data with 1 tool and reaches outside systems with 1 tool.',
    });
  });

  it('warns of tools beyond the autonomy, and only of those', () => {
    expect(toolsInWords([find, note], 'supervised').warning).toBeUndefined();
    expect(toolsInWords([find, note], 'copilot').warning).toBe(
      'As copilot it may not call Add note (write) by itself: those calls are refused. Raise the autonomy or leave them out.',
    );
    expect(toolsInWords([wipe], 'autopilot').warning).toMatch(
      /Wipe ledger \(critical\).*need the approval of a person, whatever the autonomy/,
    );
  });

  it('names three tools and counts the rest', () => {
    expect(
      toolsInWords([note, mail, wipe, note, mail], 'copilot').warning,
    ).toContain(
      'Add note (write), Send mail (external), Wipe ledger (critical) and 2 more',
    );
  });
});
