import { GatewayError } from '../errors';
import { rewriteTopLevel } from '../http/rewriteTopLevel';
import type { ServerSentEvent } from '../http/serverSentEvents';
import { readOpenAiUsage } from '../usage/openAiUsage';
import { readServed } from '../usage/served';
import type { TokenUsage } from '../usage/tokenUsage';
import type {
  AnswerChunk,
  JsonObject,
  ProviderRequest,
  WholeAnswer,
} from './ModelProvider';

const FORMAT = 'openai-responses';
const ENDS = new Set([
  'response.completed',
  'response.incomplete',
  'response.failed',
]);

/**
 * The caller's own text with the model's name at the provider. It is not stored
 * there: all callers share the portal's account.
 */
export function toResponsesBody(request: ProviderRequest): string {
  return rewriteTopLevel(request.native!.text, {
    model: JSON.stringify(request.modelId),
    store: 'false',
    ...(request.outputCap !== undefined && {
      max_output_tokens: String(request.outputCap),
    }),
  });
}

/** A response that goes to its caller as it came; only its usage is read. */
export function readNativeResponse(
  provider: string,
  text: string,
  json: unknown,
): WholeAnswer {
  const response = json as JsonObject | null;
  if (!Array.isArray(response?.output)) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      `The provider ${provider} did not answer with a response; set \`responses: false\` for it.`,
    );
  }
  return {
    format: FORMAT,
    body: text,
    usage: readUsage(response),
    ...readServed(response),
    textBytes: Buffer.byteLength(JSON.stringify(response.output)),
  };
}

/** Events that go to their caller as they came; only the usage is read. */
export async function* readNativeResponseEvents(
  provider: string,
  events: AsyncIterable<ServerSentEvent>,
): AsyncGenerator<AnswerChunk> {
  for await (const { event, data } of events) {
    if (data.trim() === '[DONE]') {
      break;
    }
    const json = parse(provider, data);
    if (json.type === 'error') {
      throw new GatewayError(
        502,
        'provider_error',
        `The provider ${provider} failed in the middle of its answer; try again.`,
      );
    }
    yield {
      format: FORMAT,
      event: event ?? String(json.type),
      data,
      json,
      usage: readUsage(json.response),
      ...readServed((json.response ?? {}) as JsonObject),
      usageOnly: false,
      textBytes:
        typeof json.delta === 'string' ? Buffer.byteLength(json.delta) : 0,
    };
    if (ENDS.has(String(json.type))) {
      return;
    }
  }
  throw new GatewayError(
    502,
    'provider_stream_cut',
    `The provider ${provider} broke off in the middle of its answer; try again.`,
  );
}

/** The Responses API has other names for the parts of a usage. */
function readUsage(response: unknown): TokenUsage | undefined {
  const usage = (response as { usage?: JsonObject | null } | null | undefined)
    ?.usage;
  return (
    (usage &&
      readOpenAiUsage({
        prompt_tokens: usage.input_tokens,
        prompt_tokens_details: usage.input_tokens_details,
        completion_tokens: usage.output_tokens,
        completion_tokens_details: usage.output_tokens_details,
        total_tokens: usage.total_tokens,
      })) ??
    undefined
  );
}

function parse(provider: string, data: string): JsonObject {
  try {
    const json: unknown = JSON.parse(data);
    if (typeof json === 'object' && json !== null) {
      return json as JsonObject;
    }
  } catch {
    // said below
  }
  throw new GatewayError(
    502,
    'provider_bad_answer',
    `The provider ${provider} sent an event that is not a JSON object.`,
  );
}
