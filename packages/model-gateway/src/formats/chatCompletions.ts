import { toErrorBody } from '../errors';
import type { AnswerChunk } from '../providers/ModelProvider';
import type { Bill } from '../stages/Attempt';
import { readRequest } from '../stages/readRequest';
import { toOpenAiUsage } from '../usage/openAiUsage';
import { type Exchange, type InputFormat, toEvent } from './InputFormat';
import { refuseRouting, refuseServerSideChat } from './refuseRouting';

/** OpenAI's chat completions, which is also what the gateway speaks inside. */
export const chatCompletions: InputFormat = {
  operation: 'chat',
  read({ text }) {
    const exchange = openAiExchange(text);
    refuseServerSideChat(exchange.request.body);
    return exchange;
  },
};

/** OpenAI's embeddings. */
export const embeddings: InputFormat = {
  operation: 'embeddings',
  read: ({ text }) => openAiExchange(text),
};

function openAiExchange(text: string): Exchange {
  const request = readRequest(text);
  refuseRouting(request.body);
  let head: AnswerChunk | undefined;
  let usageChunk: AnswerChunk | undefined;
  return {
    request,
    whole: (answer, bill) =>
      (answer.usage && bill.estimated) || bill.hidden
        ? JSON.stringify({
            ...JSON.parse(answer.body),
            ...(answer.usage && bill.estimated && { usage: toUsage(bill) }),
            ...hiddenIn(bill),
          })
        : answer.body,
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
      // An estimate replaces what the provider told and cannot have been.
      const usage =
        usageChunk && !bill.estimated
          ? withCost(usageChunk, bill.costNanoUsd, bill)
          : toUsageChunk(head, bill);
      return toEvent(undefined, usage) + last;
    },
    failure: (error, bill) =>
      (bill && request.includeUsage
        ? toEvent(undefined, toUsageChunk(head, bill))
        : '') + toEvent(undefined, JSON.stringify(toErrorBody(error))),
  };
}

/** Which kinds of things the guard hid; a member that no client of OpenAI's looks at. */
function hiddenIn(bill: Bill | undefined) {
  return bill?.hidden && { guard: { hidden: bill.hidden } };
}

function withCost(chunk: AnswerChunk, cost: number, bill?: Bill): string {
  return JSON.stringify({
    ...chunk.json,
    usage: { ...(chunk.json.usage as object), cost_nano_usd: cost },
    ...hiddenIn(bill),
  });
}

/** The usage chunk that the caller asked for, with what was booked. */
function toUsageChunk(head: AnswerChunk | undefined, bill: Bill): string {
  return JSON.stringify({
    id: head?.json.id,
    object: 'chat.completion.chunk',
    created: head?.json.created,
    model: head?.json.model,
    choices: [],
    usage: toUsage(bill),
    ...hiddenIn(bill),
  });
}

function toUsage(bill: Bill) {
  return {
    ...toOpenAiUsage(bill.usage),
    cost_nano_usd: bill.costNanoUsd,
    estimated: bill.estimated,
  };
}
