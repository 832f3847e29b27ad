import type { WorkflowNode } from './schema';

/** The templates of a node that are filled in before it runs, by field. */
export function templatesIn(node: WorkflowNode): Array<[string, unknown]> {
  switch (node.type) {
    case 'agent':
    case 'supervisor':
    case 'swarm':
      return [['task', node.task]];
    case 'tool':
      return [['input', node.input]];
    case 'model':
      return [
        ['prompt', node.prompt],
        ['system', node.system],
      ];
    case 'condition':
      return node.cases.map(({ when }, i) => [`cases[${i}].when`, when]);
    case 'loop':
      return Object.entries(node.carry ?? {}).map(([name, { first }]) => [
        `carry.${name}.first`,
        first,
      ]);
    case 'parallel':
      return [['over', node.over]];
    case 'human':
      return [['question', node.question]];
    case 'transform':
      return [['set', node.set]];
    case 'sub-workflow':
      return [['message', node.message]];
    case 'decide':
      return node.votes.map(({ says }, i) => [`votes[${i}].says`, says]);
    case 'plan':
      return [['goal', node.goal]];
    default:
      return [];
  }
}
