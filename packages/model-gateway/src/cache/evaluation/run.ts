/* eslint-disable no-console -- it prints a report */
import { parseArgs } from 'node:util';
import { OpenAiProvider } from '../../providers/OpenAiProvider';
import { lexicalEmbedding, lexicalEmbeddings } from '../lexicalEmbedding';
import { toUnitLength } from '../similarity';
import { type Embed, evaluate, type Outcome, strangersMet } from './evaluate';
import { type QuestionPair, readPairs } from './pairs';

const DEFAULT_MODEL = 'text-embedding-3-small';

/**
 * Prints how often a paraphrase hits and how often a near miss does. Words alone
 * are measured always; an embedding model where a key for one is there.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'base-url': { type: 'string', default: 'https://api.openai.com/v1' },
      model: { type: 'string', default: DEFAULT_MODEL },
      threshold: { type: 'string', default: '0.95' },
      pairs: { type: 'string' },
    },
  });
  if (!values.pairs) {
    throw new Error('Say by --pairs in which folder the question pairs are.');
  }
  const pairs = readPairs(values.pairs);
  const apiKey = process.env.OPENAI_API_KEY;
  if (apiKey) {
    const provider = new OpenAiProvider({
      id: 'openai',
      baseUrl: values['base-url'],
      apiKey,
      timeouts: { connectMs: 10_000, firstByteMs: 30_000, idleMs: 30_000 },
    });
    await report(pairs, {
      kind: `openai/${values.model}`,
      threshold: Number(values.threshold),
      embed: embedBy(provider, values.model),
    });
    await provider.close();
  } else {
    console.log(
      'No OPENAI_API_KEY is set, so no embedding model is measured; what follows compares words.\n',
    );
  }
  await report(pairs, {
    ...lexicalEmbeddings,
    embed: async question => lexicalEmbedding(question),
  });
}

async function report(
  pairs: QuestionPair[],
  by: { kind: string; threshold: number; embed: Embed },
): Promise<void> {
  const sets: Array<[string, QuestionPair[]]> = [
    ['tuned on', pairs.filter(pair => !pair.heldOut)],
    ['held out by hash', pairs.filter(p => p.heldOut && p.file !== 'fresh')],
    ['written afterwards', pairs.filter(pair => pair.file === 'fresh')],
    ...[...new Set(pairs.map(({ file }) => file))].map(
      file =>
        [`  ${file}`, pairs.filter(p => p.file === file)] as [
          string,
          QuestionPair[],
        ],
    ),
  ];
  console.log(`${by.kind}, threshold ${by.threshold}`);
  console.log(
    'pairs                 paraphrases   hits   near misses   wrong   wrong without guards, as many hits',
  );
  for (const [name, set] of sets) {
    console.log(row(name, await evaluate(set, by)));
  }
  const heldOut = await evaluate(
    pairs.filter(pair => pair.heldOut),
    by,
  );
  const all = await evaluate(pairs, by);
  const kinds = [...all.wrongByKind].map(
    ([kind, { wrong, of }]) => `${kind} ${wrong}/${of}`,
  );
  console.log(`wrong by what differs: ${kinds.join(', ')}`);
  for (const { one, other } of all.passed) {
    console.log(`passed: ${one} | ${other}`);
  }
  const strangers = strangersMet(pairs, by);
  console.log(
    `every question against every other: ${strangers.met} of ${strangers.of} meet without being twins`,
  );
  console.log(
    `cache: hits ${share(heldOut.hits, heldOut.paraphrases)} wrong ${share(
      heldOut.wrong,
      heldOut.nearMisses,
    )} (guards off ${share(
      heldOut.wrongWithoutGuards,
      heldOut.nearMisses,
    )}), held out ${heldOut.paraphrases + heldOut.nearMisses}, ${by.kind}\n`,
  );
}

function row(name: string, outcome: Outcome): string {
  const { hits, nearMisses, paraphrases, wrong, wrongWithoutGuards } = outcome;
  return [
    name.padEnd(20),
    String(paraphrases).padStart(12),
    share(hits, paraphrases).padStart(7),
    String(nearMisses).padStart(12),
    share(wrong, nearMisses).padStart(9),
    share(wrongWithoutGuards, nearMisses).padStart(10),
  ].join('  ');
}

function share(part: number, of: number): string {
  return of === 0 ? '-' : (part / of).toFixed(3);
}

function embedBy(provider: OpenAiProvider, modelId: string): Embed {
  const known = new Map<string, Promise<Float32Array | undefined>>();
  return question => {
    const body = { model: modelId, input: question, encoding_format: 'float' };
    const found =
      known.get(question) ??
      provider
        .embed({
          modelId,
          body,
          text: JSON.stringify(body),
          signal: AbortSignal.timeout(60_000),
        })
        .then(answer =>
          toUnitLength(
            Float32Array.from(JSON.parse(answer.body).data[0].embedding),
          ),
        );
    known.set(question, found);
    return found;
  };
}

main().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
