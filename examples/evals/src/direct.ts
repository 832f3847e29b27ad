import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createExtractiveHandler } from '@agentportal/extractive-model';
import { startExampleServers } from '@agentportal/example-mcp-servers';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import OpenAI from 'openai';
import type { EvalCase } from './dataset';
import type { ExampleAgent } from './agents';
import type { Outcome } from '@agentportal/plugin-evals-common';

const MODEL = 'builtin/extractive';
const MOST_ROUNDS = 10;

type Messages = OpenAI.Chat.Completions.ChatCompletionMessageParam[];

interface ReachableTool {
  definition: OpenAI.Chat.Completions.ChatCompletionFunctionTool;
  call(args: Record<string, unknown>): Promise<string>;
}

/** The servers' tools as functions of the chat API, named `<server>__<tool>`. */
async function toolsOf(urls: Record<string, string>) {
  const clients: Client[] = [];
  const tools = new Map<string, ReachableTool>();
  for (const [server, url] of Object.entries(urls)) {
    const client = new Client(
      { name: 'example-evals', version: '0.1.0' },
      { versionNegotiation: { mode: 'auto' } },
    );
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    clients.push(client);
    for (const tool of (await client.listTools()).tools) {
      // a dot is not allowed in function names, so the portal writes it so too
      const name = `${server}__${tool.name}`;
      tools.set(name, {
        definition: {
          type: 'function',
          function: {
            name,
            description: tool.description,
            parameters: tool.inputSchema as Record<string, unknown>,
          },
        },
        call: async args => {
          const result = await client.callTool({
            name: tool.name,
            arguments: args,
          });
          const text = result.content
            .map(part => (part.type === 'text' ? part.text : ''))
            .join('\n');
          if (result.isError) return `Error: ${text}`;
          return result.structuredContent
            ? JSON.stringify(result.structuredContent)
            : text;
        },
      });
    }
  }
  return {
    tools,
    close: () => Promise.all(clients.map(client => client.close())),
  };
}

function startOf(agent: ExampleAgent, message?: string): Messages {
  return [
    ...(agent.instructions
      ? [{ role: 'system' as const, content: agent.instructions }]
      : []),
    ...(message ? [{ role: 'user' as const, content: message }] : []),
  ];
}

/** Another agent as a function, worded as the portal words it. */
function handoffTo(
  ref: string,
  other: ExampleAgent,
  run: (task: string) => Promise<string>,
): ReachableTool {
  return {
    definition: {
      type: 'function',
      function: {
        name: `handoff_to_${ref.split('/')[1].replace(/[^a-zA-Z0-9_-]/g, '_')}`,
        description: `Hands a task to another agent, ${other.title}, and gives back its answer. ${other.about}`,
        parameters: {
          type: 'object',
          required: ['task'],
          properties: {
            task: {
              type: 'string',
              description:
                'The task in full, with everything that the other agent needs to know; it does not see this conversation.',
            },
          },
        },
      },
    },
    call: async args => run(String(args.task)),
  };
}

/**
 * Asks the example agents without a portal: the real MCP servers and the built-in model, both over HTTP in this
 * process, and a plain tool loop between them.
 */
export async function createDirectDriver(options: {
  agents: Map<string, ExampleAgent>;
  dataDirectory: string;
}) {
  const servers = await startExampleServers({
    port: 0,
    dataDirectory: options.dataDirectory,
  });
  const modelServer = createServer(createExtractiveHandler());
  await new Promise<void>(resolve =>
    modelServer.listen(0, '127.0.0.1', resolve),
  );
  const { port } = modelServer.address() as AddressInfo;
  const openai = new OpenAI({
    baseURL: `http://127.0.0.1:${port}/v1`,
    apiKey: 'none',
  });
  const { tools, close } = await toolsOf(servers.urls);

  const answer = async (
    agent: ExampleAgent,
    messages: Messages,
    depth = 0,
  ): Promise<Outcome> => {
    const calls: Outcome['calls'] = [];
    const offered = new Map<string, ReachableTool>();
    for (const name of agent.tools) {
      const tool = tools.get(name.replace('.', '__'));
      if (tool) offered.set(tool.definition.function.name, tool);
    }
    for (const ref of depth < 1 ? agent.handoffs : []) {
      const other = options.agents.get(ref);
      if (!other) continue;
      const handoff = handoffTo(ref, other, async task => {
        const result = await answer(other, startOf(other, task), depth + 1);
        calls.push(...result.calls);
        return result.answer;
      });
      offered.set(handoff.definition.function.name, handoff);
    }
    const definitions = [...offered.values()].map(tool => tool.definition);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const completion = await openai.chat.completions.create({
        model: MODEL,
        messages,
        ...(definitions.length ? { tools: definitions } : {}),
      });
      const { message } = completion.choices[0];
      messages.push(message);
      if (!message.tool_calls?.length)
        return { calls, answer: message.content ?? '' };
      for (const call of message.tool_calls) {
        if (call.type !== 'function') continue;
        const { name } = call.function;
        const args = JSON.parse(call.function.arguments);
        if (tools.has(name))
          calls.push({ tool: name.replace('__', '.'), arguments: args });
        const content = await offered
          .get(name)!
          .call(args)
          .catch((error: Error) => `Error: ${error.message}`);
        messages.push({ role: 'tool', tool_call_id: call.id, content });
      }
    }
    return {
      calls,
      answer: '',
      failure: `no answer after ${MOST_ROUNDS} rounds`,
    };
  };

  return {
    async ask(item: EvalCase): Promise<Outcome> {
      const agent = options.agents.get(item.agentRef);
      if (!agent)
        return {
          calls: [],
          answer: '',
          failure: `there is no ${item.agentRef} in the catalog`,
        };
      const messages = startOf(agent);
      let outcome: Outcome = { calls: [], answer: '' };
      for (const turn of item.turns) {
        messages.push({ role: 'user', content: turn });
        outcome = await answer(agent, messages);
      }
      return outcome;
    },
    async stop() {
      await close();
      await new Promise(resolve => modelServer.close(resolve));
      await servers.stop();
    },
  };
}
