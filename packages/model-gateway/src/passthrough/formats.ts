import { z } from 'zod/v4';
import { objectOf } from '../compression/TextSlot';
import { invalidRequest } from '../errors';
import type { JsonObject } from '../providers/ModelProvider';
import { audioSeconds } from './audioLength';
import type { Form } from './multipart';
import { passThrough, type Sizes } from './passThrough';
import { readPassedTokens, toldSeconds } from './readPassedUsage';

const BYTES_PER_TOKEN = 4;
/** A question with so many documents is one unit. Source: Cohere, "Rerank pricing". */
const DOCUMENTS_PER_UNIT = 100;
/** A large picture of the best quality has 6,240; a picture that is read fewer. */
const MOST_TOKENS_PER_IMAGE = 16_384;
const USUAL_TOKENS_PER_IMAGE = 1_290;
/** Sound has 10 to 25 tokens a second, and nobody says more words in it. */
const MOST_TOKENS_PER_SECOND = 25;
const USUAL_TOKENS_PER_SECOND = 10;
/** Speech has about 15 characters a second, and slow speech three. */
const MOST_TOKENS_PER_CHARACTER = 8;
const USUAL_TOKENS_PER_CHARACTER = 1.5;

const text = z.string().min(1).max(1_000_000);
/** No request may have more. */
const MOST_IMAGES = 10;
const count = z.coerce.number().int().min(1).max(MOST_IMAGES).nullish();
/** What lies elsewhere has no size here. */
const notSupported = z
  .undefined('is not supported; send the recording as the file `file`.')
  .optional();

/** OpenAI's endpoint, and Mistral's. */
export const moderations = passThrough({
  operation: 'moderation',
  path: '/moderations',
  schema: z.looseObject({
    input: z.union([text, z.array(z.unknown()).min(1).max(10_000)]),
  }),
  sizes: (_asked, _form, bytes) => ({
    most: { inputUncached: bytes },
    likely: { inputUncached: Math.ceil(bytes / BYTES_PER_TOKEN) },
  }),
  readUsage: ({ usage }) => ({ tokens: readPassedTokens(usage, 'outputText') }),
  written: ['input'],
});

/** As Cohere, Jina, Voyage and vLLM have it. */
export const rerank = passThrough({
  operation: 'rerank',
  path: '/rerank',
  schema: z.looseObject({
    query: text,
    documents: z.array(z.unknown()).min(1).max(10_000),
  }),
  unit: 'searchUnits',
  sizes: ({ documents, query }, _form, bytes) => {
    const units = Math.ceil(
      (documents as unknown[]).length / DOCUMENTS_PER_UNIT,
    );
    return {
      // Some count the question anew for each document, and long documents as several.
      most: {
        inputUncached:
          bytes +
          Buffer.byteLength(String(query)) * (documents as unknown[]).length,
        searchUnits: units + Math.ceil(bytes / 500),
      },
      likely: {
        inputUncached: Math.ceil(bytes / BYTES_PER_TOKEN),
        searchUnits: units,
      },
    };
  },
  readUsage: ({ meta, usage }) => {
    const told = objectOf(objectOf(meta)?.billed_units)?.search_units;
    return {
      tokens: readPassedTokens(usage, 'outputText'),
      units: told === undefined ? undefined : wholeNumber(told),
    };
  },
  written: ['query'],
});

const images = {
  operation: 'image',
  unit: 'images',
  // Some providers know `n` by other names as well.
  believable: MOST_IMAGES,
  readUsage: ({ data, usage }: JsonObject) => ({
    tokens: readPassedTokens(usage, 'outputImage'),
    units: Array.isArray(data) ? data.length : undefined,
  }),
  written: ['prompt'],
} as const;

/** OpenAI's endpoint. */
export const imageGenerations = passThrough({
  ...images,
  path: '/images/generations',
  schema: z.looseObject({ prompt: text, n: count }),
  sizes: ({ n }, _form, bytes) => imageSizes(n, bytes, 0),
});

/** OpenAI's endpoint. */
export const imageEdits = passThrough({
  ...images,
  path: '/images/edits',
  body: 'form',
  schema: z.looseObject({ prompt: text, n: count }),
  sizes: ({ n, prompt }, form, _bytes) =>
    imageSizes(
      n,
      Buffer.byteLength(String(prompt)),
      form?.parts.filter(part => part.isFile).length ?? 0,
    ),
});

/** OpenAI's endpoint; the answer is sound, as it is made. */
export const speech = passThrough({
  operation: 'speech',
  path: '/audio/speech',
  schema: z.looseObject({
    input: text.max(100_000),
    stream_format: z
      .literal('audio', 'must be `audio`; the sound comes as it is made.')
      .nullish(),
  }),
  unit: 'characters',
  isCounted: true,
  answers: /^(audio\/[\w.+-]+|application\/octet-stream)$/,
  sizes: ({ input, instructions }, _form, _bytes) => {
    const characters = [...String(input)].length;
    const read = Buffer.byteLength(`${input}${instructions ?? ''}`);
    return {
      most: {
        characters,
        inputUncached: read,
        outputAudio: characters * MOST_TOKENS_PER_CHARACTER,
      },
      likely: {
        characters,
        inputUncached: Math.ceil(read / BYTES_PER_TOKEN),
        outputAudio: Math.ceil(characters * USUAL_TOKENS_PER_CHARACTER),
      },
    };
  },
  readUsage: () => ({}),
  written: ['instructions', 'input'],
});

const recordings = {
  operation: 'transcription',
  body: 'form',
  schema: z.looseObject({
    url: notSupported,
    file_url: notSupported,
    file_id: notSupported,
  }),
  unit: 'audioSeconds',
  answers: /^text\/(plain|vtt)$/,
  readUsage: (answer: JsonObject) => ({
    tokens: readPassedTokens(answer.usage, 'outputText'),
    units: toldSeconds(answer),
  }),
  sizes: (_asked: JsonObject, form: Form | undefined) => {
    const files =
      form?.parts.filter(part => part.isFile && part.name === 'file') ?? [];
    if (!form || files.length !== 1) {
      throw invalidRequest('Send one recording, as the file `file`.');
    }
    const [file] = files;
    const { likely, most } = audioSeconds(
      form.body.subarray(file.start, file.end),
      file.fileName,
    );
    return {
      most: {
        audioSeconds: most,
        inputAudio: most * MOST_TOKENS_PER_SECOND,
        outputText: most * MOST_TOKENS_PER_SECOND,
      },
      likely: {
        audioSeconds: likely,
        inputAudio: likely * USUAL_TOKENS_PER_SECOND,
        outputText: likely * USUAL_TOKENS_PER_SECOND,
      },
    };
  },
  written: ['prompt'],
} as const;

/** OpenAI's endpoint. */
export const transcriptions = passThrough({
  ...recordings,
  path: '/audio/transcriptions',
});

/** OpenAI's endpoint: what was said, in English. */
export const translations = passThrough({
  ...recordings,
  path: '/audio/translations',
});

function imageSizes(n: unknown, promptBytes: number, files: number): Sizes {
  const made = Number(n ?? 1);
  const read = (each: number) =>
    files > 0 ? { inputImage: files * each } : {};
  return {
    most: {
      images: made,
      inputUncached: promptBytes,
      ...read(MOST_TOKENS_PER_IMAGE),
      outputImage: made * MOST_TOKENS_PER_IMAGE,
    },
    likely: {
      images: made,
      inputUncached: Math.ceil(promptBytes / BYTES_PER_TOKEN),
      ...read(USUAL_TOKENS_PER_IMAGE),
      outputImage: made * USUAL_TOKENS_PER_IMAGE,
    },
  };
}

/** What no count can be is more than any. */
function wholeNumber(value: unknown): number {
  return Number.isSafeInteger(value) && Number(value) >= 0
    ? Number(value)
    : Number.MAX_SAFE_INTEGER;
}
