/**
 * What models are made for, and what the gateway calls the work.
 *
 * @public
 */
export const OPERATION_OF = {
  chat: 'chat',
  embedding: 'embeddings',
  moderation: 'moderation',
  rerank: 'rerank',
  image: 'image',
  speech: 'speech',
  transcription: 'transcription',
} as const;

/**
 * What a model is made for.
 *
 * @public
 */
export type ModelType = keyof typeof OPERATION_OF;

/** What a caller wants a model for. */
export type Operation = (typeof OPERATION_OF)[ModelType];

/**
 * All types of models.
 *
 * @public
 */
export const MODEL_TYPES = Object.keys(OPERATION_OF) as ModelType[];

/** The type of the models that an operation is for. */
export function typeFor(operation: Operation): ModelType {
  return MODEL_TYPES.find(type => OPERATION_OF[type] === operation)!;
}

/** Providers list names and seldom say what for. */
const BY_NAME: ReadonlyArray<[RegExp, ModelType]> = [
  [/embed/i, 'embedding'],
  [/moderation/i, 'moderation'],
  [/rerank/i, 'rerank'],
  [/whisper|transcribe/i, 'transcription'],
  [/(^|[-/])tts($|[-/])/i, 'speech'],
  [
    /(^|\/)(dall-e|(chat)?gpt-image|imagen|stable-diffusion|sdxl|flux)/i,
    'image',
  ],
];

/** What a model is made for by its name, unless its provider says it. */
export function modelTypeOf(modelId: string, told?: string): ModelType {
  return (
    MODEL_TYPES.find(type => type === told) ??
    BY_NAME.find(([name]) => name.test(modelId))?.[1] ??
    'chat'
  );
}
