import type { ServerResponse } from 'node:http';
import type { Received } from './FakeProvider';

/** Models of the fake that are neither for chat nor for embeddings. */
export const PASSED_MODELS = [
  'omni-moderation-latest',
  'rerank-v3.5',
  'dall-e-3',
  'dall-e-many',
  'dall-e-broken',
  'gpt-image-1',
  'tts-1',
  'tts-cut',
  'tts-page',
  'whisper-1',
];

/** What the fake says in speech, in two pieces. */
export const SOUND = [Buffer.from([0xff, 0xfb, 0x90, 0]), Buffer.from('sound')];

/** Answers what the gateway passes on; nothing for other paths. */
export function answerPassed(
  { json, path, text }: Received,
  response: ServerResponse,
): boolean {
  const send = (body: object, status = 200) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  const field = (name: string) =>
    new RegExp(`name="${name}"\r\n\r\n([^\r]*)\r\n`).exec(text)?.[1];
  switch (path) {
    case '/v1/moderations':
      send({
        id: 'modr-1',
        model: json.model,
        results: [{ flagged: true, categories: { violence: true } }],
      });
      return true;
    case '/v1/rerank':
      send({
        id: 'rerank-1',
        results: [{ index: 1, relevance_score: 0.9 }],
        meta: { billed_units: { search_units: 1 } },
      });
      return true;
    case '/v1/images/generations':
    case '/v1/images/edits':
      if (json.model === 'dall-e-broken') {
        send({ error: { message: 'Boom' } }, 500);
        return true;
      }
      send({
        created: 1,
        data: Array.from(
          {
            length:
              json.model === 'dall-e-many'
                ? 99
                : json.n ?? json.batch_size ?? 1,
          },
          () => ({ b64_json: 'cGljdHVyZQ==' }),
        ),
        ...((json.model ?? field('model')) === 'gpt-image-1' && {
          usage: {
            input_tokens: 50,
            input_tokens_details: { text_tokens: 10, image_tokens: 40 },
            output_tokens: 4_160,
            total_tokens: 4_210,
          },
        }),
      });
      return true;
    case '/v1/audio/speech':
      response.writeHead(200, {
        'content-type': json.model === 'tts-page' ? 'text/html' : 'audio/mpeg',
      });
      response.write(SOUND[0]);
      setTimeout(() => {
        if (json.model === 'tts-cut') {
          response.destroy();
        } else {
          response.end(SOUND[1]);
        }
      }, 20);
      return true;
    case '/v1/audio/transcriptions':
      if (field('response_format') === 'text') {
        response.writeHead(200, { 'content-type': 'text/plain' });
        response.end('Hello there');
      } else {
        send({
          text: 'Hello there',
          usage: { type: 'duration', seconds: 8.2 },
        });
      }
      return true;
    default:
      return false;
  }
}
