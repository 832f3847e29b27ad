import { mockServices } from '@backstage/backend-test-utils';
import { Refusals } from './Refusals';

describe('refusals of whoever is no agent', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function openRefusals() {
    const auditor = mockServices.auditor.mock();
    const fail = jest.fn();
    auditor.createEvent.mockResolvedValue({ success: jest.fn(), fail });
    const told = async () => {
      await jest.advanceTimersByTimeAsync(60_000);
      const calls = auditor.createEvent.mock.calls.splice(0);
      expect(fail.mock.calls.splice(0)).toHaveLength(calls.length);
      return calls.map(([{ meta }]) => meta);
    };
    return { refusals: new Refusals(auditor), told };
  }

  it('are told once a minute, with client, address and error', async () => {
    const { refusals, told } = openRefusals();
    const guess = {
      error: 'invalid_client',
      clientId: 'agent:default/desk',
      ip: '10.0.0.1',
    };
    for (let i = 0; i < 600; i += 1) {
      refusals.add({ ...guess });
    }
    refusals.add({ ...guess, ip: '10.0.0.2' });
    expect(await told()).toEqual([
      { ...guess, requests: 600 },
      { ...guess, ip: '10.0.0.2', requests: 1 },
    ]);
    expect(await told()).toEqual([]);
    refusals.add(guess);
    expect(await told()).toEqual([{ ...guess, requests: 1 }]);
  });

  it('are told together when they are of many kinds', async () => {
    const { refusals, told } = openRefusals();
    for (let i = 0; i < 600; i += 1) {
      refusals.add({
        error: 'invalid_client',
        clientId: `agent:default/a${i}`,
      });
    }
    const all = await told();
    expect(all).toHaveLength(21);
    expect(all.at(-1)).toEqual({ error: 'others', requests: 580 });
  });
});
