import { z } from 'zod';
import { OAuthError } from '../oauth/OAuthError';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** With what a client proves who it is. */
export type ClientProof =
  | { type: 'secret'; clientId: string; secret: string }
  | { type: 'assertion'; clientId?: string; assertion: string };

const formSchema = z.object({
  client_id: z.string().max(512).optional(),
  client_secret: z.string().max(512).optional(),
  client_assertion: z.string().max(16_384).optional(),
  client_assertion_type: z.string().max(256).optional(),
});

/** Reads how a client authenticates; exactly one way is allowed. */
export function readClientProof(
  authorization: string | undefined,
  body: unknown,
): ClientProof {
  const parsed = formSchema.safeParse(body ?? {});
  if (!parsed.success) {
    throw new OAuthError(
      'invalid_request',
      'client_id, client_secret, client_assertion and client_assertion_type may each be given once.',
    );
  }
  const form = parsed.data;
  const basic = authorization ? readBasic(authorization) : undefined;
  const ways = [basic, form.client_secret, form.client_assertion].filter(
    way => way !== undefined,
  );
  if (ways.length > 1) {
    throw new OAuthError(
      'invalid_request',
      'Authenticate in one way only: a secret in the Authorization header, a secret in the form, or an assertion.',
    );
  }
  if (basic) {
    if (form.client_id !== undefined && form.client_id !== basic.clientId) {
      throw new OAuthError(
        'invalid_request',
        'client_id and the Authorization header name different clients.',
      );
    }
    return { type: 'secret', ...basic };
  }
  if (form.client_assertion !== undefined) {
    if (form.client_assertion_type !== ASSERTION_TYPE) {
      throw new OAuthError(
        'invalid_request',
        `client_assertion_type must be ${ASSERTION_TYPE}.`,
      );
    }
    return {
      type: 'assertion',
      clientId: form.client_id,
      assertion: form.client_assertion,
    };
  }
  if (form.client_secret !== undefined && form.client_id !== undefined) {
    return {
      type: 'secret',
      clientId: form.client_id,
      secret: form.client_secret,
    };
  }
  throw new OAuthError(
    'invalid_client',
    'Authenticate as an agent: with client_id and client_secret, or with client_assertion.',
  );
}

function readBasic(header: string): { clientId: string; secret: string } {
  const match = /^basic ([a-z0-9+/]+={0,2})$/i.exec(header.slice(0, 4_096));
  const pair = match && Buffer.from(match[1], 'base64').toString('utf8');
  const colon = pair ? pair.indexOf(':') : -1;
  if (!pair || colon < 1) {
    throw new OAuthError(
      'invalid_client',
      'The Authorization header must be Basic, with client_id and client_secret.',
    );
  }
  try {
    return {
      clientId: formDecode(pair.slice(0, colon)),
      secret: formDecode(pair.slice(colon + 1)),
    };
  } catch {
    throw new OAuthError(
      'invalid_client',
      'client_id and client_secret must be form-encoded in the Authorization header.',
    );
  }
}

/** RFC 6749, section 2.3.1: both halves are form-encoded before they are joined. */
function formDecode(text: string): string {
  return decodeURIComponent(text.replace(/\+/g, ' '));
}
