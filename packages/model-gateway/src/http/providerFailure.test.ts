import { providerFailure } from './providerFailure';

const failureOf = (status: number, error: object, retryAfter?: string) => {
  const {
    code,
    message,
    retryAfter: waits,
  } = providerFailure('fake', status, JSON.stringify({ error }), retryAfter);
  return { code, message, waits };
};

describe('an error answer of a provider', () => {
  it('is a lack of money when it says so, whatever else it says', () => {
    expect(
      failureOf(
        429,
        { code: 'insufficient_quota', message: 'You exceeded your quota.' },
        '20',
      ),
    ).toMatchObject({ code: 'provider_quota_exhausted' });
    expect(
      failureOf(429, { message: 'Check your plan and billing details.' }),
    ).toMatchObject({ code: 'provider_quota_exhausted' });
  });

  it('is a limit of the rate when the quota is back soon', () => {
    expect(
      failureOf(429, { message: 'Quota exceeded per minute.' }, '12'),
    ).toMatchObject({ code: 'provider_rate_limited', waits: '12' });
  });

  it('reads the wait that Google tells in the body', () => {
    expect(
      failureOf(429, {
        code: 429,
        message: 'Quota exceeded for generate_content requests.',
        details: [
          { '@type': 'type.googleapis.com/google.rpc.QuotaFailure' },
          {
            '@type': 'type.googleapis.com/google.rpc.RetryInfo',
            retryDelay: '31.4s',
          },
        ],
      }),
    ).toMatchObject({ code: 'provider_rate_limited', waits: '32' });
  });

  it('never repeats what a provider says about a key', () => {
    const { code, message } = failureOf(401, {
      message: 'Incorrect API key provided: sk-abc***xyz',
    });
    expect(code).toBe('provider_credentials_rejected');
    expect(message).not.toContain('sk-');
  });
});
