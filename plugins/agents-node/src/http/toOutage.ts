import * as errors from '@backstage/errors';
import { isError, ServiceUnavailableError } from '@backstage/errors';

/** Those that say already what the answer is, whatever is behind them. */
const ANSWERS = new Set<string>([
  errors.InputError.name,
  errors.AuthenticationError.name,
  errors.NotAllowedError.name,
  errors.NotFoundError.name,
  errors.ConflictError.name,
  errors.NotModifiedError.name,
  errors.NotImplementedError.name,
  errors.ServiceUnavailableError.name,
]);

/** Of the system, of PostgreSQL (which shuts down, starts, or has no connection left) and of undici. */
const AWAY =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ENOTFOUND|EAI_AGAIN|E(HOST|NET)UNREACH|ETIMEDOUT|57P0[1-3]|08\d{3}|53300|UND_ERR_(CONNECT_TIMEOUT|SOCKET))$/;
/** Of the driver for PostgreSQL, which gives these no code. Knex writes the statement before them. */
const WORDS =
  /(?:^| - )(?:Connection terminated(?: unexpectedly| due to connection timeout)?|Client (?:has encountered a connection error|was closed) and is not queryable|timeout exceeded when trying to connect)$/;

/**
 * What an error means when something that the portal needs is away: its database, or
 * another of its plugins, which nobody can do anything about but try again. Whatever
 * else went wrong stays as it is.
 *
 * @public
 */
export function toOutage(error: unknown): unknown {
  return isError(error) && !ANSWERS.has(error.name) && isOutage(error)
    ? new ServiceUnavailableError(
        'The database, or another part of the portal that this needs, does not answer. Try again in a moment, and look first whether it was done.',
        error,
      )
    : error;
}

function isOutage(error: unknown, depth = 0): boolean {
  if (!isError(error) || depth > 5) {
    return false;
  }
  const { code, statusCode } = error as {
    code?: unknown;
    statusCode?: unknown;
  };
  return (
    AWAY.test(String(code)) ||
    WORDS.test(error.message) ||
    error.name === 'KnexTimeoutError' ||
    // Another plugin that takes no token of ours, or fails, has not answered.
    (error.name === 'ResponseError' &&
      (statusCode === 401 || Number(statusCode) >= 500)) ||
    isOutage(error.cause, depth + 1) ||
    (error instanceof AggregateError &&
      error.errors.some(each => isOutage(each, depth + 1)))
  );
}
