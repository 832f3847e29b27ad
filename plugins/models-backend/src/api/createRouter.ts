import { createOpenApiRouter } from '@agentportal/plugin-agents-node';
import type { ModelsOperations } from '@agentportal/plugin-models-common';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { NotFoundError } from '@backstage/errors';
import type { Response, Router } from 'express';
import { spec } from '../schema/openapi.generated';
import type { Apis } from './apis';
import { sendLines } from './sendLines';

/**
 * The routes of what people do. Parameters are validated and coerced against the
 * document before a handler.
 */
export function createRouter(apis: Apis, httpAuth: HttpAuthService): Router {
  const { budgets, cache, complexity, costs } = apis;
  const { keys, models, prices, rateLimits, routes } = apis;
  return createOpenApiRouter<ModelsOperations>({
    spec,
    httpAuth,
    handlers: {
      ListModels: call => models.listModels(call.query, call.credentials),
      GetModel: call => models.getModel(call.path.id, call.credentials),
      ListModelPrices: call =>
        prices.list(call.path.id, call.query, call.credentials),
      ListProviders: call => models.listProviders(call.query, call.credentials),

      GetCosts: call => costs.getCosts(call.query, call.credentials),
      ForecastCosts: call => costs.forecast(call.query, call.credentials),
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
      ListCalls: call => models.listCalls(call.query, call.credentials),
      RecordCallOutcome: call =>
        complexity.recordOutcome(call.path.callId, call.body, call.credentials),
      ListComplexityCalibrations: call =>
        complexity.listCalibrations(call.query, call.credentials),

      ListBudgets: call => budgets.list(call.query, call.credentials),
      CreateBudget: call => budgets.create(call.body, call.credentials),
      CheckBudgets: call => budgets.check(call.credentials),
      GetBudget: call => budgets.get(call.path.id, call.credentials),
      UpdateBudget: call =>
        budgets.update(call.path.id, call.body, call.credentials),
      DeleteBudget: call => budgets.delete(call.path.id, call.credentials),
      GetBudgetHistory: call =>
        budgets.history(call.path.id, call.query, call.credentials),

      ListRoutes: call => routes.list(call.query, call.credentials),
      PreviewRoute: call => routes.preview(call.body, call.credentials),
      GetRoute: call => routes.get(call.path.name, call.credentials),
      SaveRoute: call =>
        routes.save(call.path.name, call.body, call.credentials),
      RevertRoute: call => routes.revert(call.path.name, call.credentials),
      GetRouteHistory: call =>
        routes.history(call.path.name, call.query, call.credentials),

      ListKeys: call => keys.list(call.query, call.credentials),
      CreateKey({ body, credentials, response }) {
        notKept(response);
        return keys.create(body, credentials);
      },
      GetKey: call => keys.get(call.path.id, call.credentials),
      UpdateKey: call => keys.update(call.path.id, call.body, call.credentials),
      RotateKey({ body, credentials, path, response }) {
        notKept(response);
        return keys.rotate(path.id, body ?? {}, credentials);
      },
      RevokeKey: call => keys.revoke(call.path.id, call.credentials),
      GetKeyHistory: call =>
        keys.history(call.path.id, call.query, call.credentials),

      ListRateLimits: call => rateLimits.list(call.query, call.credentials),
      CreateRateLimit: call => rateLimits.create(call.body, call.credentials),
      UpdateRateLimit: call =>
        rateLimits.update(call.path.id, call.body, call.credentials),
      DeleteRateLimit: call =>
        rateLimits.delete(call.path.id, call.credentials),

      GetAnswerCache: call => cache.stats(call.query, call.credentials),
      PurgeAnswerCache: ({ credentials, query }) =>
        cache.purge(
          { ...query, all: String(query.all) === 'true' },
          credentials,
        ),

      OpenAiListModels: servedByGateway,
      OpenAiChatCompletions: servedByGateway,
      OpenAiEmbeddings: servedByGateway,
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
