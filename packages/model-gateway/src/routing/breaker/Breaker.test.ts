import { GatewayError, type GatewayErrorCode } from '../../errors';
import { ProviderHealth } from '../health/ProviderHealth';

const SECOND = 1_000;
const model = { id: 'p/m', provider: 'p' };
const other = { id: 'p/other', provider: 'p' };

function start() {
  const clock = { at: 1_000_000, now: () => clock.at };
  const health = new ProviderHealth({ clock });
  const fail = (
    code: GatewayErrorCode,
    options?: { retryAfter?: string; cause?: unknown },
    of = model,
  ) => health.permit(of).failed(new GatewayError(502, code, 'x', options));
  const succeed = (of = model) => health.permit(of).answered('whole');
  return { clock, health, fail, succeed };
}

describe('what a model is left alone for', () => {
  it('leaves a model alone for as long as its rate limit says', () => {
    const { clock, health, fail, succeed } = start();
    fail('provider_rate_limited', { retryAfter: '7' });
    expect(health.blocked(model)).toMatchObject({
      class: 'rate',
      until: clock.at + 7 * SECOND,
    });
    expect(health.blocked(other)).toBeUndefined();
    clock.at += 7 * SECOND;
    expect(health.blocked(model)).toBeUndefined();
    succeed();
    expect(health.list()[0].state).toBe('closed');
  });

  it('waits longer each time when a rate limit tells no time', () => {
    const { clock, health, fail } = start();
    const pauses = [1, 2, 3].map(() => {
      fail('provider_rate_limited');
      const pause = health.blocked(model)!.until - clock.at;
      clock.at += pause;
      return pause;
    });
    expect(pauses).toEqual([1 * SECOND, 2 * SECOND, 4 * SECOND]);
  });

  it('takes an empty account for one of all its models', () => {
    const { clock, health, fail, succeed } = start();
    succeed(other);
    fail('provider_quota_exhausted');
    expect(health.blocked(other)).toMatchObject({
      class: 'quota',
      until: clock.at + 600 * SECOND,
    });
  });

  it('takes a rejected key for one of all models, unless another just used it', () => {
    const { clock, health, fail, succeed } = start();
    succeed(other);
    fail('provider_credentials_rejected');
    expect(health.blocked(model)?.class).toBe('auth');
    expect(health.blocked(other)).toBeUndefined();
    fail('provider_credentials_rejected', {}, other);
    expect(health.blocked({ id: 'p/third', provider: 'p' })).toMatchObject({
      class: 'auth',
      until: clock.at + 60 * SECOND,
    });
  });

  it('gives one failure a chance, but not two, and none to a dead address', () => {
    const { health, fail, succeed } = start();
    fail('provider_error');
    expect(health.blocked(model)).toBeUndefined();
    succeed();
    fail('provider_error');
    expect(health.blocked(model)).toBeUndefined();
    fail('provider_error');
    expect(health.blocked(model)?.class).toBe('trouble');
    fail('provider_unreachable', { cause: { code: 'ECONNREFUSED' } }, other);
    expect(health.blocked(other)?.class).toBe('trouble');
  });

  it('opens when half of many calls fail, even if never two in a row', () => {
    const { health, fail, succeed } = start();
    for (let i = 0; i < 10; i += 1) {
      expect(health.blocked(model)).toBeUndefined();
      succeed();
      fail('provider_error');
    }
    expect(health.blocked(model)?.class).toBe('trouble');
  });

  it('lets one probe through and waits twice as long when it fails', () => {
    const { clock, health, fail } = start();
    fail('provider_error');
    fail('provider_error');
    clock.at = health.blocked(model)!.until;
    const probe = health.permit(model);
    expect(probe.isProbe).toBe(true);
    expect(health.blocked(model)).toBeDefined();
    probe.failed(new GatewayError(502, 'provider_error', 'x'));
    expect(health.blocked(model)!.until - clock.at).toBe(4 * SECOND);
    clock.at += 4 * SECOND;
    const second = health.permit(model);
    second.leave();
    expect(health.blocked(model)).toBeUndefined();
    health.permit(model).answered('stream');
    expect(health.list()[0].state).toBe('closed');
  });

  it.each<GatewayErrorCode>([
    'provider_refused_request',
    'client_gone',
    'superseded',
    'budget_exceeded',
  ])('does not count %s', code => {
    const { health, fail } = start();
    for (let i = 0; i < 50; i += 1) {
      fail(code);
    }
    expect(health.blocked(model)).toBeUndefined();
    expect(health.list()[0].errorRate).toBe(0);
  });

  it('takes calls that failed together for one failure', () => {
    const { clock, health } = start();
    const permits = Array.from({ length: 30 }, () => health.permit(model));
    permits.forEach(permit =>
      permit.failed(new GatewayError(502, 'provider_error', 'x')),
    );
    expect(health.blocked(model)!.until - clock.at).toBe(2 * SECOND);
  });
});

describe('what is known of a model', () => {
  it('tells latency, speed and errors of the last five minutes', () => {
    const { clock, health, fail } = start();
    for (let i = 1; i <= 100; i += 1) {
      const permit = health.permit(model);
      clock.at += i;
      permit.answered('stream');
      clock.at += 1_000;
      permit.used({
        inputUncached: 50,
        cacheRead: 50,
        cacheWrite: 0,
        outputText: 40,
        reasoning: 10,
      });
    }
    fail('provider_error');
    const [row] = health.list();
    expect(row).toMatchObject({ modelId: 'p/m', calls: 101, state: 'closed' });
    expect(row.ttfbP50Ms).toBe(50);
    expect(row.ttfbP95Ms).toBe(95);
    expect(row.tokensPerSecond).toBeCloseTo(50);
    expect(row.errorRate).toBeCloseTo(1 / 101);
    expect(health.of(model)).toMatchObject({
      outputTokens: 50,
      cacheHitRate: 0.5,
    });
    clock.at += 6 * 60 * SECOND;
    expect(health.list()[0]).toMatchObject({ calls: 0, errorRate: 0 });
  });
});
