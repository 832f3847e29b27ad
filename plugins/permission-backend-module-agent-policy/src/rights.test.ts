import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { agentsPermissions } from '@agentportal/plugin-agents-common';
import { evalsPermissions } from '@agentportal/plugin-evals-common';
import { governancePermissions } from '@agentportal/plugin-governance-common';
import { modelsPermissions } from '@agentportal/plugin-models-common';
import { orchestrationPermissions } from '@agentportal/plugin-orchestration-common';
import { toolsPermissions } from '@agentportal/plugin-tools-common';
import { tracesPermissions } from '@agentportal/plugin-traces-common';
import { catalogPermissions } from '@backstage/plugin-catalog-common/alpha';
import { scaffolderPermissions } from '@backstage/plugin-scaffolder-common/alpha';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import type { Caller, Standing } from './callers';
import { RIGHTS } from './rights';

const STANDINGS: Standing[] = ['guest', 'member', 'admin', 'agent'];

function answerFor(permission: string, standing: Standing): string {
  const caller: Caller = { ref: 'user:default/x', standing, ownershipRefs: [] };
  const decision = RIGHTS.get(permission)?.[standing]?.(caller);
  return decision?.result ?? AuthorizeResult.DENY;
}

function rowsOfReadme(): Map<string, string[]> {
  const text = readFileSync(resolve(__dirname, '../README.md'), 'utf8');
  const rows = text
    .split('\n')
    .filter(line => /^\| `[a-z.-]+` /.test(line))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    );
  return new Map(rows.map(([name, ...cells]) => [name.slice(1, -1), cells]));
}

describe('the table of rights', () => {
  it('knows every permission of Agent Portal, the catalog and the scaffolder', () => {
    const names = [
      ...agentsPermissions,
      ...evalsPermissions,
      ...governancePermissions,
      ...modelsPermissions,
      ...orchestrationPermissions,
      ...toolsPermissions,
      ...tracesPermissions,
      ...catalogPermissions,
      ...scaffolderPermissions,
    ].map(permission => permission.name);
    expect(names.filter(name => !RIGHTS.has(name))).toEqual([]);
  });

  it('is the table that the README shows', () => {
    const rows = rowsOfReadme();
    expect([...rows.keys()].sort()).toEqual([...RIGHTS.keys()].sort());
    for (const [permission, cells] of rows) {
      const expected = cells.map(cell => {
        if (cell === 'yes') return AuthorizeResult.ALLOW;
        return cell === 'no'
          ? AuthorizeResult.DENY
          : AuthorizeResult.CONDITIONAL;
      });
      const actual = STANDINGS.map(standing => answerFor(permission, standing));
      expect([permission, ...actual]).toEqual([permission, ...expected]);
    }
  });
});
