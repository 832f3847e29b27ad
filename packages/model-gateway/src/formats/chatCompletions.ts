import { toErrorBody } from '../errors';
import type { AnswerChunk } from '../providers/ModelProvider';
import type { Bill } from '../stages/Attempt';
import { readRequest } from '../stages/readRequest';
import { toOpenAiUsage } from '../usage/openAiUsage';
import { type Exchange, type InputFormat, toEvent } from './InputFormat';

/** OpenAI's chat completions, which is also what the gateway speaks inside. */
export const chatCompletions: InputFormat = {
  operation: 'chat',
  read: ({ text }) => openAiExchange(text),
};

/** OpenAI's embeddings. */
export const embeddings: InputFormat = {
  operation: 'embeddings',
  read: ({ text }) => openAiExchange(text),
};

function openAiExchange(text: string): Exchange {
  const request = readRequest(text);
  let head: AnswerChunk | undefined;
  let usageChunk: AnswerChunk | undefined;
  return {
    request,
    whole: answer => answer.body,
    chunk(chunk, costNanoUsd) {
      head ??= chunk;
      if (chunk.usageOnly) {
        usageChunk = chunk;
        return '';
      }
      return toEvent(
        undefined,
        request.includeUsage && chunk.json.usage
          ? withCost(chunk, costNanoUsd())
          : chunk.data,
      );
    },
    end(bill) {
      const last = toEvent(undefined, '[DONE]');
      if (!request.includeUsage) {
        return last;
      }
      const usage = usageChunk
        ? withCost(usageChunk, bill.costNanoUsd)
        : toUsageChunk(head, bill);
      return toEvent(undefined, usage) + last;
    },
    failure: error => toEvent(undefined, JSON.stringify(toErrorBody(error))),
  };
}

function withCost(chunk: AnswerChunk, cost: number): string {
  return JSON.stringify({
    ...chunk.json,
    usage: { ...(chunk.json.usage as object), cost_nano_usd: cost },
  });
}

/** The usage chunk that the caller asked for and the provider did not send. */
function toUsageChunk(head: AnswerChunk | undefined, bill: Bill): string {
  return JSON.stringify({
    id: head?.json.id,
    object: 'chat.completion.chunk',
    created: head?.json.created,
    model: head?.json.model,
    choices: [],
    usage: {
      ...toOpenAiUsage(bill.usage),
      cost_nano_usd: bill.costNanoUsd,
      estimated: bill.estimated,
    },
  });
}
