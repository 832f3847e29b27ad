import type {
  DiscoveryService,
  RootConfigService,
} from '@backstage/backend-plugin-api';
import {
  AuthenticationError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { LRUCache } from 'lru-cache';
import { z } from 'zod/v4';
import { KeySource, PLUGIN_KEYS, Strangers } from './KeySource';

const MAX_SOURCES = 100;
const MAX_CLOCK_DRIFT_SECONDS = 60;
const PLUGIN_ID = /^[a-z0-9_-]{1,100}$/i;

const headerSchema = z.object({
  typ: z.string().optional(),
  kid: z.string().optional(),
});
const payloadSchema = z.object({
  sub: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  exp: z.number().optional(),
  obo: z.string().optional(),
});

type Token = z.infer<typeof headerSchema> & z.infer<typeof payloadSchema>;

/** Why a token was not taken, as far as the keys can tell. */
type KeysVerdict =
  /** The keys are there, so the token is bad. */
  | 'token is bad'
  /** The key of the token could not be had before: it may be good by now. */
  | 'try once more'
  /** Nobody can tell whether the token is good. */
  | 'keys are away';

/**
 * Tells bad tokens from keys that nobody can get. Backstage answers both with the
 * same error and drops the cause, so whoever has the keys is asked.
 *
 * @public
 */
export class TokenKeys {
  readonly #discovery: DiscoveryService;
  readonly #external: string[];
  readonly #sources = new LRUCache<string, KeySource>({ max: MAX_SOURCES });
  /** Apart, so that names which somebody made up drive out nobody who has keys. */
  readonly #known = new LRUCache<string, KeySource>({ max: MAX_SOURCES });
  readonly #strangers = new Strangers();

  constructor(options: {
    discovery: DiscoveryService;
    config: RootConfigService;
  }) {
    this.#discovery = options.discovery;
    this.#external = (
      options.config.getOptionalConfigArray('backend.auth.externalAccess') ?? []
    )
      .filter(access => access.getOptionalString('type') === 'jwks')
      .map(access => access.getString('options.url'));
  }

  /**
   * Checks a token as Backstage does, and looks once more at one whose key has come
   * meanwhile.
   *
   * @throws AuthenticationError when the token is bad
   * @throws ServiceUnavailableError when nobody can tell whether it is
   */
  async check<T>(
    jwt: string,
    authenticate: (attempt: 'first' | 'again') => Promise<T>,
  ): Promise<T> {
    try {
      return await authenticate('first');
    } catch (error) {
      if (!AuthenticationError.is(error)) {
        throw error;
      }
      switch (await this.#judge(jwt)) {
        case 'keys are away':
          throw new ServiceUnavailableError(
            'The portal cannot check tokens at the moment, so it cannot tell whether yours is good. Try again in a moment.',
            error,
          );
        case 'try once more':
          return authenticate('again');
        default:
          throw error;
      }
    }
  }

  /** Judges a token that was refused. */
  async #judge(jwt: string): Promise<KeysVerdict> {
    const token = read(jwt);
    if (!token || isOver(token)) {
      return 'token is bad';
    }
    let verdict: KeysVerdict = 'token is bad';
    for (const { url, kid } of await this.#signedBy(token)) {
      const source = this.#source(url);
      const found = await source.find(kid);
      if (source.hasShownKeys) {
        this.#known.set(url, source);
      }
      if (found === 'away') {
        return 'keys are away';
      }
      if (found === 'new') {
        verdict = 'try once more';
      }
    }
    return verdict;
  }

  /** Where the keys of a token are, and of the token that it may carry. */
  async #signedBy(token: Token): Promise<Array<{ url: string; kid?: string }>> {
    const { kid, sub, typ } = token;
    if (typ === 'vnd.backstage.plugin') {
      if (!sub || !PLUGIN_ID.test(sub)) {
        return [];
      }
      const carried = token.obo ? read(token.obo) : undefined;
      return [
        {
          url: `${await this.#discovery.getBaseUrl(sub)}${PLUGIN_KEYS}`,
          kid,
        },
        ...(carried
          ? await this.#signedBy({ ...carried, obo: undefined })
          : []),
      ];
    }
    if (
      typ === 'vnd.backstage.user' ||
      typ === 'vnd.backstage.limited-user' ||
      token.aud === 'backstage'
    ) {
      const auth = await this.#discovery.getBaseUrl('auth');
      return [{ url: `${auth}/.well-known/jwks.json`, kid }];
    }
    return this.#external.map(url => ({ url, kid }));
  }

  #source(url: string): KeySource {
    let source = this.#known.get(url) ?? this.#sources.get(url);
    if (!source) {
      source = new KeySource(url, this.#strangers);
      this.#sources.set(url, source);
    }
    return source;
  }
}

function isOver({ exp }: Token): boolean {
  return exp !== undefined && exp + MAX_CLOCK_DRIFT_SECONDS < Date.now() / 1000;
}

function read(jwt: string): Token | undefined {
  const [header, payload, signature] = jwt.split('.');
  if (!signature) {
    return undefined;
  }
  try {
    return {
      ...headerSchema.parse(part(header)),
      ...payloadSchema.parse(part(payload)),
    };
  } catch {
    return undefined;
  }
}

function part(text: string): unknown {
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
}
