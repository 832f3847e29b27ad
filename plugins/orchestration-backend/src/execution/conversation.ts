import {
  AIMessage,
  type BaseMessage,
  HumanMessage,
  ToolMessage,
} from '@langchain/core/messages';
import type { KeyedMessage } from '../store/JournalStore';
import type { Turn } from '../store/RunStore';

/** A rough rule that holds for most languages written in Latin letters. */
const CHARACTERS_PER_TOKEN = 4;

/**
 * What the model is told of a conversation so far: the latest turns that were
 * answered, as many as fit. A turn is given whole or not at all.
 */
export function previousMessages(
  runs: Turn[],
  limits: { maxTurns: number; maxTokens: number },
): BaseMessage[] {
  const answered = runs.filter(
    ({ answer, summary }) =>
      summary.status === 'succeeded' && answer !== undefined,
  );
  const messages: BaseMessage[] = [];
  let characters = limits.maxTokens * CHARACTERS_PER_TOKEN;
  let turns = limits.maxTurns;
  for (const { message: question, answer = '' } of answered.reverse()) {
    characters -= question.length + answer.length;
    turns -= 1;
    if (characters < 0 || turns < 0) {
      break;
    }
    messages.unshift(new HumanMessage(question), new AIMessage(answer));
  }
  return messages;
}

/** A message that is on record, as LangChain has it; tools have the names of the catalog. */
export function toMessage({
  content,
  key,
  role,
  toolCallId,
  toolCalls,
}: KeyedMessage): BaseMessage {
  const text = String(content);
  switch (role) {
    case 'assistant':
      return new AIMessage({
        id: key,
        content: text,
        tool_calls: toolCalls?.map(({ id, name, args }) => ({
          id,
          name,
          args: args as Record<string, unknown>,
          type: 'tool_call',
        })),
      });
    case 'tool':
      return new ToolMessage({
        id: key,
        content: text,
        tool_call_id: toolCallId!,
      });
    default:
      return new HumanMessage(text);
  }
}
