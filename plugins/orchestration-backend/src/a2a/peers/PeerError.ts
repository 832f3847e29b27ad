import { findCause } from '../../execution/RunFailure';

/** Why an address was not called, or what it sent; the end of a sentence about the peer. */
export class PeerError extends Error {
  /** Whether it never heard of the request, so that asking again does no harm. */
  readonly notArrived: boolean;
  /** Whether asking again later may help. */
  readonly isOutage: boolean;
  /** Whether nobody listens there, or there is no such name. */
  readonly isAbsent: boolean;

  constructor(
    message: string,
    options: ErrorOptions & {
      notArrived?: boolean;
      isOutage?: boolean;
      isAbsent?: boolean;
    } = {},
  ) {
    super(message, options);
    this.name = 'PeerError';
    this.notArrived = options.notArrived ?? false;
    this.isOutage = options.isOutage ?? this.notArrived;
    this.isAbsent = options.isAbsent ?? false;
  }
}

/** Finds it in what the SDK has made of it. */
export function findPeerError(error: unknown): PeerError | undefined {
  return findCause(error, each =>
    each instanceof PeerError ? each : undefined,
  );
}
