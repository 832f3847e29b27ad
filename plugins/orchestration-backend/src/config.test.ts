import { ConfigReader } from '@backstage/config';
import { readOrchestrationConfig } from './config';

const read = (orchestration: object) =>
  readOrchestrationConfig(new ConfigReader({ orchestration } as never));

describe('the configuration', () => {
  it('has defaults for everything', () => {
    expect(readOrchestrationConfig(new ConfigReader({}))).toMatchObject({
      workers: 8,
      defaultModel: 'model:default/balanced',
      defaultLimits: { maxCostNanoUsd: 1_000_000_000, maxToolCalls: 25 },
      waiting: { perPerson: 20 },
      onBehalfOf: { allowedServices: [] },
      retention: { runs: 365 * 86_400_000 },
    });
  });

  it('takes durations as people write them', () => {
    const { retention } = read({ retention: { events: '2h', runs: 'P3Y' } });
    expect(retention.events).toBe(7_200_000);
    expect(retention.steps).toBe(90 * 86_400_000);
  });

  it('keeps no more steps than runs of an agent, and no more than of many', () => {
    expect(
      [{ runs: 300 }, { runs: 300, steps: 20 }, {}].map(
        perAgent => read({ retention: { perAgent } }).retention.perAgent,
      ),
    ).toEqual([
      { runs: 300, steps: 300, events: 300 },
      { runs: 300, steps: 20, events: 300 },
      { runs: 200_000, steps: 50_000, events: 20_000 },
    ]);
  });

  it('is refused by name when a value cannot be', () => {
    expect(() => read({ workers: 0 })).toThrow(/workers/);
    expect(() => read({ waiting: { perPerson: 0 } })).toThrow(/perPerson/);
    expect(() => read({ retention: { runs: '1d' } })).toThrow(
      /retention\.runs/,
    );
    const perAgent = { runs: 10, steps: 11 };
    expect(() => read({ retention: { perAgent } })).toThrow(
      /perAgent\.runs is less/,
    );
  });
});
