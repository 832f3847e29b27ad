import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import type {
  Author,
  LocalRepositories,
} from '../repositories/localRepositories';

/**
 * `agentportal:publish:local`: makes a Git repository of the workspace in the
 * portal's own folder, for when there is no GitHub or GitLab to publish to.
 */
export function createPublishLocalAction(options: {
  repositories: LocalRepositories;
}) {
  const { repositories } = options;
  return createTemplateAction({
    id: 'agentportal:publish:local',
    description:
      'Makes a Git repository with one commit of the workspace, in the folder agents.localRepositories.path of the portal. Never overwrites.',
    supportsDryRun: true,
    examples: [
      {
        description: 'Publish the workspace as the local repository order-desk',
        example: `steps:
  - id: publish
    action: agentportal:publish:local
    input:
      name: order-desk
`,
      },
    ],
    schema: {
      input: {
        name: z => z.string().describe('Name of the repository'),
        commitMessage: z => z.string().min(1).max(500).optional(),
      },
      output: {
        repositoryPath: z => z.string().describe('Absolute path'),
        commitHash: z => z.string(),
      },
    },
    async handler(ctx) {
      const { name, commitMessage } = ctx.input;
      const path = repositories.pathOf(name);
      if (ctx.isDryRun) {
        repositories.checkIsFree(name);
        ctx.logger.info(`Would make a Git repository in ${path}`);
        ctx.output('repositoryPath', path);
        ctx.output('commitHash', '0'.repeat(40));
        return;
      }
      const repository = await ctx.checkpoint({
        key: `publish-local.${name}`,
        fn: async () => ({
          ...(await repositories.create({
            name,
            files: ctx.workspacePath,
            author: authorOf(ctx.user),
            origin: `scaffolder task ${ctx.task.id}`,
            message: commitMessage ?? `Create the agent ${name}`,
          })),
        }),
      });
      ctx.logger.info(`Made a Git repository in ${repository.path}`);
      ctx.output('repositoryPath', repository.path);
      ctx.output('commitHash', repository.commit);
    },
  });
}

function authorOf(
  user:
    | {
        ref?: string;
        entity?: {
          spec: { profile?: { displayName?: string; email?: string } };
        };
      }
    | undefined,
): Author {
  const profile = user?.entity?.spec.profile;
  return {
    name: profile?.displayName ?? user?.ref ?? 'Agent Portal',
    email: profile?.email ?? 'agent-portal@localhost',
  };
}
