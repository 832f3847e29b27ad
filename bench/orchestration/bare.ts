// The five steps on bare LangGraph with its own checkpointer for SQLite, in a process of its own: one connection to
// the tools for all runs, no identity, no budget, no audit, no spans, no journal.
import { BaseCallbackHandler } from '@langchain/core/callbacks/base';
import { tool } from '@langchain/core/tools';
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite';
import { ChatOpenAI } from '@langchain/openai';
import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { createAgent } from 'langchain';
import { randomUUID } from 'node:crypto';

/** Makes LangChain stream, without counting tokens by tables from the internet as `streaming: true` does. */
class Streaming extends BaseCallbackHandler {
  readonly name = 'Streaming';
  readonly lc_prefer_streaming = true;
}

const [, , gatewaysUrl, file] = process.argv;

/** So many runs, some at a time; answered with the seconds that they took, and those of CPU. */
export interface BareRequest {
  count: number;
  concurrency: number;
}

async function main(): Promise<void> {
  const client = new Client({ name: 'bare', version: '1' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${gatewaysUrl}/tools/mcp`)),
  );
  const agent = createAgent({
    model: new ChatOpenAI({
      model: 'scripted',
      apiKey: 'none',
      useResponsesApi: false,
      configuration: { baseURL: `${gatewaysUrl}/models/openai/v1` },
      callbacks: [new Streaming()],
    }),
    tools: [
      tool(
        async args => {
          const { content } = await client.callTool({
            name: 'orders.find_order',
            arguments: args as Record<string, unknown>,
          });
          return JSON.stringify(content);
        },
        {
          name: 'orders__find_order',
          description: 'Finds an order by its number',
          schema: {
            type: 'object',
            required: ['number'],
            properties: { number: { type: 'string' } },
          },
        },
      ),
    ],
    systemPrompt: 'You are the clerk.',
    checkpointer: SqliteSaver.fromConnString(file),
  });
  process.on('message', async ({ count, concurrency }: BareRequest) => {
    let left = count;
    const began = performance.now();
    const before = process.cpuUsage();
    const work = async () => {
      while (left > 0) {
        left -= 1;
        const { messages } = await agent.invoke(
          { messages: [{ role: 'user', content: `Order bare-${left}` }] },
          {
            configurable: { thread_id: randomUUID() },
            durability: 'sync',
          },
        );
        if (!messages.at(-1)?.text.startsWith('Order bare-')) {
          throw new Error(`It answered ${messages.at(-1)?.text}`);
        }
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
    const { user, system } = process.cpuUsage(before);
    process.send!({
      seconds: (performance.now() - began) / 1_000,
      cpuSeconds: (user + system) / 1e6,
    });
  });
  process.once('disconnect', () => process.exit(0));
  process.send!({ ready: true });
}

main().catch(error => {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exit(1);
});
