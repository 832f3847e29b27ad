import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';

/** What the direct driver needs to know of an agent. */
export interface ExampleAgent {
  instructions: string;
  /** `<server>.<tool>`; of a workflow also those of the agents that it asks. */
  tools: string[];
  /** Entity refs of the agents that it may hand work to. */
  handoffs: string[];
  title: string;
  about: string;
  /** Its steps are written down, so only a portal can run it. */
  isWorkflow: boolean;
}

function yamlFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return yamlFiles(path);
    return /\.ya?ml$/.test(entry.name) ? [path] : [];
  });
}

function instructionsOf(value: unknown, file: string): string {
  if (typeof value === 'string') return value;
  const path = (value as { $text?: string } | undefined)?.$text;
  const target = path && join(dirname(file), path);
  return target && existsSync(target) ? readFileSync(target, 'utf8') : '';
}

/** Reads the agents of a catalog folder, by entity ref. */
export function readAgents(folder: string): Map<string, ExampleAgent> {
  const agents = new Map<string, ExampleAgent>();
  for (const file of yamlFiles(folder)) {
    for (const document of parseAllDocuments(readFileSync(file, 'utf8'))) {
      const entity = document.toJS();
      if (entity?.kind !== 'Agent') continue;
      agents.set(
        `agent:${entity.metadata.namespace ?? 'default'}/${
          entity.metadata.name
        }`,
        {
          instructions: instructionsOf(entity.spec.instructions, file),
          handoffs: entity.spec.handoffs ?? [],
          title: entity.metadata.title ?? entity.metadata.name,
          about: [
            entity.spec.handoffDescription ?? entity.metadata.description ?? '',
            `Its tools: ${(entity.spec.tools ?? [])
              .map((ref: string) => ref.split('/').at(-1))
              .join(', ')}.`,
            `It is asked, for example: ${(
              entity.spec.exampleQuestions ?? []
            ).join(' ')}`,
          ].join('\n'),
          isWorkflow: entity.spec.workflow !== undefined,
          tools: (entity.spec.tools ?? []).map((ref: string) =>
            ref.replace(/^tool:(?:[^/]+\/)?/, ''),
          ),
        },
      );
    }
  }
  for (const agent of agents.values()) {
    if (agent.isWorkflow) {
      agent.tools.push(
        ...agent.handoffs.flatMap(ref => agents.get(ref)?.tools ?? []),
      );
    }
  }
  return agents;
}
