import { CustomErrorBase } from '@backstage/errors';
import type { ErrorRequestHandler } from 'express';

/** Answered with 429; {@link tellWhenToTryAgain} adds `Retry-After`. */
export class TooManyRequestsError extends CustomErrorBase {
  readonly name = 'TooManyRequestsError';
  readonly statusCode = 429;
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Comes after the routes that may be asked too often. */
export const tellWhenToTryAgain: ErrorRequestHandler = (
  error,
  _request,
  response,
  next,
) => {
  if (error instanceof TooManyRequestsError) {
    response.set('retry-after', String(error.retryAfterSeconds));
  }
  next(error);
};
