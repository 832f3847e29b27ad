import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '@backstage/errors';
import {
  type PermissionsService,
  type UserInfoService,
  resolveSafeChildPath,
} from '@backstage/backend-plugin-api';
import type { ScmIntegrations } from '@backstage/integration';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { checkAgentName, checkNameIsFree } from '../checks/agentName';
import { checkMembers } from '../checks/members';
import { checkOwner, fullRef } from '../checks/owner';
import { checkMayCreate } from '../checks/permissions';
import { checkRepositoryHost } from '../checks/repositoryHost';
import { repositoryFiles } from '../files/repositoryFiles';
import type { LocalRepositories } from '../repositories/localRepositories';

/**
 * `agentportal:agent:write`: checks everything that could make a later step
 * fail, then writes the files of the agent's repository into the workspace.
 */
export function createWriteAgentAction(options: {
  catalog: CatalogService;
  permissions: PermissionsService;
  userInfo: UserInfoService;
  integrations: ScmIntegrations;
  repositories: LocalRepositories;
}) {
  const { catalog, permissions, userInfo, integrations, repositories } =
    options;
  return createTemplateAction({
    id: 'agentportal:agent:write',
    description:
      'Checks what was asked for and writes the repository of an agent: catalog-info.yaml, instructions.md, evals, README and a CI sample.',
    supportsDryRun: true,
    examples: [
      {
        description: 'Write an agent that answers questions about orders',
        example: `steps:
  - id: write
    action: agentportal:agent:write
    input:
      name: order-desk
      title: Order desk
      description: Answers questions about orders.
      owner: group:default/orders
      instructions: You answer questions about orders.
      model: model:default/balanced
      autonomy: copilot
`,
      },
    ],
    schema: {
      input: {
        name: z =>
          z.string().describe('Lower-case letters, digits and dashes; unique'),
        title: z => z.string().min(1).max(80).optional(),
        description: z =>
          z.string().min(1).max(500).describe('What the agent is for'),
        owner: z =>
          z.string().describe('The user who asks, or a group of theirs'),
        sponsor: z =>
          z
            .string()
            .optional()
            .describe('Who answers for it; default: who asks'),
        system: z => z.string().optional(),
        instructions: z =>
          z
            .string()
            .min(1)
            .max(50_000)
            .optional()
            .describe('Needed, as the model, unless others do the thinking'),
        model: z =>
          z.string().optional().describe('Entity ref of a model or route'),
        tools: z =>
          z.array(z.string()).max(100).optional().describe('Entity refs'),
        autonomy: z => z.enum(['copilot', 'supervised', 'autopilot']),
        dataClassification: z =>
          z
            .enum(['public', 'internal', 'confidential', 'restricted'])
            .optional(),
        exampleQuestions: z =>
          z.array(z.string().min(1).max(500)).max(20).optional(),
        tags: z => z.array(z.string()).max(20).optional(),
        monthlyBudgetUsd: z => z.number().min(0).max(1_000_000).optional(),
        quotas: z =>
          z
            .object({
              maxTokens: z.number().int().positive().optional(),
              maxCostUsd: z.number().positive().optional(),
              maxDurationSeconds: z.number().int().positive().optional(),
              maxToolCalls: z.number().int().min(0).optional(),
              maxSteps: z.number().int().positive().optional(),
            })
            .optional(),
        team: z =>
          z
            .object({
              pattern: z.enum(['pipeline', 'supervisor', 'vote']),
              members: z.array(z.string()).min(2).max(20),
              choices: z.array(z.string().min(1).max(50)).max(10).optional(),
            })
            .optional()
            .describe(
              'Makes it a workflow of other agents; a vote has choices',
            ),
        schedule: z =>
          z
            .object({
              cron: z.string().max(200),
              timeZone: z.string().max(64).optional(),
              message: z.string().min(1).max(10_000),
            })
            .optional()
            .describe('When it works by itself, and what it is told then'),
        publishTo: z =>
          z
            .enum(['local', 'github', 'gitlab'])
            .optional()
            .describe('Where a later step publishes; checked beforehand'),
        repoUrl: z => z.string().optional(),
      },
      output: {
        name: z => z.string(),
        entityRef: z => z.string(),
        catalogPath: z => z.string().describe('Path of its page in the portal'),
        files: z => z.array(z.string()),
      },
    },
    async handler(ctx) {
      const { input } = ctx;
      const { instructions, model, team } = input;
      if (
        !(instructions && model) &&
        (!team || team.pattern === 'supervisor')
      ) {
        throw new InputError(
          'Give instructions and a model. Only a pipeline or a vote of other agents does without.',
        );
      }
      const credentials = await ctx.getInitiatorCredentials();
      const name = checkAgentName(input.name);
      const publishTo = input.publishTo ?? 'local';

      checkRepositoryHost(publishTo, input.repoUrl, integrations);
      await checkMayCreate({
        permissions,
        credentials,
        registersRepository: publishTo !== 'local',
      });
      const owner = await checkOwner({
        owner: input.owner,
        credentials,
        userInfo,
      });
      const members =
        team && (await checkMembers(team.members, catalog, credentials));
      // Once is enough: when the task is taken up again after a restart, its
      // own agent may be in the catalog already.
      await ctx.checkpoint({
        key: `name-is-free.${name}`,
        fn: async () => {
          await checkNameIsFree(name, catalog, credentials);
          if (publishTo === 'local') {
            repositories.checkIsFree(name);
          }
        },
      });

      const files = repositoryFiles({
        name,
        title: input.title ?? name,
        description: input.description,
        owner,
        sponsor: input.sponsor
          ? fullRef(input.sponsor, 'user', 'sponsor')
          : ctx.user?.ref,
        system: input.system && fullRef(input.system, 'system', 'system'),
        instructions,
        model: model && fullRef(model, 'model', 'model'),
        tools: (input.tools ?? []).map(ref => fullRef(ref, 'tool', 'tool')),
        autonomy: input.autonomy,
        dataClassification: input.dataClassification,
        exampleQuestions: input.exampleQuestions ?? [],
        tags: input.tags ?? [],
        monthlyBudgetUsd: input.monthlyBudgetUsd,
        quotas: input.quotas ?? {},
        ...(team &&
          members && {
            team: { choices: [], ...team, members },
          }),
        schedule: input.schedule,
      });
      for (const [path, content] of files) {
        const target = resolveSafeChildPath(ctx.workspacePath, path);
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, content, 'utf8');
        ctx.logger.info(`Wrote ${path}`);
      }

      ctx.output('name', name);
      ctx.output('entityRef', `agent:default/${name}`);
      ctx.output('catalogPath', `/catalog/default/agent/${name}`);
      ctx.output('files', [...files.keys()]);
    },
  });
}
