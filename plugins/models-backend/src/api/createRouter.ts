import { createOpenApiRouter } from '@agentportal/plugin-agents-node';
import type { ModelsOperations } from '@agentportal/plugin-models-common';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import type { Response, Router } from 'express';
import { spec } from '../schema/openapi.generated';
import type { CostsApi } from './CostsApi';
import type { Operations } from './operations';
import { sendLines } from './sendLines';

/**
 * The routes of what people do. Parameters are validated and coerced against the
 * document before a handler.
 */
export function createRouter(options: {
  operations: Operations;
  costs: CostsApi;
  httpAuth: HttpAuthService;
}): Router {
  const { costs, httpAuth, operations } = options;
  return createOpenApiRouter<ModelsOperations>({
    spec,
    httpAuth,
    handlers: {
      ...operations,
      CreateKey({ response, ...call }) {
        notKept(response);
        return operations.CreateKey(call);
      },
      RotateKey({ response, ...call }) {
        notKept(response);
        return operations.RotateKey(call);
      },
      async ExportFocus({ credentials, query, response }) {
        const { lines, name } = await costs.focus(query, credentials);
        response.setHeader(
          'content-type',
          'text/csv; charset=utf-8; header=present',
        );
        response.setHeader(
          'content-disposition',
          `attachment; filename="${name}"`,
        );
        await sendLines(lines, notKept(response));
      },

      OpenAiListModels: servedByGateway,
      OpenAiChatCompletions: servedByGateway,
      OpenAiEmbeddings: servedByGateway,
      OpenAiModerations: servedByGateway,
      OpenAiRerank: servedByGateway,
      OpenAiImageGenerations: servedByGateway,
      OpenAiImageEdits: servedByGateway,
      OpenAiSpeech: servedByGateway,
      OpenAiTranscriptions: servedByGateway,
      OpenAiTranslations: servedByGateway,
      OpenAiResponses: servedByGateway,
      AnthropicListModels: servedByGateway,
      AnthropicMessages: servedByGateway,
      AnthropicCountTokens: servedByGateway,
    },
  });
}

/** Secrets and money are in the answer, so nothing on the way may keep it. */
function notKept(response: Response): Response {
  return response.setHeader('cache-control', 'no-store');
}

/** The gateway takes model calls before they come here. */
function servedByGateway(): never {
  throw new NotFoundError('The model gateway is not served here.');
}
