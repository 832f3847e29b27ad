import { agentIdentitiesServiceRef } from '@agentportal/plugin-agents-node';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import express, { type Request, type Response } from 'express';
import type { IncomingHttpHeaders } from 'node:http';
import { createCallerOf, type GatewayCaller } from './callerOf';

/** What the model answers to one call. */
export type ModelReply =
  | {
      text: string;
      costNanoUsd?: number;
      tokens?: [number, number];
      /** Between words. */
      pauseMs?: number;
      /** Kinds of what the guard hid. */
      hidden?: string[];
    }
  | {
      toolCalls: Array<{ name: string; args: unknown; id?: string }>;
      costNanoUsd?: number;
    }
  /** Chunks as they are, for what providers should not do. */
  | { chunks: Array<{ delta: unknown; finish?: string; id?: string }> }
  | {
      refuse: {
        status: number;
        name: string;
        message: string;
        budget?: object;
      };
    }
  | { errorInStream: string }
  | { breakOffAfter: string; costNanoUsd?: number }
  | { hang: true };

/** One request to the model, as it came over the wire. */
export interface ModelRequest {
  headers: IncomingHttpHeaders;
  /** Whoever the token speaks for. */
  caller: GatewayCaller;
  body: {
    model: string;
    messages: Array<{ role: string; content: unknown; tool_calls?: unknown[] }>;
    tools?: Array<{
      function: { name: string; description?: string; parameters: unknown };
    }>;
    tool_choice?: unknown;
    stream?: boolean;
    stream_options?: unknown;
  };
  /** Whether the caller hung up before the answer was complete. */
  hungUp: boolean;
}

/** A model gateway that speaks OpenAI's wire format and says what it is told. */
export class ScriptedModel {
  readonly requests: ModelRequest[] = [];
  /** What its ledger says of calls; without any there is none. */
  readonly booked: object[] = [];
  readonly #script: (
    request: ModelRequest,
    index: number,
  ) => ModelReply | Promise<ModelReply>;

  constructor(
    script:
      | ModelReply[]
      | ((
          request: ModelRequest,
          index: number,
        ) => ModelReply | Promise<ModelReply>),
  ) {
    this.#script = Array.isArray(script)
      ? (_request, index) => script[Math.min(index, script.length - 1)]
      : script;
  }

  /** What OpenAI serves, as far as the tests need it. */
  router(
    callerOf: (req: Request) => Promise<GatewayCaller> = async () => ({}),
  ) {
    const router = express.Router();
    router.use(express.json({ limit: '10mb' }));
    router.get('/v1/models', (_req, res) => {
      res.json({ object: 'list', data: [{ id: 'scripted', object: 'model' }] });
    });
    router.post('/v1/chat/completions', async (req, res) => {
      const request: ModelRequest = {
        headers: req.headers,
        caller: await callerOf(req),
        body: req.body,
        hungUp: false,
      };
      res.once('close', () => {
        request.hungUp = !res.writableEnded;
      });
      const index = this.requests.push(request) - 1;
      await answer(res, await this.#script(request, index), index);
    });
    return router;
  }

  /** The gateway as the `models` plugin of a backend. */
  get plugin() {
    return createBackendPlugin({
      pluginId: 'models',
      register: env => {
        env.registerInit({
          deps: {
            httpRouter: coreServices.httpRouter,
            httpAuth: coreServices.httpAuth,
            identities: agentIdentitiesServiceRef,
          },
          init: async ({ httpRouter, httpAuth, identities }) => {
            const callerOf = createCallerOf({ httpAuth, identities });
            httpRouter.use(
              express
                .Router()
                .use('/openai', this.router(callerOf))
                .get('/calls', (_req, res, next) =>
                  this.booked.length
                    ? res.json({ items: this.booked })
                    : next(),
                ),
            );
          },
        });
      },
    });
  }
}

async function answer(res: Response, reply: ModelReply, index: number) {
  if ('refuse' in reply) {
    const { status, ...error } = reply.refuse;
    res.status(status).json({ error });
    return;
  }
  res.set({
    'content-type': 'text/event-stream',
    'x-agent-portal-call-id': `call-${index}`,
    'x-agent-portal-model': 'test/served',
    'x-agent-portal-route-reason': encodeURIComponent('First available – ok'),
  });
  res.flushHeaders();
  const send = (data: unknown) =>
    res.write(`data: ${JSON.stringify(data)}\n\n`);
  const chunk = (
    delta: unknown,
    finish: string | null = null,
    id = `chatcmpl-${index}`,
  ) =>
    send({
      id,
      object: 'chat.completion.chunk',
      created: 1,
      model: 'served',
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  if ('hang' in reply) {
    return;
  }
  if ('errorInStream' in reply) {
    send({ error: { message: reply.errorInStream, type: 'server_error' } });
    res.end();
    return;
  }
  if ('breakOffAfter' in reply) {
    chunk({ role: 'assistant', content: reply.breakOffAfter });
    if (reply.costNanoUsd) {
      send({
        id: `chatcmpl-${index}`,
        object: 'chat.completion.chunk',
        created: 1,
        model: 'served',
        choices: [],
        usage: {
          prompt_tokens: 10,
          completion_tokens: 2,
          total_tokens: 12,
          cost_nano_usd: reply.costNanoUsd,
        },
      });
    }
    setTimeout(() => res.destroy(), 20);
    return;
  }
  if ('chunks' in reply) {
    reply.chunks.forEach(({ delta, finish, id }) => chunk(delta, finish, id));
  } else if ('text' in reply) {
    for (const word of reply.text.match(/\S+\s*/g) ?? []) {
      chunk({ role: 'assistant', content: word });
      if (reply.pauseMs) {
        await new Promise(resolve => setTimeout(resolve, reply.pauseMs));
      }
    }
    chunk({}, 'stop');
  } else {
    chunk({
      role: 'assistant',
      tool_calls: reply.toolCalls.map(({ name, args, id }, i) => ({
        index: i,
        id: id ?? `tc-${index}-${i}`,
        type: 'function',
        function: { name, arguments: JSON.stringify(args) },
      })),
    });
    chunk({}, 'tool_calls');
  }
  const [input, output] = ('tokens' in reply && reply.tokens) || [10, 5];
  send({
    id: `chatcmpl-${index}`,
    object: 'chat.completion.chunk',
    created: 1,
    model: 'served',
    choices: [],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      cost_nano_usd: ('costNanoUsd' in reply && reply.costNanoUsd) || 1_500,
    },
    ...('hidden' in reply && { guard: { hidden: reply.hidden } }),
  });
  res.write('data: [DONE]\n\n');
  res.end();
}
