import type { JsonObject } from '../providers/ModelProvider';

/** Larger answers are not parsed once more for the sake of a trace. */
const MAX_PARSED_CHARS = 1_000_000;

/** What a trace tells of an answer; never its words. */
export interface AnswerFacts {
  id?: string;
  model?: string;
  finishReasons: string[];
}

/** A chunk of an answer, parsed, or a whole one as text. */
export interface AnswerPiece {
  json?: JsonObject;
  body?: string;
}

/** Gathers the facts of an answer from its pieces, whatever format they have. */
export function noteAnswer(facts: AnswerFacts, piece: AnswerPiece): void {
  const json = piece.json ?? parse(piece.body ?? '');
  if (!json) {
    return;
  }
  // Anthropic's and OpenAI's semantic events wrap the object that has the id.
  const head = object(json.message) ?? object(json.response) ?? json;
  facts.id ??= text(head.id);
  facts.model ??= text(head.model);
  const reasons = Array.isArray(json.choices)
    ? (json.choices as unknown[]).map(choice => object(choice)?.finish_reason)
    : [object(json.delta)?.stop_reason ?? json.stop_reason ?? ending(head)];
  for (const reason of reasons) {
    if (typeof reason === 'string') {
      facts.finishReasons.push(reason);
    }
  }
}

/** A response of OpenAI's has a status, and a reason only when it was cut. */
function ending(response: JsonObject): unknown {
  const { status, incomplete_details: details } = response;
  if (response.object !== 'response') {
    return undefined;
  }
  return status === 'incomplete'
    ? object(details)?.reason ?? status
    : status !== 'in_progress' && status;
}

function parse(body: string): JsonObject | undefined {
  if (body.length > MAX_PARSED_CHARS) {
    return undefined;
  }
  try {
    return object(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
