import type OpenAI from 'openai';
import type { Case, Turn } from './dataset';
import { createGrader, type Verdict } from './grade';

type Message = OpenAI.Chat.Completions.ChatCompletionMessageParam;

export type Outcome = { item: Case } & Exclude<Verdict, { state: 'continue' }>;

const MOST_ROUNDS = 6;

const written = (result: unknown) =>
  typeof result === 'string' ? result : JSON.stringify(result);

/** The system message of a case: who the assistant is, and what day it is. */
export function systemOf(item: Case): string {
  const weekday = new Date(`${item.today}T00:00:00Z`).toLocaleDateString(
    'en-GB',
    { weekday: 'long', timeZone: 'UTC' },
  );
  return `${item.system.trim()}\nToday is ${weekday}, ${item.today}.`.trim();
}

function messagesOf(turn: Turn, index: number): Message[] {
  if ('user' in turn) return [{ role: 'user', content: turn.user }];
  if ('assistant' in turn)
    return [{ role: 'assistant', content: turn.assistant }];
  const id = `call_${index}`;
  return [
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id,
          type: 'function',
          function: {
            name: turn.call,
            arguments: JSON.stringify(turn.arguments),
          },
        },
      ],
    },
    { role: 'tool', tool_call_id: id, content: written(turn.result) },
  ];
}

/** Puts one case to a model and answers its calls with what the case says the tools return. */
export async function evaluateCase(
  client: OpenAI,
  model: string,
  item: Case,
): Promise<Outcome> {
  const grade = createGrader(item);
  const messages: Message[] = [
    { role: 'system', content: systemOf(item) },
    ...item.messages.flatMap(messagesOf),
  ];
  try {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const completion = await client.chat.completions.create({
        model,
        messages,
        tools: item.tools.map(({ name, description, inputSchema }) => ({
          type: 'function',
          function: { name, description, parameters: inputSchema },
        })),
      });
      const { message } = completion.choices[0];
      const calls = (message.tool_calls ?? []).flatMap(call =>
        call.type === 'function'
          ? [{ id: call.id, ...call.function }]
          : [{ id: call.id, name: call.custom.name, arguments: '{}' }],
      );
      const verdict = grade({ text: message.content ?? '', calls });
      if (verdict.state !== 'continue') return { item, ...verdict };
      messages.push(
        {
          role: 'assistant',
          content: message.content,
          tool_calls: message.tool_calls,
        },
        ...verdict.results.map(
          ({ id, result }): Message => ({
            role: 'tool',
            tool_call_id: id,
            content: written(result),
          }),
        ),
      );
    }
  } catch (error) {
    const why = `the model failed: ${(error as Error).message}`;
    return { item, state: 'wrong', why, wrongCall: false };
  }
  return {
    item,
    state: 'wrong',
    why: `no end after ${MOST_ROUNDS} rounds`,
    wrongCall: false,
  };
}
