import type {
  ChatCompletion,
  CompletionUsage,
  FinishReason,
} from './completion';

/**
 * One OpenAI chat completion chunk.
 *
 * @public
 */
export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  created: number;
  model: string;
  choices: {
    index: 0;
    delta: {
      role?: 'assistant';
      content?: string | null;
      refusal?: string | null;
      tool_calls?: {
        index: number;
        id?: string;
        type?: 'function';
        function: { name?: string; arguments?: string };
      }[];
    };
    logprobs: null;
    finish_reason: FinishReason | null;
  }[];
  usage?: CompletionUsage | null;
}

/** Word by word, each with the space before it; joined they are the text again. */
function pieces(text: string): string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}

/** A completion as the chunks of a stream. Nothing is delayed: chunks follow the words. */
export function* chunksOf(
  completion: ChatCompletion,
  includeUsage: boolean,
): Generator<ChatCompletionChunk> {
  const [choice] = completion.choices;
  const chunk = (
    delta: ChatCompletionChunk['choices'][0]['delta'],
    reason: FinishReason | null = null,
  ): ChatCompletionChunk => ({
    id: completion.id,
    object: 'chat.completion.chunk',
    created: completion.created,
    model: completion.model,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }],
    ...(includeUsage ? { usage: null } : {}),
  });
  const { content, refusal, tool_calls: calls } = choice.message;
  yield chunk({ role: 'assistant', content: calls ? null : '' });
  for (const piece of pieces(content ?? '')) yield chunk({ content: piece });
  for (const piece of pieces(refusal ?? '')) yield chunk({ refusal: piece });
  for (const [index, call] of (calls ?? []).entries()) {
    const { name, arguments: args } = call.function;
    yield chunk({
      tool_calls: [
        {
          index,
          id: call.id,
          type: 'function',
          function: { name, arguments: '' },
        },
      ],
    });
    yield chunk({ tool_calls: [{ index, function: { arguments: args } }] });
  }
  yield chunk({}, choice.finish_reason);
  if (includeUsage) {
    yield { ...chunk({}), choices: [], usage: completion.usage };
  }
}
