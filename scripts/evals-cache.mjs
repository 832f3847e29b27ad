// `npm run evals:cache`: how often answers from memory fit, and how often they do not, on the question
// pairs of examples/evals/cache. Compares words; with OPENAI_API_KEY also by an embedding model
// (--model, --base-url, --threshold).
import path from 'node:path';

const { main, root, run, setup } = await import('./setup/index.mjs');

await main(async () => {
  const tools = await setup();
  const { code } = await run(
    tools.node,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      'src/cache/evaluation/run.ts',
      '--pairs',
      path.join(root, 'examples/evals/cache'),
      ...process.argv.slice(2),
    ],
    { cwd: path.join(root, 'packages/model-gateway'), env: tools.env },
  );
  return code;
});
