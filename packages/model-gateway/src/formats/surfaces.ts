import type { GatewayError } from '../errors';
import { toErrorBody } from '../errors';
import { messages } from './anthropic/messages';
import { toAnthropicError, toAnthropicModels } from './anthropic/errors';
import { chatCompletions, embeddings } from './chatCompletions';
import type { InputFormat } from './InputFormat';
import {
  imageEdits,
  imageGenerations,
  moderations,
  rerank,
  speech,
  transcriptions,
  translations,
} from '../passthrough/formats';
import { responses } from './responses/responses';

/**
 * A family of paths that belong to one vendor's clients.
 *
 * @public
 */
export type GatewaySurface = 'openai' | 'anthropic';

/** The models and routes that a caller may use. */
export interface ModelNames {
  models: Array<{ id: string; provider: string }>;
  routes: string[];
}

/** What a surface serves and how it speaks outside of the formats' answers. */
export interface Surface {
  /** By method and path. */
  formats: ReadonlyMap<string, InputFormat>;
  /** Where the tokens of a request of a format are counted and nothing is called. */
  counts: ReadonlyMap<string, InputFormat>;
  models(names: ModelNames): object;
  error(error: GatewayError, callId: string): object;
}

export const SURFACES: Record<GatewaySurface, Surface> = {
  openai: {
    formats: new Map([
      ['POST /chat/completions', chatCompletions],
      ['POST /embeddings', embeddings],
      ['POST /responses', responses],
      ['POST /moderations', moderations],
      ['POST /rerank', rerank],
      ['POST /images/generations', imageGenerations],
      ['POST /images/edits', imageEdits],
      ['POST /audio/speech', speech],
      ['POST /audio/transcriptions', transcriptions],
      ['POST /audio/translations', translations],
    ]),
    counts: new Map(),
    models: toOpenAiModels,
    error: toErrorBody,
  },
  anthropic: {
    formats: new Map([['POST /messages', messages]]),
    counts: new Map([['POST /messages/count_tokens', messages]]),
    models: toAnthropicModels,
    error: toAnthropicError,
  },
};

function toOpenAiModels({ models, routes }: ModelNames): object {
  const entry = (id: string, ownedBy: string) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: ownedBy,
  });
  return {
    object: 'list',
    data: [
      ...routes.map(name => entry(name, 'route')),
      ...models.map(model => entry(model.id, model.provider)),
    ],
  };
}
