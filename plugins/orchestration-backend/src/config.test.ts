import { ConfigReader } from '@backstage/config';
import { readOrchestrationConfig } from './config';

describe('the configuration', () => {
  it('has defaults for everything', () => {
    expect(readOrchestrationConfig(new ConfigReader({}))).toMatchObject({
      workers: 8,
      defaultModel: 'model:default/balanced',
      defaultLimits: { maxCostNanoUsd: 1_000_000_000, maxToolCalls: 25 },
    });
  });

  it('is refused by name when a value cannot be', () => {
    expect(() =>
      readOrchestrationConfig(
        new ConfigReader({ orchestration: { workers: 0 } }),
      ),
    ).toThrow(/workers/);
  });
});
