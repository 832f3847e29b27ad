import {
  evaluateText,
  type WorkflowNodeOf,
} from '@agentportal/plugin-orchestration-common';
import { z } from 'zod/v4';
import { aboutOf } from '../agents/capabilities';
import { type AgentSnapshot, agentTitle } from '../agents/snapshot';
import { findRunFailure } from '../execution/RunFailure';
import { askAgent } from './calls';
import { matchAgents } from './matchAgents';
import { nodePathOf, withStep } from './withStep';
import {
  isNodeFailure,
  nodeFailed,
  type NodeHandler,
  type Place,
  type WorkflowContext,
} from './WorkflowContext';

const MAX_TASKS = 8;
const MAX_REVISIONS = 2;
const CONCURRENCY = 4;
const BY_MATCHING =
  'Planned by the portal, which matched parts of the goal to what agents say they can do; no model has planned.';

const planSchema = z.object({
  /** Who made it, and how, in a sentence. */
  by: z.string().optional(),
  tasks: z
    .array(
      z.object({
        id: z.string().regex(/^[A-Za-z][\w-]{0,30}$/),
        agent: z.string().max(255),
        task: z.string().min(1).max(20_000),
        after: z.array(z.string()).max(20).default([]),
        /** Whether it is told what the tasks before it have found. */
        told: z.boolean().default(true),
      }),
    )
    .min(1),
});

type Plan = z.output<typeof planSchema>;
type Task = Plan['tasks'][0];

/** What is known when a plan is revised. */
interface Progress {
  results: Map<string, string>;
  failed: Array<Task & { message: string }>;
}

/** Has plans made and revised: by an agent, or by matching. */
class Planner {
  readonly #context: WorkflowContext;
  readonly #node: WorkflowNodeOf<'plan'>;
  readonly #place: Place;
  readonly #goal: string;
  readonly #agents: AgentSnapshot[];

  constructor(
    context: WorkflowContext,
    node: WorkflowNodeOf<'plan'>,
    place: Place,
    goal: string,
    agents: AgentSnapshot[],
  ) {
    this.#context = context;
    this.#node = node;
    this.#place = place;
    this.#goal = goal;
    this.#agents = agents;
  }

  /** The plan that is carried out from here on, as a step of its own. */
  async plan(round: number, done: Progress, before?: Plan): Promise<Plan> {
    const { task } = this.#context;
    const place = {
      ...this.#place,
      path: `${this.#place.path}.plan[${round}]`,
    };
    // Once it is on record it stands, whoever can be run now.
    const known = task.journal.begun.steps.find(
      ({ kind, nodePath, status }) =>
        kind === 'node' &&
        status === 'succeeded' &&
        nodePath === nodePathOf(task, place),
    );
    const recorded = planSchema.safeParse(known?.output);
    if (recorded.success) {
      return recorded.data;
    }
    return withStep(
      this.#context,
      { id: 'plan', title: before ? `Plan, revision ${round - 1}` : 'Plan' },
      place,
      { by: this.#node.planner ?? 'the portal' },
      async step => {
        const inside = { ...place, parentStepId: step.id };
        const plan = this.#node.planner
          ? await this.#ask(inside, done, before)
          : this.#match(done, before);
        const problem = this.#problemWith(plan, done);
        if (problem) {
          throw nodeFailed(this.#node, `there is no plan: ${problem}`);
        }
        return plan;
      },
    );
  }

  #match({ failed }: Progress, before?: Plan): Plan {
    if (before) {
      return this.#reassign(before, failed);
    }
    const { parts, unmatched } = matchAgents(this.#goal, this.#agents);
    if (!parts.length) {
      throw nodeFailed(
        this.#node,
        'no part of the goal fits what its agents say they can do. Name what is to be found or done in their words',
      );
    }
    return {
      by: unmatched.length
        ? `${BY_MATCHING} Nobody fits: ${unmatched.join('; ')}.`
        : BY_MATCHING,
      tasks: parts.map(({ agents, isNext, pointsBack, text }, i) => ({
        id: `t${i + 1}`,
        agent: agents[0].ref,
        task: text,
        after: isNext || pointsBack ? [`t${i}`] : [],
        told: pointsBack,
      })),
    };
  }

  /** What failed is given to whoever fits next best. */
  #reassign(before: Plan, failed: Progress['failed']): Plan {
    const names = new Map<string, string>();
    const tasks = before.tasks.map(task => {
      const tries = failed.filter(each => each.task === task.task);
      if (!tries.some(({ id }) => id === task.id)) {
        return task;
      }
      const next = matchAgents(task.task, this.#agents)
        .parts.flatMap(({ agents }) => agents)
        .find(({ ref }) => tries.every(({ agent }) => agent !== ref));
      if (!next) {
        throw nodeFailed(
          this.#node,
          `${tries.at(-1)!.message} No other of its agents fits that task`,
        );
      }
      const id = `${task.id.split('-')[0]}-${tries.length + 1}`;
      names.set(task.id, id);
      return { ...task, id, agent: next.ref };
    });
    return {
      by: before.by,
      tasks: tasks.map(task => ({
        ...task,
        after: task.after.map(each => names.get(each) ?? each),
      })),
    };
  }

  /** Asks the planner until its plan can be carried out, and does without it if it gives none. */
  async #ask(place: Place, done: Progress, before?: Plan): Promise<Plan> {
    const { planner, maxRevisions = MAX_REVISIONS } = this.#node;
    let problem: string | undefined;
    for (let attempt = 1; attempt <= maxRevisions + 1; attempt += 1) {
      const { output } = await askAgent(
        this.#context,
        this.#node,
        { ...place, path: `${place.path}.planner[${attempt}]` },
        planner!,
        this.#promptFor(done, before, problem),
      );
      const plan = readPlan(output.text);
      problem = plan ? this.#problemWith(plan, done) : 'it is no such JSON';
      if (plan && !problem) {
        return { ...plan, by: `Planned by ${output.agent}.` };
      }
    }
    const plan = this.#match(done, before);
    return {
      ...plan,
      by: `${planner} gave no plan that can be carried out (${problem}). ${plan.by}`,
    };
  }

  #promptFor(done: Progress, before?: Plan, problem?: string): string {
    const { maxTasks = MAX_TASKS } = this.#node;
    return [
      'Plan how these agents reach the goal. Answer with JSON alone, such as',
      '{"tasks":[{"id":"t1","agent":"agent:default/name","task":"What it is told, in full","after":[]}]}',
      `with at most ${maxTasks} tasks; "after" has the ids of tasks whose results a task needs.`,
      `Goal: ${this.#goal}`,
      'Agents:',
      ...this.#agents.map(
        agent => `- ${agent.ref}: ${agentTitle(agent)}. ${aboutOf(agent)}`,
      ),
      ...(before
        ? [
            `The plan so far: ${JSON.stringify(before.tasks)}`,
            `Done, and to be kept with id and words: ${JSON.stringify([
              ...done.results,
            ])}`,
            `Failed, and to be done in another way under a new id: ${JSON.stringify(
              done.failed,
            )}`,
          ]
        : []),
      ...(problem ? [`Your last plan cannot be carried out: ${problem}.`] : []),
    ].join('\n');
  }

  /** What a planner says is checked by code, whoever it is. */
  #problemWith({ tasks }: Plan, done: Progress): string | undefined {
    const { maxTasks = MAX_TASKS } = this.#node;
    const { budget } = this.#context.task;
    const open = tasks.filter(({ id }) => !done.results.has(id));
    const left = budget.limits.maxToolCalls - budget.usage.toolCalls;
    if (tasks.length > maxTasks) {
      return `it has ${tasks.length} tasks, and may have ${maxTasks}`;
    }
    if (open.length > left) {
      return `it needs ${open.length} calls, and the run has ${left} left`;
    }
    const seen = new Set<string>();
    for (const { id, agent, after } of tasks) {
      const ref = this.#context.refOf(agent, 'Agent');
      if (!this.#agents.some(each => each.ref === ref)) {
        return `task ${id} is for ${agent}, which may not be asked`;
      }
      if (seen.has(id)) {
        return `two tasks are called ${id}`;
      }
      if (done.failed.some(failed => failed.id === id)) {
        return `task ${id} has failed already, and needs a new id`;
      }
      const unknown = after.find(each => !seen.has(each));
      if (unknown) {
        return `task ${id} needs ${unknown}, which does not come before it`;
      }
      seen.add(id);
    }
    return undefined;
  }
}

/**
 * Has a goal planned, checks the plan by code, hands the tasks out, and has the plan
 * revised when one fails, so many times at most.
 */
export const planNode: NodeHandler<WorkflowNodeOf<'plan'>> = async (
  context,
  node,
  place,
  scope,
) => {
  const goal = evaluateText(node.goal, scope);
  const { maxRevisions = MAX_REVISIONS } = node;
  const agents = node.agents.flatMap(
    ref => context.agents.get(context.refOf(ref, 'Agent'))?.handoff.agent ?? [],
  );
  if (!agents.length) {
    throw nodeFailed(node, 'none of its agents can be run now');
  }
  const output = await withStep(
    context,
    node,
    place,
    { goal, agents: agents.map(({ ref }) => ref) },
    async step => {
      const inside = { ...place, parentStepId: step.id };
      const planner = new Planner(context, node, inside, goal, agents);
      const done: Progress = { results: new Map(), failed: [] };
      let plan = await planner.plan(1, done);
      for (let revision = 0; ; ) {
        const ready = plan.tasks
          .filter(
            ({ id, after }) =>
              !done.results.has(id) && after.every(a => done.results.has(a)),
          )
          .slice(0, CONCURRENCY);
        if (!ready.length) {
          return toOutput(plan, done, agents, revision);
        }
        const failed = await runTasks(context, node, inside, ready, done);
        if (failed.length) {
          done.failed.push(...failed);
          if (revision >= maxRevisions) {
            throw nodeFailed(node, whatFailed(failed, done, revision));
          }
          revision += 1;
          plan = await planner.plan(revision + 1, done, plan);
        }
      }
    },
  );
  return { output };
};

async function runTasks(
  context: WorkflowContext,
  node: WorkflowNodeOf<'plan'>,
  place: Place,
  tasks: Task[],
  { results }: Progress,
) {
  const ends = await Promise.allSettled(
    tasks.map(async ({ id, agent, task, after, told }) => {
      const known = (told ? after : []).map(each => results.get(each)!);
      const { output } = await askAgent(
        context,
        node,
        { ...place, path: `${place.path}.${id}` },
        agent,
        known.length
          ? `${task}\n\nThis was found so far:\n${known.join('\n')}`
          : task,
      );
      results.set(id, output.text);
    }),
  );
  return ends.flatMap((end, i) => {
    if (end.status === 'fulfilled') {
      return [];
    }
    const failure = findRunFailure(end.reason);
    if (!isNodeFailure(failure)) {
      throw end.reason;
    }
    return [{ ...tasks[i], message: failure.message }];
  });
}

function readPlan(text: string): Plan | undefined {
  try {
    return planSchema.safeParse(
      JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)),
    ).data;
  } catch {
    return undefined;
  }
}

function whatFailed(
  failed: Progress['failed'],
  { results }: Progress,
  revisions: number,
): string {
  const done = [...results.values()];
  return `${failed
    .map(({ message }) => message)
    .join(' ')} The plan was revised ${
    revisions === 1 ? 'once' : `${revisions} times`
  }.${done.length ? ` This was found until then: ${done.join(' ')}` : ''}`;
}

function toOutput(
  { by, tasks }: Plan,
  { results }: Progress,
  agents: AgentSnapshot[],
  revisions: number,
) {
  const answers = tasks.map(({ id, agent, task }) => {
    const known = agents.find(({ ref }) => ref === agent);
    return {
      id,
      agent: known ? agentTitle(known) : agent,
      task,
      text: results.get(id)!,
    };
  });
  return {
    text: [
      ...answers.map(({ agent, text }) => `**${agent}**: ${text}`),
      by,
    ].join('\n\n'),
    plannedBy: by,
    revisions,
    tasks: answers,
  };
}
