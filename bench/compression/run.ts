// `npm run evals:compression`: how many tokens structural compression takes from
// the transcripts in examples/evals/compression, and whether the built-in model
// still answers the same.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  type ChatRequest,
  createExtractiveModel,
} from '@agentportal/extractive-model';
import { compressRequest, type JsonObject } from '@agentportal/model-gateway';
import { tokenCounter } from '../../packages/model-gateway/src/compression/countTokens';

interface Transcript {
  about: string;
  request: JsonObject;
}

const folder = path.join(__dirname, '../../examples/evals/compression');
const count = tokenCounter();
const model = createExtractiveModel();

async function answer(request: JsonObject): Promise<string> {
  const completion = await model.complete(request as unknown as ChatRequest, {
    signal: AbortSignal.timeout(60_000),
  });
  return JSON.stringify(completion.choices[0].message);
}

async function main() {
  const totals = { before: 0, after: 0, same: 0, all: 0 };
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json')) {
      continue;
    }
    const { about, request } = JSON.parse(
      readFileSync(path.join(folder, file), 'utf8'),
    ) as Transcript;
    const text = JSON.stringify(request);
    const result = compressRequest(text, request);
    const before = count(text);
    const after = count(result?.text ?? text);
    const same =
      (await answer(request)) ===
      (await answer(JSON.parse(result?.text ?? text)));
    totals.before += before;
    totals.after += after;
    totals.same += Number(same);
    totals.all += 1;
    console.log(`${file}: ${about}`);
    console.log(
      `  ${before} tokens before, ${after} after (${cut(before, after)}), ` +
        `the answer of builtin/extractive is ${same ? 'the same' : 'ANOTHER'}`,
    );
    for (const step of result?.steps ?? []) {
      console.log(`  ${step.kind}: ${step.removedBytes} bytes less`);
    }
  }
  console.log(
    'Tokens are counted with o200k over the whole request, its tools and JSON frame included.\n' +
      'The transcripts are ours; what your agents save hangs on what their tools return.',
  );
  console.log(
    `compression: ${totals.before} to ${totals.after} tokens (${cut(
      totals.before,
      totals.after,
    )}), same answers ${totals.same}/${totals.all}`,
  );
  process.exitCode = totals.same === totals.all ? 0 : 1;
}

function cut(before: number, after: number): string {
  return `${Math.round((100 * (before - after)) / before)} % less`;
}

void main();
