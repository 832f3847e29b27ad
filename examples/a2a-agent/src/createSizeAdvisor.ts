import {
  AGENT_CARD_PATH,
  type AgentCard,
  generateAgentCardSignature,
  type Message,
  type Part,
  Role,
  TaskState,
} from '@a2a-js/sdk';
import {
  AgentEvent,
  type AgentExecutor,
  DefaultRequestHandler,
  InMemoryTaskStore,
} from '@a2a-js/sdk/server';
import {
  agentCardHandler,
  jsonRpcHandler,
  UserBuilder,
} from '@a2a-js/sdk/server/express';
import express, { type Express } from 'express';
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { advise } from './sizes';

const KEY_ID = 'trailfit-1';

const executor: AgentExecutor = {
  async execute({ contextId, task, taskId, userMessage }, bus) {
    const history = [...(task?.history ?? []), userMessage];
    bus.publish(
      AgentEvent.task({
        id: taskId,
        contextId,
        status: statusOf(TaskState.TASK_STATE_WORKING),
        artifacts: [],
        history,
        metadata: undefined,
      }),
    );
    const advice = advise(history.filter(isOfUser).map(textOf).join('\n'));
    const event = { taskId, contextId, metadata: undefined };
    if ('question' in advice) {
      const message: Message = {
        messageId: randomUUID(),
        taskId,
        contextId,
        role: Role.ROLE_AGENT,
        parts: [text(advice.question)],
        metadata: undefined,
        extensions: [],
        referenceTaskIds: [],
      };
      bus.publish(
        AgentEvent.statusUpdate({
          ...event,
          status: statusOf(TaskState.TASK_STATE_INPUT_REQUIRED, message),
        }),
      );
    } else {
      bus.publish(
        AgentEvent.artifactUpdate({
          ...event,
          append: false,
          lastChunk: true,
          artifact: {
            artifactId: 'advice',
            name: 'Advice',
            description: '',
            parts: [text(advice.answer)],
            metadata: { size: advice.size },
            extensions: [],
          },
        }),
      );
      bus.publish(
        AgentEvent.statusUpdate({
          ...event,
          status: statusOf(TaskState.TASK_STATE_COMPLETED),
        }),
      );
    }
    bus.finished();
  },
  async cancelTask(taskId, bus) {
    bus.publish(
      AgentEvent.statusUpdate({
        taskId,
        contextId: '',
        status: statusOf(TaskState.TASK_STATE_CANCELED),
        metadata: undefined,
      }),
    );
    bus.finished();
  },
};

/**
 * The size advisor of Trailfit, a partner of the example company: an A2A agent that knows
 * nothing of the portal.
 *
 * @param privateKeyPem - signs its card; a P-256 key
 */
export async function createSizeAdvisor(
  url: string,
  privateKeyPem: string,
): Promise<Express> {
  const privateKey = createPrivateKey(privateKeyPem);
  const sign = generateAgentCardSignature(privateKey, {
    alg: 'ES256',
    kid: KEY_ID,
    typ: 'JOSE',
    jku: `${url}/.well-known/jwks.json`,
  });
  const card = await sign(cardOf(url));
  const requestHandler = new DefaultRequestHandler(
    card,
    new InMemoryTaskStore(),
    executor,
  );
  const legacyCompat = { enabled: true };
  const app = express();
  app.get('/.well-known/jwks.json', (_request, response) => {
    const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
    response.json({
      keys: [{ ...jwk, kid: KEY_ID, alg: 'ES256', use: 'sig' }],
    });
  });
  app.use(
    `/${AGENT_CARD_PATH}`,
    agentCardHandler({ agentCardProvider: requestHandler, legacyCompat }),
  );
  app.use(
    '/',
    jsonRpcHandler({
      requestHandler,
      userBuilder: UserBuilder.noAuthentication,
      legacyCompat,
    }),
  );
  return app;
}

function cardOf(url: string): AgentCard {
  return {
    name: 'Size Advisor',
    description: 'Advises on sizes of jackets and boots by measures in cm.',
    version: '1.0.0',
    provider: { organization: 'Trailfit', url: 'https://trailfit.example' },
    supportedInterfaces: ['1.0', '0.3'].map(protocolVersion => ({
      url,
      protocolBinding: 'JSONRPC',
      protocolVersion,
      tenant: '',
    })),
    capabilities: {
      streaming: true,
      pushNotifications: false,
      extendedAgentCard: false,
      extensions: [
        {
          uri: 'https://agentportal.dev/a2a/price/v1',
          description: 'What a call costs.',
          required: false,
          params: { unit: 'call', currency: 'USD', price: '0.002' },
        },
      ],
    },
    securitySchemes: {},
    securityRequirements: [],
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [
      {
        id: 'size',
        name: 'Size',
        description: 'Which size fits a person.',
        tags: ['sizes'],
        examples: ['Which jacket fits a chest of 102 cm?'],
        inputModes: [],
        outputModes: [],
        securityRequirements: [],
      },
    ],
    signatures: [],
  };
}

function statusOf(state: TaskState, message?: Message) {
  return { state, message, timestamp: new Date().toISOString() };
}

function isOfUser({ role }: Message): boolean {
  return role === Role.ROLE_USER;
}

function textOf({ parts }: Message): string {
  return parts
    .map(({ content }) => (content?.$case === 'text' ? content.value : ''))
    .join(' ');
}

function text(value: string): Part {
  return {
    content: { $case: 'text', value },
    metadata: undefined,
    filename: '',
    mediaType: 'text/plain',
  };
}
