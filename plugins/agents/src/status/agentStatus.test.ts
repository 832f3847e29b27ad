import { agentStatus } from './agentStatus';

describe('agentStatus', () => {
  it.each([
    ['production', { runs: 20, failed: 1 }, 'Working normally'],
    ['production', { runs: 4, failed: 2 }, 'Failing often'],
    ['experimental', { runs: 10, failed: 9 }, 'Failing often'],
  ])('%s with %j is "%s"', (lifecycle, stats, word) => {
    expect(agentStatus(lifecycle, stats).word).toBe(word);
  });

  it('tells that a budget refused the last run, however the others went', () => {
    const stats = { runs: 20, failed: 1 };
    const error = (message: string) => ({ name: 'ModelCallFailed', message });
    expect(
      agentStatus('production', stats, {
        error: error('The budget of agent agent:default/x (5 USD per day) has'),
      }),
    ).toEqual({ word: 'Last call was over budget', tone: 'attention' });
    expect(
      agentStatus('production', stats, { error: error('It broke off.') }).word,
    ).toBe('Working normally');
  });

  it.each([
    // The numbers are on their way, or cannot be had.
    ['production', undefined],
    // Nobody has asked it, or the person may not see who did.
    ['production', { runs: 0, failed: 0 }],
    ['production', { runs: 2, failed: 2 }],
    ['experimental', { runs: 5, failed: 0 }],
    ['suspended', { runs: 10, failed: 0 }],
    ['retired', undefined],
  ])('%s with %j claims no more than its lifecycle', (lifecycle, stats) => {
    expect(agentStatus(lifecycle, stats)).toEqual({});
  });
});
