// `npm run evals:unlike`: how often a chat model does what people of other trades ask of their tools. Asks
// the built-in model, or any that speaks the OpenAI wire format (--base-url, --model, --api-key).
import path from 'node:path';

const { main, root, run, setup } = await import('./setup/index.mjs');

await main(async () => {
  const tools = await setup();
  const { code } = await run(
    tools.node,
    [
      '--require',
      '@backstage/cli/config/nodeTransform.cjs',
      'src/unlike/run.ts',
      ...process.argv.slice(2),
    ],
    { cwd: path.join(root, 'examples/evals'), env: tools.env },
  );
  return code;
});
