import type { z } from 'zod/v4';
import { objectOf } from '../compression/TextSlot';
import type { Operation } from '../directory/modelType';
import { invalidRequest } from '../errors';
import type { Exchange, InputFormat, RawRequest } from '../formats/InputFormat';
import { refuseRouting } from '../formats/refuseRouting';
import { rewriteTopLevel } from '../http/rewriteTopLevel';
import type { JsonObject } from '../providers/ModelProvider';
import {
  type ModelRequest,
  readFields,
  readRequest,
} from '../stages/readRequest';
import type { TokenUsage } from '../usage/tokenUsage';
import { NO_USAGE, type Unit } from '../usage/units';
import { fieldsOf, type Form, readForm, replaceFields } from './multipart';
import type { PassedOn } from './PassedOn';

/** What a request uses, at most and likely. */
export interface Sizes {
  most: Partial<TokenUsage>;
  likely: Partial<TokenUsage>;
}

/** One of the endpoints whose requests and answers go through as they come. */
export interface Endpoint {
  operation: Operation;
  path: string;
  body?: InputFormat['body'];
  /** Only what is looked at; the rest goes through. */
  schema: z.ZodObject;
  unit?: Unit;
  isCounted?: boolean;
  believable?: number;
  answers?: RegExp;
  sizes(asked: JsonObject, form: Form | undefined, bytes: number): Sizes;
  readUsage: PassedOn['readUsage'];
  /** Members with what people wrote. */
  written: readonly string[];
}

/** The format of an endpoint. */
export function passThrough(endpoint: Endpoint): InputFormat {
  const { body = 'json', operation } = endpoint;
  return {
    operation,
    body,
    read: raw =>
      toExchange(
        body === 'form' ? readAsForm(endpoint, raw) : readAsJson(endpoint, raw),
      ),
  };
}

function readAsJson(endpoint: Endpoint, raw: RawRequest): ModelRequest {
  const request = readRequest(raw.text);
  const { body, text: written } = request;
  return checked(endpoint, request, {
    contentType: 'application/json',
    bytes: Buffer.byteLength(written),
    bodyFor: modelId =>
      rewriteTopLevel(written, { model: JSON.stringify(modelId) }),
    sizes: bytes => endpoint.sizes(body, undefined, bytes),
  });
}

function readAsForm(endpoint: Endpoint, raw: RawRequest): ModelRequest {
  const contentType = raw.headers['content-type'];
  const form = readForm(contentType, raw.form ?? Buffer.alloc(0));
  const fields: JsonObject = fieldsOf(form);
  const { stream, ...rest } = fields;
  const request = readFields({
    ...rest,
    // Servers read `1`, `True` and `on` as well.
    ...(stream !== undefined && { stream: stream !== 'false' }),
  });
  return checked(
    endpoint,
    { ...request, text: '' },
    {
      contentType: contentType!,
      bytes: form.body.length,
      bodyFor: modelId => replaceFields(form, { model: modelId }),
      sizes: bytes => endpoint.sizes(request.body, form, bytes),
    },
  );
}

function checked(
  endpoint: Endpoint,
  request: ModelRequest,
  sent: Pick<PassedOn, 'contentType' | 'bytes' | 'bodyFor'> & {
    sizes(bytes: number): Sizes;
  },
): ModelRequest {
  const { body } = request;
  refuseRouting(body);
  if (request.stream) {
    throw invalidRequest(
      `\`stream\` is not supported by ${endpoint.path}; leave it out.`,
    );
  }
  const parsed = endpoint.schema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalidRequest(`\`${issue.path.join('.')}\`: ${issue.message}`);
  }
  const { sizes, ...rest } = sent;
  const { likely, most } = sizes(sent.bytes);
  return {
    ...request,
    passed: {
      ...rest,
      path: endpoint.path,
      unit: endpoint.unit,
      isCounted: endpoint.isCounted ?? false,
      believable: endpoint.believable,
      answers: endpoint.answers,
      most: { ...NO_USAGE, ...most },
      likely: { ...NO_USAGE, ...likely },
      readUsage: endpoint.readUsage,
      written: endpoint.written.flatMap(name => textsAt(body, name)),
    },
  };
}

function textsAt(body: JsonObject, name: string): PassedOn['written'] {
  const value = body[name];
  if (typeof value === 'string') {
    return [{ path: [name], text: value }];
  }
  return (Array.isArray(value) ? value : []).flatMap((part, index) => {
    const inner = objectOf(part)?.text;
    if (typeof part === 'string') {
      return [{ path: [name, index], text: part }];
    }
    return typeof inner === 'string'
      ? [{ path: [name, index, 'text'], text: inner }]
      : [];
  });
}

/** The caller reads what the provider said; what broke is not mended by words. */
function toExchange(request: ModelRequest): Exchange {
  return {
    request,
    whole: answer => answer.body,
    chunk: () => '',
    end: () => '',
    failure: () => undefined,
  };
}
