import type { IncomingMessage } from 'node:http';
import type { TokenUsage } from './usage/tokenUsage';

/**
 * Time. Tests set it by hand.
 *
 * @public
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

/**
 * On whose account a call is made. `grant` is whatever the authenticator wants
 * to hand to the access policy; the gateway does not look inside.
 *
 * @public
 */
export interface Caller<TGrant = unknown> {
  grant: TGrant;
  account: Account;
  settings?: CallSettings;
  /**
   * Calls back once when the caller may not go on, in the middle of an answer too.
   * What it returns ends the watch.
   */
  watch?(onEnd: (reason: Error) => void): () => void;
  /**
   * Why the caller may not go on, asked anew; `undefined` when it may. A call that was
   * broken off may have been ended by the same thing that would have ended it here.
   */
  whyEnded?(): Promise<Error | undefined>;
}

/**
 * How a data set may be handled, from the freest to the strictest.
 *
 * @public
 */
export type DataClassification =
  | 'public'
  | 'internal'
  | 'confidential'
  | 'restricted';

/**
 * What was agreed for the calls of a caller beforehand: by the agent's entity,
 * by a key, or by a header of the request.
 *
 * @public
 */
export interface CallSettings {
  /** The strictest data that may be in a request. */
  dataClassification?: DataClassification;
  /** Structural compression of prompts; off unless it is asked for. */
  promptCompression?: 'none' | 'structural';
  /** Answers from memory; off unless they are asked for. */
  cache?: {
    mode: 'off' | 'exact' | 'semantic';
    ttlSeconds?: number;
    /** Whether people share answers. Default is that each has their own. */
    shared?: boolean;
  };
  /** Calls of one conversation, which stay with one model where that is wise. */
  sessionId?: string;
}

/**
 * What a ledger row is attributed to.
 *
 * @public
 */
export interface Account {
  userRef?: string;
  agentRef?: string;
  ownerRef?: string;
  systemRef?: string;
  domainRef?: string;
  runId?: string;
  step?: number;
  /** Id of the key of a program. */
  keyId?: string;
}

/**
 * Tells who calls. Throws a {@link GatewayError} with 401 for missing or bad
 * credentials; anything else that it throws becomes a 503.
 *
 * @public
 */
export interface Authenticator<TGrant = unknown> {
  authenticate(request: IncomingMessage): Promise<Caller<TGrant>>;
}

/**
 * Decides which models a caller may use.
 *
 * @public
 */
export interface AccessPolicy<TGrant = unknown> {
  /**
   * Looks at the models that a request could be served by. A refusal's reason is
   * a sentence for the caller.
   */
  decide(
    caller: Caller<TGrant>,
    request: AccessRequest,
  ): Promise<AccessDecision>;
}

/**
 * What access is asked for.
 *
 * @public
 */
export interface AccessRequest {
  /** Set when a route was asked for. */
  route?: string;
  /** Gateway ids of the models that could serve. */
  modelIds: string[];
}

/**
 * The models that may be used, and why the others may not.
 *
 * @public
 */
export interface AccessDecision {
  allowed: ReadonlySet<string>;
  refusals: ReadonlyMap<string, string>;
}

/**
 * The start of an attempt to call a model, durable before the provider is asked.
 *
 * @public
 */
export interface AttemptStart {
  /** Unique; made of the call's id and the attempt's number. */
  id: string;
  callId: string;
  /** From 1. */
  attempt: number;
  /** Milliseconds since the epoch. */
  createdAt: number;
  provider: string;
  model: string;
  route?: string;
  account: Account;
  /** Why this model was chosen, as sentences. Few different ones in many calls. */
  reason?: string;
  /** What it is besides the first attempt of a call. */
  role?: 'retry' | 'fallback' | 'hedge';
  /** What routing knew of the request, for previews of other routes. */
  features?: RequestFeatures;
  /**
   * The most that the attempt can cost, in integer nano-USD; absent when that is
   * nothing. So much is held on each budget that applies until the attempt is
   * settled, and it is what an attempt costs whose end nobody saw.
   */
  boundNanoUsd?: number;
  /** If it is refused, it is tried again with less, so nobody else need hear of it. */
  isFirstTry?: boolean;
  /**
   * The tokens that it is expected to read and write: rate limits on tokens count
   * so many until the attempt is settled.
   */
  boundTokens?: number;
}

/**
 * What the ledger tells of an attempt that may begin.
 *
 * @public
 */
export interface OpenedEntry {
  /** For the caller, such as what is left of rate limits. */
  headers?: Readonly<Record<string, string>>;
}

/**
 * What a request asks of a model, as far as routing looks at it.
 *
 * @public
 */
export interface RequestFeatures {
  /** From 0, trivial, to 1; see `Complexity`. */
  complexity?: number;
  /** What the model must be able to do. */
  needs: Array<'tools' | 'vision' | 'audio' | 'files' | 'structured-output'>;
  dataClassification?: DataClassification;
  stream: boolean;
}

/**
 * What was not spent, in integer nano-USD.
 *
 * @public
 */
export interface Savings {
  /** The answer came from memory: what it cost when it was made. */
  cacheNanoUsd?: number;
  /** Against the dearest candidate of the route, with the same tokens. */
  routingNanoUsd?: number;
  /** Input tokens that were not sent. */
  compressionNanoUsd?: number;
}

/**
 * How an attempt ended. Money is in integer nano-USD.
 *
 * @public
 */
export interface AttemptOutcome {
  status: 'succeeded' | 'failed' | 'cancelled';
  errorCode?: string;
  /** What went wrong, in a sentence. */
  errorMessage?: string;
  durationMs: number;
  ttfbMs?: number;
  usage: TokenUsage;
  costNanoUsd: number;
  priceVersion: string;
  estimated: boolean;
  savings?: Savings;
}

/**
 * Keeps what was called and what it cost.
 *
 * @public
 */
export interface CallLedger {
  /**
   * Whether a budget or a rate limit applies to calls of this account to this
   * model. It is on the path of every call, so it should answer from memory.
   */
  isLimited?(account: Account, model: string): boolean | Promise<boolean>;
  /**
   * Whether it is a budget, as far as was known when {@link CallLedger.isLimited}
   * was asked. Without it, every limit is taken for one.
   */
  isBudgeted?(account: Account, model: string): boolean;
  /**
   * Must be durable when it resolves. With a bound, it holds that much on every
   * budget that applies, on all or on none; a budget without room refuses the
   * attempt with a {@link GatewayError} `budget_exceeded`, a rate limit with
   * `rate_limited`.
   */
  open(start: AttemptStart): Promise<OpenedEntry | void>;
  /**
   * Ends an open attempt and turns its holds into what it cost; does nothing
   * when it has ended already.
   */
  settle(id: string, outcome: AttemptOutcome): Promise<void>;
}

/**
 * Where the gateway says what went wrong. Never gets prompts or secrets.
 *
 * @public
 */
export interface GatewayLogger {
  warn(message: string, meta?: Record<string, string | number>): void;
  error(message: string, meta?: Record<string, string | number>): void;
}
