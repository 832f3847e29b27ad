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

  it('is a limit of the rate when a quota is for a minute', () => {
    expect(
      failureOf(429, { message: 'Allocated quota exceeded, please retry.' }),
    ).toMatchObject({ code: 'provider_rate_limited' });
    expect(
      failureOf(429, { message: 'Quota exceeded per minute.' }, '12'),
    ).toMatchObject({ code: 'provider_rate_limited', waits: '12' });
  });

  it.each([
    ['7', '7'],
    ['0.2', '1'],
    ['-5', '0'],
    ['99999999', '86400'],
    [new Date(Date.now() + 3 * 86_400_000).toUTCString(), '86400'],
    ['Thu, 01 Jan 1970 00:00:00 GMT', '0'],
    ['when we are back', undefined],
  ])('tells a wait of %j in seconds, and of a day at most', (told, waits) => {
    const failure = failureOf(429, { message: 'Too fast.' }, told);
    expect(failure.waits).toBe(waits);
    expect(failure.message).toMatch(
      waits === undefined ? /again later\.$/ : `again in ${waits} s.`,
    );
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

  it.each([
    [
      404,
      {
        code: 'DeploymentNotFound',
        message: 'The API deployment for this resource does not exist.',
      },
      'provider_model_missing',
    ],
    [
      404,
      { message: 'Previous response with id x not found.' },
      'provider_refused_request',
    ],
    [
      400,
      { code: 'context_length_exceeded', message: 'Too long.' },
      'provider_context_exceeded',
    ],
    [
      400,
      { message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      'provider_context_exceeded',
    ],
    [413, { message: 'Request too large' }, 'provider_context_exceeded'],
    [
      403,
      { message: 'Your input was flagged by moderation.' },
      'provider_content_filtered',
    ],
    [
      400,
      { code: 'content_filter', message: 'The response was filtered.' },
      'provider_content_filtered',
    ],
    [
      403,
      { message: 'This model is not available in your region.' },
      'provider_forbidden',
    ],
    [409, { message: 'Conflict.' }, 'provider_error'],
    [
      400,
      { message: 'Your credit balance is too low.' },
      'provider_quota_exhausted',
    ],
    [
      400,
      { message: 'temperature must be at most 2' },
      'provider_refused_request',
    ],
  ])(
    'of status %d is of the kind that decides what helps',
    (status, error, code) => {
      expect(failureOf(status, error).code).toBe(code);
    },
  );

  it('is about the request alone where its words are those of the request', () => {
    const of = (message: string, asked: string | Buffer) =>
      providerFailure(
        'fake',
        400,
        JSON.stringify({ error: { message } }),
        undefined,
        asked,
      ).code;

    for (const asked of [
      '{"Billing":1}',
      '{"\\u0062illing":1}',
      Buffer.from('name="billing"'),
    ]) {
      expect(of('Unknown parameter: billing', asked)).toBe(
        'provider_refused_request',
      );
    }
    expect(of('x: API key not valid', '{"x":"API key not valid"}')).toBe(
      'provider_refused_request',
    );
    expect(
      of('Your credit balance is too low; see Billing.', '"my billing"'),
    ).toBe('provider_quota_exhausted');
  });

  it('tells the operator what was said, and nobody anything of a key', () => {
    for (const status of [401, 403]) {
      const failure = providerFailure(
        'fake',
        status,
        JSON.stringify({
          error: { message: 'Wrong key sk-abc***xyz for this.' },
        }),
      );
      expect(failure.message).not.toContain('sk-abc');
      expect((failure.cause as Error).message).toBe(
        'Wrong key [hidden] for this.',
      );
    }
  });

  it('never repeats what a provider says about a key', () => {
    const { code, message } = failureOf(401, {
      message: 'Incorrect API key provided: sk-abc***xyz',
    });
    expect(code).toBe('provider_credentials_rejected');
    expect(message).not.toContain('sk-');
  });
});
