import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AgentDecisions,
  agentDecisionsServiceRef,
  type AgentIdentities,
  agentIdentitiesServiceRef,
} from '@agentportal/plugin-agents-node';
import { authServiceFactory } from '@backstage/backend-defaults/auth';
import {
  type AuthService,
  type BackstageCredentials,
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  ServiceFactoryTester,
} from '@backstage/backend-test-utils';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

const LIFE_SECONDS = 600;
/** How long a token is used again. */
const FRESH_MS = 300_000;

interface Issued {
  token: Promise<string>;
  credentials: Promise<BackstageCredentials>;
  at: number;
}

/** PortalServices as Backstage's auth plugin makes them, and the services of a backend that take them. */
export class PortalServices {
  readonly auth: AuthService;
  /** The decision service of a portal, over the agents of a history. */
  readonly decisions: AgentDecisions;
  readonly publicKey: JWK;
  readonly #key: CryptoKey;
  readonly #server: Server;
  readonly #authenticate: (token: string) => Promise<BackstageCredentials>;
  readonly #issued = new Map<string, Issued>();

  static async create(options: {
    identities: AgentIdentities;
    authenticate?: (token: string) => Promise<BackstageCredentials>;
  }): Promise<PortalServices> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const jwk = {
      ...(await exportJWK(publicKey)),
      kid: 'conformance',
      alg: 'ES256',
      use: 'sig',
    };
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys: [jwk] }));
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const services = ServiceFactoryTester.from(authServiceFactory, {
      dependencies: [
        mockServices.rootLogger.factory({ level: 'none' }),
        createServiceFactory({
          service: coreServices.discovery,
          deps: {},
          factory: () => ({
            getBaseUrl: async () => url,
            getExternalBaseUrl: async () => url,
          }),
        }),
        createServiceFactory({
          service: agentIdentitiesServiceRef,
          deps: {},
          factory: () => options.identities,
        }),
      ],
    });
    const auth = await services.getSubject('permission');
    return new PortalServices({
      auth,
      decisions: await services.getService(
        agentDecisionsServiceRef,
        'permission',
      ),
      authenticate: options.authenticate ?? (token => auth.authenticate(token)),
      key: privateKey,
      publicKey: jwk,
      server,
    });
  }

  private constructor(parts: {
    auth: AuthService;
    decisions: AgentDecisions;
    authenticate: (token: string) => Promise<BackstageCredentials>;
    key: CryptoKey;
    publicKey: JWK;
    server: Server;
  }) {
    this.auth = parts.auth;
    this.decisions = parts.decisions;
    this.#authenticate = parts.authenticate;
    this.#key = parts.key;
    this.publicKey = parts.publicKey;
    this.#server = parts.server;
  }

  /** A token of somebody, and who Backstage says that it is of. */
  of(subject: string): Issued {
    const known = this.#issued.get(subject);
    if (known && performance.now() - known.at < FRESH_MS) {
      return known;
    }
    const token = this.sign(subject);
    const issued = {
      token,
      credentials: token.then(this.#authenticate),
      at: performance.now(),
    };
    this.#issued.set(subject, issued);
    return issued;
  }

  /** Forgets what was only of one history. */
  forget(subject: string): void {
    this.#issued.delete(subject);
  }

  /** A new token; `age` makes it one that was made so many seconds ago. */
  async sign(subject: string, age = 0): Promise<string> {
    const iat = Math.floor(new Date().getTime() / 1000) - age;
    return new SignJWT({ sub: subject, ent: [subject] })
      .setProtectedHeader({
        typ: 'vnd.backstage.user',
        alg: 'ES256',
        kid: 'conformance',
      })
      .setIssuer('http://localhost/api/auth')
      .setAudience('backstage')
      .setIssuedAt(iat)
      .setExpirationTime(iat + LIFE_SECONDS)
      .sign(this.#key);
  }

  /** What a door says to a token of whoever it may be. */
  check(token: string): Promise<BackstageCredentials> {
    return this.#authenticate(token);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
