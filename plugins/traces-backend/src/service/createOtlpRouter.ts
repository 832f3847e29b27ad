import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import express, { type Response } from 'express';
import PromiseRouter from 'express-promise-router';
import { Writer } from 'protobufjs/minimal';
import type { ExportTask } from '../decode/readExport';
import { type Ingest, IngestOverloadedError } from '../ingest/Ingest';
import type { Senders } from '../ingest/Senders';

/** Of a body, as it came and unpacked. */
const MAX_BODY = '16mb';
/** Bodies of one sender that are read at once: a few bytes may unpack to all that is allowed. */
const MAX_READING = 16;

/**
 * The OTLP/HTTP endpoint. Who sends is known before the body is read, and the answer is in
 * the form of the request. It is also under `/otlp`, for exporters that are given that base.
 *
 * Source: OpenTelemetry protocol specification, OTLP/HTTP.
 */
export function createOtlpRouter(options: {
  ingest: Ingest;
  senders: Senders;
  httpAuth: HttpAuthService;
}) {
  const { ingest, senders, httpAuth } = options;
  const router = PromiseRouter();
  const reading = new Map<string, number>();
  router.post(
    ['/v1/traces', '/otlp/v1/traces'],
    async (request, response) => {
      const credentials = await httpAuth.credentials(request, {
        allow: ['user', 'service'],
      });
      response.locals.format = formatOf(request.headers['content-type']);
      const sender = await senders.of(
        credentials,
        request.headers.authorization,
      );
      const { ref } = sender;
      const others = reading.get(ref) ?? 0;
      if (others >= MAX_READING) {
        refuse(
          response,
          new IngestOverloadedError(
            `${MAX_READING} requests of yours are being read. Send this one again in a few seconds.`,
            2,
          ),
        );
        return undefined;
      }
      reading.set(ref, others + 1);
      let isRead = false;
      const end = () => {
        if (!isRead) {
          isRead = true;
          const left = reading.get(ref)! - 1;
          if (left) reading.set(ref, left);
          else reading.delete(ref);
        }
      };
      response.once('close', end);
      Object.assign(response.locals, { sender, end });
      return 'next';
    },
    express.raw({ type: () => true, limit: MAX_BODY }),
    async (request, response) => {
      const { end, format, sender } = response.locals;
      end();
      const body = Buffer.isBuffer(request.body)
        ? request.body
        : Buffer.alloc(0);
      try {
        answer(response, format, await ingest.take(sender, format, body));
      } catch (error) {
        if (!(error instanceof IngestOverloadedError)) {
          throw error;
        }
        refuse(response, error);
      }
    },
  );
  return router;
}

function refuse(
  response: Response,
  { message, retryAfterSeconds }: IngestOverloadedError,
): void {
  response
    .status(429)
    .set('retry-after', String(retryAfterSeconds))
    .json({
      error: { name: 'TooManyRequestsError', message },
      response: { statusCode: 429 },
    });
}

/** @throws InputError for what OTLP does not have */
function formatOf(contentType = ''): ExportTask['format'] {
  switch (contentType.split(';')[0].trim().toLowerCase()) {
    case 'application/json':
      return 'json';
    case 'application/x-protobuf':
    case 'application/protobuf':
      return 'protobuf';
    default:
      throw Object.assign(
        new InputError(
          'Send spans as application/json or application/x-protobuf.',
        ),
        { statusCode: 415 },
      );
  }
}

function answer(
  response: Response,
  format: ExportTask['format'],
  rejected: Record<string, number>,
): void {
  const count = Object.values(rejected).reduce((sum, each) => sum + each, 0);
  const message = Object.entries(rejected)
    .map(([reason, times]) => `${times}: ${reason}`)
    .join('; ');
  if (format === 'json') {
    response.json(
      count
        ? {
            partialSuccess: {
              rejectedSpans: String(count),
              errorMessage: message,
            },
          }
        : {},
    );
    return;
  }
  const writer = Writer.create();
  if (count) {
    // ExportTraceServiceResponse.partial_success, with its two fields.
    writer.uint32(10).fork();
    writer.uint32(8).int64(count).uint32(18).string(message).ldelim();
  }
  response.type('application/x-protobuf').send(Buffer.from(writer.finish()));
}
