export {
  WORKFLOW_LIMITS,
  WORKFLOW_NODE_TYPES,
  WORKFLOW_PATTERNS,
  type Workflow,
  type WorkflowCondition,
  type WorkflowNode,
  type WorkflowNodeOf,
  type WorkflowNodeType,
  type WorkflowOf,
  type WorkflowPattern,
  workflowSchema,
} from './schema';
export { expandWorkflow, type WorkflowGraph } from './expand';
export {
  evaluate,
  evaluateText,
  holds,
  requireRoom,
  rootsIn,
  toText,
  ValueError,
  type WorkflowScope,
} from './expression';
export {
  allNodes,
  asksModel,
  edgesOf,
  handlesOf,
  incomingOf,
  inOrder,
  isTaken,
  namedIn,
  type Outcome,
  outcomesOf,
  type WorkflowEdge,
} from './graph';
export {
  describeGraph,
  isOfWorkflow,
  placeOf,
  type WorkflowGraphState,
} from './graphState';
export {
  validateWorkflow,
  type WorkflowProblem,
  type WorkflowSurroundings,
} from './validate';
