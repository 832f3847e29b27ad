import { fullRefOf, nearestName } from '@agentportal/plugin-agents-common';
import { describeIssue, labelOf } from './describeIssue';
import { expandWorkflow, type WorkflowGraph } from './expand';
import { type Expression, expressionsIn, TemplateError } from './expression';
import {
  allNodes,
  ancestorsOf,
  edgesOf,
  handlesOf,
  inOrder,
  namedIn,
  type WorkflowEdge,
} from './graph';
import {
  type Workflow,
  WORKFLOW_LIMITS,
  type WorkflowNode,
  workflowSchema,
} from './schema';
import { templatesIn } from './templates';
import { type Way, waysThrough } from './ways';

/**
 * Something wrong with a workflow, with its place.
 *
 * @public
 */
export interface WorkflowProblem {
  /** Place in the workflow, such as `nodes[2].task`; empty for the whole. */
  path: string;
  /** Id of the node, where it is in one. */
  nodeId?: string;
  /** A sentence that names node and field. */
  message: string;
}

/**
 * What the agent of a workflow declares: refs in full form.
 *
 * @public
 */
export interface WorkflowSurroundings {
  /** Nothing is said about tools or agents where these are left out. */
  tools?: readonly string[];
  handoffs?: readonly string[];
  /** Namespace of refs that name none. */
  namespace?: string;
}

/** Deeper data nobody writes by hand. */
const MAX_DEPTH = 40;

class Check {
  readonly problems: WorkflowProblem[] = [];
  readonly #all: WorkflowNode[];
  readonly #written: boolean;
  readonly #surroundings: WorkflowSurroundings | undefined;

  /** @param written - whether it is a person who wrote the nodes, and not a pattern */
  constructor(
    graph: WorkflowGraph,
    written: boolean,
    surroundings?: WorkflowSurroundings,
  ) {
    this.#all = allNodes(graph.nodes);
    this.#written = written;
    this.#surroundings = surroundings;
    if (this.#all.length > WORKFLOW_LIMITS.nodes) {
      this.problems.push({
        path: 'nodes',
        message: `nodes are ${this.#all.length} with those inside, but may be ${
          WORKFLOW_LIMITS.nodes
        } at most`,
      });
      return;
    }
    const level = this.#level(graph.nodes, 'nodes', { input: ['message'] }, 0);
    if (graph.output && level) {
      level.atEnd('output', graph.output, {});
    }
  }

  #say(path: string, node: WorkflowNode | undefined, message: string): void {
    const label = this.#written
      ? labelOf(path, node?.id)
      : `${path.replace(/^(?:nodes\[\d+\]\.?)+/, '') || 'the node'} (of ${
          node?.id ?? 'the pattern'
        })`;
    this.problems.push({
      path: this.#written ? path : '',
      ...(node && { nodeId: node.id }),
      message: `${label} ${message}`,
    });
  }

  /**
   * Checks nodes that stand beside each other.
   *
   * @param outer - names that can be referred to besides, with the fields of those that
   *   have some that are known
   */
  #level(
    nodes: WorkflowNode[],
    path: string,
    outer: Record<string, string[] | undefined>,
    depth: number,
  ) {
    const pathOf = new Map(nodes.map((node, i) => [node, `${path}[${i}]`]));
    const at = (node: WorkflowNode, field = '') =>
      `${pathOf.get(node)}${field && `.${field}`}`;
    if (depth > WORKFLOW_LIMITS.nesting) {
      this.#say(
        path,
        undefined,
        `are nested ${depth} deep, but may be ${WORKFLOW_LIMITS.nesting} at most`,
      );
      return undefined;
    }
    let sound = true;
    for (const node of nodes) {
      if (this.#all.find(({ id }) => id === node.id) !== node) {
        sound = false;
        this.#say(
          at(node, 'id'),
          node,
          'is the id of another node too, and both would write what they found under it',
        );
      }
    }
    const edges = edgesOf(nodes);
    sound = this.#edges(nodes, edges, at) && sound;
    if (!sound) {
      return undefined;
    }
    const { order, circular } = inOrder(nodes, edges);
    if (circular.length) {
      this.#circle(circular, edges, at);
      return undefined;
    }
    const ways = waysThrough(order, edges);
    const ancestors = ancestorsOf(order, edges);

    /** @param node - the one that refers, or none for what comes after all of them */
    const refers = (
      node: WorkflowNode | undefined,
      field: string,
      template: unknown,
      more: Record<string, string[] | undefined>,
    ) => {
      const known = { ...outer, ...more };
      let expressions: ReturnType<typeof expressionsIn>;
      try {
        expressions = expressionsIn(template, field);
      } catch (error) {
        if (error instanceof TemplateError) {
          this.#say(node ? at(node, field) : field, node, error.message);
          return;
        }
        throw error;
      }
      for (const each of expressions) {
        const problem = this.#reference(each.expression, {
          nodes,
          known,
          before: node
            ? ancestors.get(node.id)!
            : new Set(nodes.map(({ id }) => id)),
          ways: ways.filter(
            way => !node || way.outcomes.get(node.id)!.status !== 'skipped',
          ),
        });
        if (problem) {
          this.#say(node ? at(node, each.field) : each.field, node, problem);
        }
      }
    };

    for (const node of order) {
      this.#named(node, at);
      templatesIn(node).forEach(([field, template]) =>
        refers(node, field, template, {}),
      );
      if ('nodes' in node) {
        const inside = Object.fromEntries([
          ...Object.entries(outer),
          ...[...ancestors.get(node.id)!].map(id => [id, undefined]),
        ]);
        this.#body(node, at(node), inside, depth + 1);
      }
    }
    return {
      atEnd: (
        field: string,
        template: unknown,
        more: Record<string, string[] | undefined>,
      ) => refers(undefined, field, template, more),
    };
  }

  #body(
    node: WorkflowNode & { nodes: WorkflowNode[] },
    path: string,
    outer: Record<string, string[] | undefined>,
    depth: number,
  ): void {
    const own =
      node.type === 'loop'
        ? { loop: ['round', ...Object.keys(node.carry ?? {})] }
        : { item: undefined, index: [] };
    const inside = this.#level(
      node.nodes,
      `${path}.nodes`,
      { ...outer, ...own },
      depth,
    );
    const ends =
      node.type === 'loop'
        ? {
            until: node.until,
            ...Object.fromEntries(
              Object.entries(node.carry ?? {}).map(([name, { next }]) => [
                `carry.${name}.next`,
                next,
              ]),
            ),
          }
        : { result: (node as { result?: unknown }).result };
    Object.entries(ends).forEach(([field, template]) =>
      inside?.atEnd(`${path}.${field}`, template, own),
    );
  }

  /** @returns whether edges lead from where there is something */
  #edges(
    nodes: WorkflowNode[],
    edges: WorkflowEdge[],
    at: (node: WorkflowNode, field?: string) => string,
  ): boolean {
    const byId = new Map(nodes.map(node => [node.id, node]));
    const before = this.problems.length;
    for (const { from, to, handle } of edges) {
      const node = byId.get(to)!;
      const source = byId.get(from);
      const problem = (message: string) =>
        this.#say(at(node, 'after'), node, message);
      if (!source) {
        const near = nearestName(from, [...byId.keys()]);
        problem(
          this.#all.some(({ id }) => id === from)
            ? `names ${from}, which is not beside it; a node follows only those of its own loop or map`
            : `names ${from}, and there is no such node${
                near ? `; did you mean ${near}?` : ''
              }`,
        );
      } else if (handle !== undefined && !handlesOf(source).includes(handle)) {
        const handles = handlesOf(source).map(each => `${from}.${each}`);
        problem(
          `names ${from}.${handle}, but ${
            handles.length
              ? `there is only ${handles.join(', ')}`
              : `${from} has nothing to follow apart`
          }`,
        );
      } else if (
        handle === undefined &&
        source.type === 'condition' &&
        node.after === undefined
      ) {
        problem(
          `is missing: it stands below the condition ${from}, and must say for which case it is, such as ${from}.${
            handlesOf(source)[0]
          }`,
        );
      }
    }
    return this.problems.length === before;
  }

  #circle(
    circular: WorkflowNode[],
    edges: WorkflowEdge[],
    at: (node: WorkflowNode, field?: string) => string,
  ): void {
    const ids = new Set(circular.map(({ id }) => id));
    const back = (id: string) =>
      edges.find(({ from, to }) => to === id && ids.has(from))!.from;
    // Backwards from any of them, one comes to the circle and then round it.
    const way = [circular[0].id];
    while (!way.includes(back(way.at(-1)!))) {
      way.push(back(way.at(-1)!));
    }
    const circle = way.slice(way.indexOf(back(way.at(-1)!))).reverse();
    const node = circular.find(({ id }) => id === circle[0])!;
    this.#say(
      at(node, 'after'),
      node,
      `makes a cycle that cannot end: ${[...circle, circle[0]].join(
        ' → ',
      )}. Put what is to be repeated into a node of type loop, which says until when and how often at most`,
    );
  }

  #reference(
    expression: Expression,
    from: {
      nodes: WorkflowNode[];
      known: Record<string, string[] | undefined>;
      before: Set<string>;
      ways: Way[];
    },
  ): string | undefined {
    for (const { root, path, text } of expression.references) {
      if (Object.hasOwn(from.known, root)) {
        const fields = from.known[root];
        if (fields && path.length && !fields.includes(String(path[0]))) {
          return fields.length
            ? `refers to {{ ${text} }}, but ${root} has only ${fields.join(
                ', ',
              )}`
            : `refers to {{ ${text} }}, but ${root} is a number`;
        }
      } else if (!from.nodes.some(({ id }) => id === root)) {
        const near = nearestName(root, [
          ...Object.keys(from.known),
          ...from.nodes.map(({ id }) => id),
        ]);
        return `refers to {{ ${text} }}, ${
          this.#all.some(({ id }) => id === root)
            ? `but ${root} is inside a loop or map and cannot be seen from here`
            : `and there is no ${root} here${
                near ? `; did you mean ${near}?` : ''
              }`
        }`;
      } else if (!from.before.has(root)) {
        return `refers to {{ ${text} }}, but ${root} has not run by then: it does not come before`;
      }
    }
    if (expression.fallback !== undefined) {
      return undefined;
    }
    const without = from.ways.find(({ outcomes }) =>
      expression.references.every(({ root, path }) => {
        const outcome = outcomes.get(root);
        return (
          outcome &&
          outcome.status !== (path[0] === 'error' ? 'failed' : 'done')
        );
      }),
    );
    return (
      without &&
      `refers to {{ ${
        expression.text
      } }}, which is there only on some branches, not when ${
        without.words || 'nothing fails'
      }; say what holds then, like {{ ${expression.text} ?? 'nothing' }}`
    );
  }

  #named(
    node: WorkflowNode,
    at: (node: WorkflowNode, field?: string) => string,
  ): void {
    for (const { field, kind, ref } of namedIn(node)) {
      const full = fullRefOf(ref, kind, this.#surroundings?.namespace);
      const list = kind === 'Tool' ? 'tools' : 'handoffs';
      if (!full) {
        this.#say(
          at(node, field),
          node,
          `is ${JSON.stringify(ref)}, which is no ref of ${
            kind === 'Tool' ? 'a tool' : 'an agent'
          }`,
        );
      } else if (this.#surroundings?.[list]?.includes(full) === false) {
        const near = nearestName(full, this.#surroundings[list]);
        this.#say(
          at(node, field),
          node,
          `names ${full}, which is not in spec.${list}; ${
            near ? `did you mean ${near}?` : 'add it there'
          }`,
        );
      }
    }
    const choices = 'choices' in node ? node.choices : undefined;
    if (
      node.type === 'decide' &&
      node.otherwise !== undefined &&
      !choices!.some(({ id }) => id === node.otherwise)
    ) {
      this.#say(
        at(node, 'otherwise'),
        node,
        `is ${node.otherwise}, which is none of the choices`,
      );
    }
    const listed = node.type === 'condition' ? node.cases : choices ?? [];
    const twice = listed.find(
      ({ id }, i) =>
        listed.findIndex(other => other.id === id) !== i ||
        (node.type === 'condition' && id === 'else'),
    );
    if (twice) {
      this.#say(
        at(node, node.type === 'condition' ? 'cases' : 'choices'),
        node,
        `have ${twice.id} twice`,
      );
    }
  }
}

/**
 * Everything that is wrong with a workflow, in words that point at node and field; nothing
 * when it can be run. What it names must exist, but that is for the catalog to say.
 *
 * @public
 */
export function validateWorkflow(
  value: unknown,
  surroundings?: WorkflowSurroundings,
): WorkflowProblem[] {
  if (isDeeperThan(value, MAX_DEPTH)) {
    return [{ path: '', message: `is nested more than ${MAX_DEPTH} deep` }];
  }
  const parsed = workflowSchema.safeParse(value);
  if (!parsed.success) {
    return parsed.error.issues.flatMap(issue => describeIssue(issue, value));
  }
  const workflow = value as Workflow;
  const graph = expandWorkflow(workflow);
  return new Check(graph, graph === workflow, surroundings).problems;
}

function isDeeperThan(value: unknown, depth: number): boolean {
  let level = [value];
  for (let i = 0; i <= depth; i += 1) {
    level = level.flatMap(each =>
      each !== null && typeof each === 'object' ? Object.values(each) : [],
    );
    if (!level.length) {
      return false;
    }
  }
  return true;
}
