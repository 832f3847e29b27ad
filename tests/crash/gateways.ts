import type { CallsPage } from '@agentportal/plugin-models-common';
import express from 'express';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ModelReply,
  type ModelRequest,
  ScriptedModel,
} from '../../plugins/orchestration-backend/src/__testUtils__/scriptedModel';
import { ToolGateway } from '../../plugins/orchestration-backend/src/__testUtils__/toolGateway';
import { type Call, orderOf } from './points';

/** What a model call costs. */
const TOKENS: [number, number] = [10, 5];
const COST = 1_500;
/** What a model says when a tool call was cut, so that the answer shows it. */
const UNKNOWN = 'Nobody knows whether';

/** What goes wrong with the second model call of some runs. */
export const FAULTS = ['429', '503', 'cut'] as const;
export type Fault = (typeof FAULTS)[number];

interface Booked {
  order: string;
  step: number;
  status: 'started' | 'succeeded';
}

/**
 * The two gateways, in a process that nobody kills: a model that speaks OpenAI's wire format, with the part of a
 * ledger that orchestration asks for, and a real MCP server that counts each effect. Both tell when a call comes,
 * and can hold its answer.
 */
export class Gateways {
  readonly url: string;
  /** Where the MCP server is. */
  readonly toolsUrl: string;
  /** Orders by the runs that are about them. */
  readonly orderOfRun = new Map<string, string>();
  /** At which call of an order its answer is held. */
  readonly holdAt = new Map<string, Call>();
  readonly held = new Set<string>();
  /** Questions whose runs stopped at one of their writes. */
  readonly frozen = new Set<string>();
  readonly faults = new Map<string, Fault>();
  /** At which call of the first agent that is; the second of its model unless said here. */
  readonly faultAt = new Map<string, Call>();
  /** How often something was really done, by order and agent. */
  readonly effects = new Map<string, number>();
  /** Longest time for which a call is slow, and the pause between words. */
  slowMs = 0;
  pauseMs = 0;
  modelCalls = 0;
  /** How many calls were slow at the same time. */
  mostUnderWay = 0;
  #underWay = 0;
  readonly #booked: Booked[] = [];
  /** What is to be done when a call is over, by its headers. */
  readonly #open = new WeakMap<object, () => void>();
  readonly #app: express.Express;
  readonly #servers: { models: Server; tools: Server };
  readonly #toolsPort: number;
  #held = Promise.withResolvers<void>();

  static async start(): Promise<Gateways> {
    const app = express();
    return new Gateways(app, await listen(app), await listen(app));
  }

  private constructor(
    app: express.Express,
    forModels: Server,
    forTools: Server,
  ) {
    this.#servers = { models: forModels, tools: forTools };
    this.#toolsPort = portOf(forTools);
    this.url = `http://127.0.0.1:${portOf(forModels)}`;
    this.toolsUrl = `http://127.0.0.1:${this.#toolsPort}`;
    this.#app = app;
    const model = new ScriptedModel(request => this.#reply(request));
    const tools = new ToolGateway(async (name, { number, by }) =>
      this.#callTool(name, String(number), String(by)),
    );
    app.use('/models/openai', (req, res, next) => {
      res.once('close', () => this.#open.get(req.headers)?.());
      next();
    });
    app.use('/models/openai', model.router());
    app.get('/models/calls', (req, res) =>
      res.json(this.#calls(String(req.query.runId))),
    );
    app.all('/tools/mcp', express.json({ limit: '10mb' }), (req, res) => {
      void tools.handler(req, res, req.body);
    });
    app.post('/frozen', express.json(), (req, res) => {
      this.frozen.add(req.body.question);
      res.end();
    });
  }

  /** Answers all that were held, and holds nothing any more. */
  release(): void {
    this.holdAt.clear();
    this.held.clear();
    this.#held.resolve();
    this.#held = Promise.withResolvers<void>();
  }

  /** What was booked for an order, also of calls whose caller has gone. */
  costOf(order: string): number {
    return COST * this.#booked.filter(call => call.order === order).length;
  }

  /** Ends the MCP server with all calls that are under way; their effects may come all the same. */
  killTools(): void {
    end(this.#servers.tools);
  }

  /** Starts it where it was. */
  async reviveTools(): Promise<void> {
    this.#servers.tools = await listen(this.#app, this.#toolsPort);
  }

  close(): void {
    end(this.#servers.models);
    end(this.#servers.tools);
  }

  async #arrive(order: string, call: Call): Promise<void> {
    if (this.holdAt.get(order) === call) {
      this.held.add(order);
      await this.#held.promise;
      return;
    }
    if (this.slowMs) {
      this.#underWay += 1;
      this.mostUnderWay = Math.max(this.mostUnderWay, this.#underWay);
      await sleep(Math.random() * this.slowMs);
      this.#underWay -= 1;
    }
  }

  async #reply(request: ModelRequest): Promise<ModelReply> {
    const { body } = request;
    this.modelCalls += 1;
    const texts = body.messages.map(({ content }) => String(content));
    const order = texts.map(orderOf).find(each => each !== undefined)!;
    const told = body.messages
      .filter(({ role }) => role === 'tool')
      .map(({ content }) => String(content));
    const helps = texts[0].includes('helper');
    const looksUp = texts[0].includes('clerk');
    const calls: Call[] = helps
      ? ['agent 2: model 1', 'agent 2: model 2']
      : ['model 1', 'model 2', 'model 3', 'model 4'];
    const isFaulty =
      !helps &&
      calls[told.length] === (this.faultAt.get(order) ?? 'model 2') &&
      this.faults.has(order);
    if (isFaulty && this.faults.get(order) !== 'cut') {
      return { refuse: refusal(Number(this.faults.get(order))) };
    }
    this.#book(request, order);
    await this.#arrive(order, calls[told.length]);
    const by = helps ? 'helper' : 'desk';
    const cancel = {
      toolCalls: [
        { name: 'orders__cancel_order', args: { number: order, by } },
      ],
      costNanoUsd: COST,
    };
    const say = (text: string) => ({
      text,
      tokens: TOKENS,
      costNanoUsd: COST,
      pauseMs: this.pauseMs,
    });
    if (isFaulty) {
      return { breakOffAfter: 'I will', costNanoUsd: COST };
    }
    const known = (text: string) =>
      text.includes(UNKNOWN) ? 'unknown' : 'known';
    if (helps) {
      return told.length
        ? say(`Helper of ${order}: ${known(told[0])}`)
        : cancel;
    }
    if (looksUp && told.length === 2) {
      return say(`Order ${order} ${told[0]}`);
    }
    switch (looksUp ? 0 : told.length) {
      case 0:
        return {
          toolCalls: [{ name: 'orders__find_order', args: { number: order } }],
          costNanoUsd: COST,
        };
      case 1:
        return cancel;
      case 2:
        return {
          toolCalls: [
            { name: 'handoff_to_helper', args: { task: `Order ${order}` } },
          ],
          costNanoUsd: COST,
        };
      default:
        return say(
          `Order ${order} ${told[0]}, desk ${known(told[1])}, ${told[2]}`,
        );
    }
  }

  async #callTool(name: string, order: string, by: string) {
    const text = (words: string) => ({
      content: [{ type: 'text' as const, text: words }],
    });
    if (name === 'orders.find_order') {
      await this.#arrive(order, 'read tool');
      return text('found');
    }
    const place = by === 'helper' ? 'agent 2: write tool' : 'write tool';
    // It takes effect whether or not somebody still waits for the answer.
    await this.#arrive(order, `${place}, not done`);
    const key = `${order} by ${by}`;
    this.effects.set(key, (this.effects.get(key) ?? 0) + 1);
    await this.#arrive(order, `${place}, done`);
    return text('cancelled');
  }

  /** Books a call; what has begun costs the same when nobody waits for it any more. */
  #book({ headers }: ModelRequest, order: string): void {
    const call: Booked = {
      order,
      step: Number(headers['x-agent-portal-step']),
      status: 'started',
    };
    this.#booked.push(call);
    this.#open.set(headers, () => {
      call.status = 'succeeded';
    });
  }

  #calls(runId: string): Pick<CallsPage, 'items'> {
    return {
      items: this.#booked
        .filter(({ order }) => order === this.orderOfRun.get(runId))
        .map(
          ({ step, status }) =>
            ({
              step,
              status,
              usage: { input: TOKENS[0], output: TOKENS[1] },
              costNanoUsd: COST,
            } as unknown as CallsPage['items'][number]),
        ),
    };
  }
}

async function listen(app: express.Express, port = 0): Promise<Server> {
  const server = app.listen(port, '127.0.0.1');
  // On a busy machine a client may use a connection just as it is closed for being idle.
  server.keepAliveTimeout = 600_000;
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function end(server: Server): void {
  server.closeAllConnections();
  server.close();
}

function refusal(status: number) {
  return { status, name: 'Refused', message: `The model is busy: ${status}` };
}
