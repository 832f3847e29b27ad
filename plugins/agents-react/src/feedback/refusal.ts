import { ResponseError, isError } from '@backstage/errors';

/**
 * Why the portal did not do what was asked, though nothing is broken.
 *
 * @public
 */
export type Refusal =
  /** The person may not; trying again does not help. */
  | { kind: 'notAllowed'; message: string }
  /** Too much at once; `retryAt` tells when it goes on, where it is known. */
  | { kind: 'tooMany'; message: string; retryAt?: Date };

/** What the backend said, which Backstage's clients wrap into a `ResponseError`. */
export function originOf(error: Error | undefined): Error | undefined {
  const cause: unknown = error?.cause;
  return error?.name === 'ResponseError' && isError(cause) ? cause : error;
}

/**
 * What the backend said of a request that failed; of anything else, its name and words.
 *
 * @public
 */
export function messageOf(error: unknown): string {
  const origin = originOf(error as Error | undefined);
  return origin && origin !== error ? origin.message : String(error);
}

/**
 * Tells refusals (403 and 429) from faults.
 *
 * @public
 */
export function refusalOf(error: Error | undefined): Refusal | undefined {
  const origin = originOf(error);
  const message = origin?.message ?? '';
  const status = error instanceof ResponseError ? error.statusCode : undefined;
  if (status === 429 || origin?.name === 'TooManyRequestsError') {
    const header =
      error instanceof ResponseError
        ? error.response.headers?.get('retry-after')
        : undefined;
    const seconds = header ? Number(header) : NaN;
    return {
      kind: 'tooMany',
      message,
      ...(Number.isFinite(seconds) && {
        retryAt: new Date(Date.now() + seconds * 1000),
      }),
    };
  }
  return status === 403 || origin?.name === 'NotAllowedError'
    ? { kind: 'notAllowed', message }
    : undefined;
}

/**
 * Whether the portal said that something is not there, which it also says of what the person may not see.
 *
 * @public
 */
export function isNotFound(error: Error | undefined): boolean {
  return error instanceof ResponseError
    ? error.statusCode === 404
    : error?.name === 'NotFoundError';
}
