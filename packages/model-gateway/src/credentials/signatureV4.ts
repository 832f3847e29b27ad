import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../ports';
import type { Credential, SignedRequest } from './Credential';

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * An access key of AWS, with which each request is signed.
 *
 * @public
 */
export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of temporary keys. */
  sessionToken?: string;
  region: string;
  /** Default is `bedrock`. */
  service?: string;
}

/**
 * Signs requests as AWS wants them signed.
 *
 * Source: AWS documentation, "Create a signed AWS API request".
 */
export function awsCredential(key: AwsKey, clock: Clock): Credential {
  return { headersFor: request => sign(request, key, clock.now()) };
}

function sign(
  request: SignedRequest,
  key: AwsKey,
  now: number,
): Record<string, string> {
  const { region, service = 'bedrock' } = key;
  const moment = new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = moment.slice(0, 8);
  const added = {
    'x-amz-date': moment,
    ...(key.sessionToken && { 'x-amz-security-token': key.sessionToken }),
  };
  const covered = Object.entries({
    host: request.host,
    ...lowerCased(request.headers),
    ...added,
  }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = covered.map(([name]) => name).join(';');
  const [path, query = ''] = request.path.split('?', 2);
  const canonical = [
    request.method,
    // All services but S3 want the segments of a path encoded once more.
    path.split('/').map(encoded).join('/'),
    query.split('&').filter(Boolean).sort().join('&'),
    ...covered.map(
      ([name, value]) => `${name}:${value.trim().replace(/ +/g, ' ')}`,
    ),
    '',
    names,
    sha256(request.body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const signingKey = [day, region, service, 'aws4_request'].reduce(
    (secret: string | Buffer, part) => hmac(secret, part),
    `AWS4${key.secretAccessKey}`,
  );
  const signature = hmac(
    signingKey,
    [ALGORITHM, moment, scope, sha256(canonical)].join('\n'),
  ).toString('hex');
  return {
    ...added,
    authorization: `${ALGORITHM} Credential=${key.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

function lowerCased(headers: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** Source: RFC 3986 section 2.3, which is stricter than `encodeURIComponent`. */
function encoded(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}
