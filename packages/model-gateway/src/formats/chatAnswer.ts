import { z } from 'zod/v4';
import { GatewayError } from '../errors';

const toolCallSchema = z.looseObject({
  index: z.number().int().min(0).nullish(),
  id: z.string().nullish(),
  function: z
    .looseObject({
      name: z.string().nullish(),
      arguments: z.string().nullish(),
    })
    .nullish(),
});

/** What a model says, whole (`message`) or in a piece (`delta`). */
const saidSchema = z.looseObject({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  reasoning_content: z.string().nullish(),
  tool_calls: z.array(toolCallSchema).nullish(),
});

const answerSchema = z.looseObject({
  model: z.string().nullish(),
  choices: z
    .array(
      z.looseObject({
        message: saidSchema.nullish(),
        delta: saidSchema.nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
});

/** The first choice of an answer in OpenAI's chat form. */
export interface ChatAnswer {
  model?: string;
  said: z.infer<typeof saidSchema>;
  finishReason?: string;
}

/** Reads a completion or a chunk. A provider may send what it likes. */
export function readChatAnswer(json: unknown): ChatAnswer {
  const parsed = answerSchema.safeParse(json);
  if (!parsed.success) {
    throw new GatewayError(
      502,
      'provider_bad_answer',
      `The provider's answer is not a chat completion: ${z.prettifyError(
        parsed.error,
      )}`,
    );
  }
  const { model, choices } = parsed.data;
  const choice = choices?.[0];
  return {
    model: model ?? undefined,
    said: choice?.message ?? choice?.delta ?? {},
    finishReason: choice?.finish_reason ?? undefined,
  };
}

/** The same for the body of a whole answer. */
export function readChatCompletion(body: string): ChatAnswer {
  return readChatAnswer(JSON.parse(body));
}
