import type { Entity } from '@backstage/catalog-model';
import type { JsonObject } from '@backstage/types';
import type { AgentTrigger } from './AgentTrigger';
import type { Autonomy } from './riskTier';

/**
 * The stages in the life of an agent.
 *
 * @public
 */
export type AgentLifecycle =
  | 'experimental'
  | 'review'
  | 'production'
  | 'suspended'
  | 'retired';

/**
 * In whose name an agent acts. `own`: in its own (schedules, events, programs), and
 * for a person when one started the run. `person`: only ever for a person.
 *
 * @public
 */
export type AgentIdentityMode = 'own' | 'person';

/**
 * How sensitive data is.
 *
 * @public
 */
export type DataClassification =
  | 'public'
  | 'internal'
  | 'confidential'
  | 'restricted';

/**
 * All classes of data, the least sensitive first.
 *
 * @public
 */
export const DATA_CLASSIFICATIONS: readonly DataClassification[] = [
  'public',
  'internal',
  'confidential',
  'restricted',
];

/**
 * Limits of one run. Money is in US dollars here because people write it; it
 * becomes integer nano-USD as soon as it is read.
 *
 * @public
 */
export type AgentQuotas = {
  /** Input and output tokens of all model calls of a run. */
  maxTokens?: number;
  /** Cost of all model calls of a run, in US dollars. */
  maxCostUsd?: number;
  /** Wall time of a run, in seconds. */
  maxDurationSeconds?: number;
  /** Tool calls in a run. */
  maxToolCalls?: number;
  /** Model and tool calls in a run, together. */
  maxSteps?: number;
};

/**
 * An AI agent in the catalog.
 *
 * @public
 */
export interface AgentEntity extends Entity {
  apiVersion: 'agentportal.dev/v1alpha1';
  kind: 'Agent';
  spec: {
    type: 'assistant' | 'workflow' | 'orchestrator' | 'external';
    lifecycle: AgentLifecycle;
    /** Entity ref of the group or user that owns the agent. */
    owner: string;
    /** Entity ref of the person who answers for the agent. */
    sponsor?: string;
    system?: string;
    /** What runs it; frameworks beside these two come with modules of the orchestration plugin. */
    framework?: 'langgraph' | 'a2a' | (string & {});
    /** Where an agent of the framework `a2a` is found, and what is expected of it there. */
    a2a?: {
      /** URL of its card. */
      cardUrl: string;
      /** RFC 7638 thumbprint (SHA-256, base64url) of the key that signs its card. */
      keyThumbprint?: string;
      /** SHA-256 (hex) of its card in canonical JSON; one that says something else is not called. */
      cardDigest?: string;
      /** The most that one call may cost, in US dollars. */
      maxPriceUsd?: number;
    };
    autonomy: Autonomy;
    /** In whose name the agent acts; `person` if not given. */
    identity?: AgentIdentityMode;
    dataClassification?: DataClassification;
    /** The system prompt; `{ $text: ./file.md }` in YAML is resolved by the catalog. */
    instructions?: string;
    /** Entity ref of a Model or a route. */
    model?: string;
    modelSettings?: {
      temperature?: number;
      maxTokens?: number;
      toolChoice?: 'auto' | 'required' | 'none';
      /** Makes prompts shorter without changing what they say. Default is `none`. */
      promptCompression?: 'none' | 'structural';
      /** Answers from memory to questions that were asked before. */
      cache?: {
        mode: 'off' | 'exact' | 'semantic';
        ttlSeconds?: number;
        /** Whether people share answers. Default is that each has their own. */
        shared?: boolean;
      };
    };
    /** Entity refs of the tools that the agent may call. */
    tools?: string[];
    knowledge?: string[];
    /** Entity refs of the agents that this one may hand work to. */
    handoffs?: string[];
    handoffDescription?: string;
    skills?: string[];
    quotas?: AgentQuotas;
    /** Questions to try, shown while a chat is empty. */
    exampleQuestions?: string[];
    /**
     * What an agent of type `workflow` does, node by node; the orchestration plugin has
     * its schema.
     */
    workflow?: JsonObject;
    /** What starts runs without a person; only of agents that act in their own name. */
    triggers?: AgentTrigger[];
    outputSchema?: JsonObject;
  };
}

/**
 * Whether an entity is an Agent of our apiVersion group.
 *
 * @public
 */
export function isAgentEntity(entity: Entity): entity is AgentEntity {
  return (
    entity.kind.toLocaleLowerCase('en-US') === 'agent' &&
    entity.apiVersion.startsWith('agentportal.dev/')
  );
}

/**
 * What an agent is told before everything else: its instructions, or who it is where it has none.
 *
 * @public
 */
export function instructionsOf(agent: {
  name: string;
  title?: string;
  description?: string;
  instructions?: string;
}): string {
  const { name, title = name, description = '', instructions } = agent;
  return instructions?.trim() || `You are ${title}. ${description}`.trim();
}

/**
 * Whether it is people who start the agent, and not what it is started by itself.
 *
 * @public
 */
export function isStartedByPeople({ spec }: AgentEntity): boolean {
  return !spec.triggers?.length;
}
