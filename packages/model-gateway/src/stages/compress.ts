import type { IncomingHttpHeaders } from 'node:http';
import { compressRequest } from '../compression/compressRequest';
import { tokenCounter } from '../compression/countTokens';
import {
  type CompressionMeasure,
  measure,
  savedByCompression,
} from '../compression/savedByCompression';
import { invalidRequest } from '../errors';
import type { Exchange, InputFormat, RawRequest } from '../formats/InputFormat';
import type { CallSettings } from '../ports';
import type { Price } from '../prices/price';
import type { AttemptOptions } from './Attempt';

/** With which programs and people ask for compression. Agents do in their entity. */
const HEADER = 'x-agent-portal-compression';

/** Of less there is nothing to gain. */
const MIN_CHARS = 1_000;

/** What compression did to a request, for the answer's header and the ledger. */
export interface Compression extends CompressionMeasure {
  headers: Record<string, string>;
}

/**
 * Makes a request shorter where that was asked for. The shorter text is read
 * anew, so that the request and its translation never say different things.
 */
export function compress(options: {
  exchange: Exchange;
  format: InputFormat;
  raw: RawRequest;
  settings?: CallSettings;
}): { exchange: Exchange; compression?: Compression } {
  const { exchange, format, raw, settings } = options;
  if (
    (settings?.promptCompression ?? askedFor(raw.headers)) !== 'structural' ||
    format.operation !== 'chat' ||
    raw.text.length < MIN_CHARS
  ) {
    return { exchange };
  }
  const { native, body } = exchange.request;
  const compressed = compressRequest(
    raw.text,
    native?.body ?? body,
    native?.format,
  );
  if (!compressed) {
    return { exchange };
  }
  const measured = measure(compressed, tokenCounter());
  return {
    exchange: format.read({ ...raw, text: compressed.text }),
    compression: {
      ...measured,
      headers: { [HEADER]: `removed=${measured.removedTokens}` },
    },
  };
}

function askedFor(headers: IncomingHttpHeaders): string | undefined {
  const asked = headers[HEADER];
  if (asked !== undefined && asked !== 'none' && asked !== 'structural') {
    throw invalidRequest(`The header ${HEADER} must be none or structural.`);
  }
  return asked;
}

/** Adds what compression saved to what is saved otherwise. */
export function withCompression(
  savingsOf: AttemptOptions['savingsOf'],
  compression: Compression | undefined,
  price: Price | undefined,
): AttemptOptions['savingsOf'] {
  return compression
    ? (usage, costNanoUsd) => ({
        ...savingsOf?.(usage, costNanoUsd),
        compressionNanoUsd: savedByCompression(compression, price, usage),
      })
    : savingsOf;
}
