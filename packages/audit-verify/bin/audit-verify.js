#!/usr/bin/env node
const { existsSync } = require('node:fs');
const path = require('node:path');

// In the repository there is source only, in a package only what was built of it.
if (existsSync(path.resolve(__dirname, '../../audit-log/src/index.ts'))) {
  require('@backstage/cli/config/nodeTransform.cjs');
}
const { runAuditVerify } = require('@agentportal/audit-log');

runAuditVerify(process.argv.slice(2)).then(code => {
  process.exitCode = code;
});
