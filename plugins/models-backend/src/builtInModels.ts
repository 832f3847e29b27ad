import {
  type ChatRequest,
  createExtractiveModel,
  createHashedEmbeddings,
  type EmbeddingsRequest,
} from '@agentportal/extractive-model';
import { BuiltInProvider, type Price } from '@agentportal/model-gateway';

const FREE: Price = {
  input: { nanoUsdPerMillion: 0 },
  output: { nanoUsdPerMillion: 0 },
  version: 'built-in',
};

/** What the built-in models cost: nothing, and the ledger says so. */
export const builtInPrices: ReadonlyMap<string, Price> = new Map([
  ['builtin/extractive', FREE],
  ['builtin/hashed-ngrams', FREE],
]);

/** The models that come with the portal and need no key. */
export function createBuiltInProvider(): BuiltInProvider {
  const chat = createExtractiveModel();
  const embeddings = createHashedEmbeddings();
  return new BuiltInProvider([
    {
      // The models parse their requests themselves and say what is wrong.
      model: {
        complete: (request, call) =>
          chat.complete(request as unknown as ChatRequest, call),
        stream: (request, call) =>
          chat.stream(request as unknown as ChatRequest, call),
      },
      listed: {
        modelId: 'extractive',
        title: 'Built-in extractive model',
        description:
          'No neural network: picks tools by the words of the request, fills their arguments from the conversation, and answers from what they return.',
        type: 'chat',
        capabilities: ['tools', 'streaming', 'structured-output'],
      },
    },
    {
      model: {
        embed: async request =>
          embeddings.create(request as unknown as EmbeddingsRequest),
      },
      listed: {
        modelId: 'hashed-ngrams',
        title: 'Built-in hashed n-grams',
        description:
          'No neural network: embeds texts by the words and letters that they share, in 384 dimensions.',
        type: 'embedding',
      },
    },
  ]);
}
