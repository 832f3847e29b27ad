import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider from 'oidc-provider';

/** Somebody in the company's directory. */
export interface Employee {
  email: string;
  email_verified: boolean;
  name: string;
}

/**
 * An identity provider as a company has one: `oidc-provider`, certified by the OpenID
 * Foundation, with people who log in and a workload that has a client of its own.
 */
export class CompanyIssuer {
  readonly issuer: string;
  readonly #server: Server;

  static async create(options: {
    employees: Record<string, Employee>;
    /** The portal, as the company registered it. */
    portal: { id: string; secret: string; redirectUri: string };
    workload: { id: string; secret: string };
    /** Whom workloads may ask tokens for. */
    audience: string;
  }): Promise<CompanyIssuer> {
    const server = await listen();
    const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
    const { privateKey } = await generateKeyPair('RS256', {
      extractable: true,
    });
    const { portal, workload, audience } = options;
    // It says that it keeps its data in memory, which is what a test wants.
    jest.spyOn(console, 'warn').mockImplementation();
    const provider = new Provider(issuer, {
      jwks: {
        keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }],
      },
      cookies: { keys: ['of the tests'] },
      clients: [
        {
          client_id: portal.id,
          client_secret: portal.secret,
          redirect_uris: [portal.redirectUri],
          grant_types: ['authorization_code', 'refresh_token'],
        },
        {
          client_id: workload.id,
          client_secret: workload.secret,
          redirect_uris: [],
          response_types: [],
          grant_types: ['client_credentials'],
        },
      ],
      claims: {
        email: ['email', 'email_verified'],
        profile: ['name'],
      },
      findAccount: (_, sub) =>
        options.employees[sub] && {
          accountId: sub,
          claims: async () => ({ sub, ...options.employees[sub] }),
        },
      features: {
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            scope: '',
            audience,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'RS256' } },
          }),
        },
      },
      ttl: {
        AccessToken: 300,
        ClientCredentials: 300,
        Grant: 3600,
        IdToken: 300,
        Interaction: 300,
        RefreshToken: 3600,
        Session: 3600,
      },
    });
    server.on('request', provider.callback());
    return new CompanyIssuer(server, issuer);
  }

  private constructor(server: Server, issuer: string) {
    this.#server = server;
    this.issuer = issuer;
  }

  /** The token that a workload asks for with its own secret. */
  async workloadToken(
    client: { id: string; secret: string },
    resource: string,
  ): Promise<string> {
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(
          `${client.id}:${client.secret}`,
        ).toString('base64')}`,
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
    });
    const body = await response.json();
    if (!response.ok) {
      throw new Error(JSON.stringify(body));
    }
    return body.access_token;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

async function listen(): Promise<Server> {
  const server = createServer();
  await new Promise<void>(done => {
    server.listen(0, 'localhost', done);
  });
  return server;
}
