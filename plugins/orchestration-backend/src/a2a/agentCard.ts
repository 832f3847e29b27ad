import type { AgentCard } from '@a2a-js/sdk';
import canonicalize from 'canonicalize';
import { hash } from 'node:crypto';
import { type AgentSnapshot, agentTitle } from '../agents/snapshot';
import { TEXT_MODES } from './tasks';

/** What cards tell of the portal. */
export interface CardContext {
  /** Under which URL all agents are reached. */
  baseUrl: string;
  /** The token endpoint for agents. */
  tokenUrl: string;
  organization: string;
  portalUrl: string;
}

/** The versions of A2A that are spoken, the best first. */
const VERSIONS = ['1.0', '0.3'];

/** Where an agent speaks A2A. */
export function interfacesAt(url: string): AgentCard['supportedInterfaces'] {
  return VERSIONS.map(protocolVersion => ({
    url,
    protocolBinding: 'JSONRPC',
    protocolVersion,
    tenant: '',
  }));
}

/**
 * The card of an agent, without a signature. No required field is empty: signers differ
 * in what they make of those.
 */
export function createAgentCard(
  agent: AgentSnapshot,
  path: string,
  { baseUrl, tokenUrl, organization, portalUrl }: CardContext,
): AgentCard {
  const title = agentTitle(agent);
  const { spec } = agent;
  const description =
    agent.description?.trim() ||
    spec.handoffDescription?.trim() ||
    `${title}, an agent of ${organization}`;
  return {
    name: title,
    description,
    supportedInterfaces: interfacesAt(`${baseUrl}${path}`),
    provider: { organization, url: portalUrl },
    // Tells that the agent has changed; nobody counts its versions.
    version: hash('sha256', canonicalize(agent) ?? '').slice(0, 12),
    capabilities: {
      streaming: true,
      pushNotifications: true,
      extendedAgentCard: false,
      extensions: [],
    },
    securitySchemes: {
      portal: {
        scheme: {
          $case: 'httpAuthSecurityScheme',
          value: {
            description: 'A Backstage token of a person of the portal.',
            scheme: 'Bearer',
            bearerFormat: 'JWT',
          },
        },
      },
      agents: {
        scheme: {
          $case: 'oauth2SecurityScheme',
          value: {
            description:
              'An agent that the portal knows, in its own name; its owner makes the credentials.',
            oauth2MetadataUrl: '',
            flows: {
              flow: {
                $case: 'clientCredentials',
                value: { tokenUrl, refreshUrl: '', scopes: {} },
              },
            },
          },
        },
      },
    },
    securityRequirements: [
      { schemes: { portal: { list: [] } } },
      { schemes: { agents: { list: [] } } },
    ],
    defaultInputModes: [...TEXT_MODES, 'application/json'],
    defaultOutputModes: TEXT_MODES,
    skills: [
      {
        id: agent.name,
        name: title,
        description: spec.handoffDescription?.trim() || description,
        tags: [spec.type],
        examples: spec.exampleQuestions ?? [],
        inputModes: [],
        outputModes: [],
        securityRequirements: [],
      },
    ],
    signatures: [],
  };
}
