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
  router.post(
    ['/v1/traces', '/otlp/v1/traces'],
    async (request, response) => {
      const credentials = await httpAuth.credentials(request, {
        allow: ['user', 'service'],
      });
      response.locals.format = formatOf(request.headers['content-type']);
      response.locals.sender = await senders.of(
        credentials,
        request.headers.authorization,
      );
      return 'next';
    },
    express.raw({ type: () => true, limit: MAX_BODY }),
    async (request, response) => {
      const { format, sender } = response.locals;
      const body = Buffer.isBuffer(request.body)
        ? request.body
        : Buffer.alloc(0);
      try {
        answer(response, format, await ingest.take(sender, format, body));
      } catch (error) {
        if (!(error instanceof IngestOverloadedError)) {
          throw error;
        }
        response
          .status(429)
          .set('retry-after', String(error.retryAfterSeconds))
          .json({
            error: { name: 'TooManyRequestsError', message: error.message },
            response: { statusCode: 429 },
          });
      }
    },
  );
  return router;
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
