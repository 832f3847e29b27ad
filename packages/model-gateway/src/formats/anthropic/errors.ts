import type { GatewayError } from '../../errors';
import type { ModelNames } from '../surfaces';

const TYPES: Record<number, string | undefined> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

/**
 * Anthropic's error object. The stable code goes along, because Anthropic's types
 * are too few to tell our failures apart.
 *
 * Source: Anthropic API reference, "Errors".
 */
export function toAnthropicError(error: GatewayError, callId: string) {
  const otherwise = error.status < 500 ? 'invalid_request_error' : 'api_error';
  return {
    type: 'error',
    error: {
      type: TYPES[error.status] ?? otherwise,
      message: error.message,
      code: error.code,
      ...error.details,
    },
    request_id: callId,
  };
}

/** Anthropic's list of models. */
export function toAnthropicModels({ models, routes }: ModelNames) {
  const data = [...routes, ...models.map(model => model.id)].map(id => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '1970-01-01T00:00:00Z',
  }));
  return {
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  };
}
