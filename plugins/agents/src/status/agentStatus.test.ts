import { agentStatus } from './agentStatus';

describe('agentStatus', () => {
  it.each([
    ['production', { runs: 20, failed: 1 }, 'Working normally'],
    ['production', undefined, 'Working normally'],
    ['production', { runs: 0, failed: 0 }, 'No runs lately'],
    ['production', { runs: 4, failed: 2 }, 'Failing often'],
    ['production', { runs: 2, failed: 2 }, 'Working normally'],
    ['experimental', { runs: 10, failed: 9 }, 'Failing often'],
    ['experimental', { runs: 0, failed: 0 }, 'Experimental'],
    ['suspended', { runs: 10, failed: 0 }, 'Suspended'],
    ['retired', undefined, 'Retired'],
  ])('%s with %j is "%s"', (lifecycle, stats, word) => {
    expect(agentStatus(lifecycle, stats).word).toBe(word);
  });
});
