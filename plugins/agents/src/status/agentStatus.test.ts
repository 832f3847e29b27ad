import { agentStatus, type StandingAgent } from './agentStatus';

const agent = (
  lifecycle: string,
  state: StandingAgent['standing']['state'] = 'active',
): StandingAgent => ({
  lifecycle,
  standing: { state, allowed: state === 'active' },
});

describe('agentStatus', () => {
  it.each([
    ['production', { runs: 20, succeeded: 19, failed: 1 }, 'working'],
    ['production', { runs: 10, succeeded: 9, failed: 1 }, 'someFail'],
    ['production', { runs: 4, succeeded: 2, failed: 2 }, 'failing'],
    ['experimental', { runs: 10, succeeded: 1, failed: 9 }, 'failing'],
  ])('%s with %j is "%s"', (lifecycle, stats, status) => {
    expect(agentStatus(agent(lifecycle), stats)).toMatchObject({ status });
  });

  it('tells that a budget refused the last run, however the others went', () => {
    const stats = { runs: 20, succeeded: 19, failed: 1 };
    const error = {
      name: 'ModelCallFailed',
      message: 'The budget of x is no more.',
    };
    const budget = {
      id: 'b1',
      scope: { type: 'agent', ref: 'agent:default/x' },
      window: 'day',
      limitNanoUsd: 5e9,
      leftNanoUsd: 0,
      neededNanoUsd: 1e9,
    };
    expect(
      agentStatus(agent('production'), stats, { error: { ...error, budget } }),
    ).toMatchObject({ status: 'overBudget', tone: 'attention' });
    expect(agentStatus(agent('production'), stats, { error }).status).toBe(
      'working',
    );
  });

  it.each(['suspended', 'orphaned', 'retired'] as const)(
    'says that it is %s, however well it worked until then',
    state => {
      expect(
        agentStatus(agent('production', state), {
          runs: 20,
          succeeded: 20,
          failed: 0,
        }),
      ).toMatchObject({ status: state });
    },
  );

  it.each([
    // The numbers are on their way, or cannot be had.
    ['production', undefined],
    // Nobody has asked it, or the person may not see who did.
    ['production', { runs: 0, succeeded: 0, failed: 0 }],
    ['production', { runs: 2, succeeded: 0, failed: 2 }],
    // All were stopped, or failed before.
    ['production', { runs: 20, succeeded: 0, failed: 1 }],
    ['experimental', { runs: 5, succeeded: 5, failed: 0 }],
  ])('%s with %j claims no more than its lifecycle', (lifecycle, stats) => {
    expect(agentStatus(agent(lifecycle), stats)).toEqual({ status: lifecycle });
  });
});
