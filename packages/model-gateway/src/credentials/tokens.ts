import { createSign } from 'node:crypto';
import { request } from 'undici';
import { z } from 'zod/v4';
import { GatewayError } from '../errors';
import type { Clock } from '../ports';
import type { Credential } from './Credential';

const MAX_ANSWER_BYTES = 64 * 1024;
const TIMEOUT_MS = 10_000;
/** A token must outlive the call that it is for. */
const EARLY_MS = 5 * 60_000;
const ASSERTION_SECONDS = 3_600;

const tokenSchema = z.looseObject({
  access_token: z.string().min(1).max(20_000),
  expires_in: z.coerce.number().positive(),
});

/**
 * An application of Microsoft Entra, for Azure OpenAI.
 *
 * @public
 */
export interface EntraApplication {
  tenantId: string;
  clientId: string;
  clientSecret: string;
  /** Default is `https://cognitiveservices.azure.com/.default`. */
  scope?: string;
  /** Default is `https://login.microsoftonline.com`. */
  authority?: string;
}

/**
 * A service account of Google, for Vertex AI; the members of its key file.
 *
 * @public
 */
export interface GoogleServiceAccount {
  clientEmail: string;
  /** PEM. */
  privateKey: string;
  /** Default is `https://oauth2.googleapis.com/token`. */
  tokenUri?: string;
}

/** Source: Microsoft identity platform, "OAuth 2.0 client credentials flow". */
export function entraCredential(
  application: EntraApplication,
  clock: Clock,
): Credential {
  const {
    authority = 'https://login.microsoftonline.com',
    scope = 'https://cognitiveservices.azure.com/.default',
  } = application;
  return tokenCredential(clock, () => ({
    url: `${authority.replace(/\/+$/, '')}/${encodeURIComponent(
      application.tenantId,
    )}/oauth2/v2.0/token`,
    form: {
      grant_type: 'client_credentials',
      client_id: application.clientId,
      client_secret: application.clientSecret,
      scope,
    },
  }));
}

/** Source: RFC 7523 section 2.1, and Google, "Using OAuth 2.0 for server to server". */
export function googleCredential(
  account: GoogleServiceAccount,
  clock: Clock,
): Credential {
  const { tokenUri = 'https://oauth2.googleapis.com/token' } = account;
  return tokenCredential(clock, now => {
    const issued = Math.floor(now / 1_000);
    const part = (json: object) =>
      Buffer.from(JSON.stringify(json)).toString('base64url');
    const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({
      iss: account.clientEmail,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: tokenUri,
      iat: issued,
      exp: issued + ASSERTION_SECONDS,
    })}`;
    const signature = createSign('RSA-SHA256')
      .update(signed)
      .sign(account.privateKey, 'base64url');
    return {
      url: tokenUri,
      form: {
        grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
        assertion: `${signed}.${signature}`,
      },
    };
  });
}

/** A token that is asked for once for all calls, and anew before it ends. */
function tokenCredential(
  clock: Clock,
  ask: (now: number) => { url: string; form: Record<string, string> },
): Credential {
  let held: { authorization: string; until: number } | undefined;
  let asking: Promise<string> | undefined;
  const fetchToken = async () => {
    const now = clock.now();
    const { form, url } = ask(now);
    const { access_token: token, expires_in: seconds } = await post(url, form);
    held = {
      authorization: `Bearer ${token}`,
      // Short ones are used for half of their time.
      until: now + Math.max(seconds * 1_000 - EARLY_MS, seconds * 500),
    };
    return held.authorization;
  };
  return {
    async headersFor() {
      if (held && held.until > clock.now()) {
        return { authorization: held.authorization };
      }
      asking ??= fetchToken().finally(() => {
        asking = undefined;
      });
      return { authorization: await asking };
    },
    forget() {
      held = undefined;
    },
  };
}

/** What the token's issuer says is not told: it may quote a part of the secret. */
async function post(url: string, form: Record<string, string>) {
  let status = 0;
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    });
    status = answer.statusCode;
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of answer.body) {
      size += piece.length;
      if (size > MAX_ANSWER_BYTES) {
        throw new Error('The answer is too long');
      }
      pieces.push(piece);
    }
    if (status === 200) {
      return tokenSchema.parse(JSON.parse(Buffer.concat(pieces).toString()));
    }
  } catch (error) {
    throw noToken(url, status, error);
  }
  throw noToken(url, status);
}

function noToken(url: string, status: number, cause?: unknown): GatewayError {
  const { hostname } = new URL(url);
  return new GatewayError(
    502,
    status >= 400 && status < 500 && status !== 429
      ? 'provider_credentials_rejected'
      : 'provider_error',
    `${hostname} gave no token for the provider${
      status ? ` (status ${status})` : ''
    }; ask the operator to check its credentials.`,
    { cause },
  );
}
