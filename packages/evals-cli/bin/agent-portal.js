#!/usr/bin/env node
const { existsSync } = require('node:fs');
const path = require('node:path');

// In the repository there is source only, in the package only what was built of it.
const source = path.resolve(__dirname, '../src/index.ts');
if (existsSync(source)) {
  require('@backstage/cli/config/nodeTransform.cjs');
}
const { runAgentPortal } = existsSync(source)
  ? require(source)
  : require('../dist/index.cjs.js');

runAgentPortal(process.argv.slice(2)).then(code => {
  process.exitCode = code;
});
