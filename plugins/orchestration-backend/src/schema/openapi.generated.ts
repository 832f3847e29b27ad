// Generated from openapi.yaml. Do not edit; run `yarn generate`.

export const spec = {
  openapi: '3.1.0',
  info: {
    title: 'orchestration',
    version: '1',
    description:
      'Runs of agents: start one, follow it live, read what it did step by step, stop it, and continue a conversation.',
    license: {
      name: 'Apache-2.0',
      url: 'https://www.apache.org/licenses/LICENSE-2.0.html',
    },
  },
  servers: [
    {
      url: '/',
    },
  ],
  paths: {
    '/runs': {
      post: {
        operationId: 'createRun',
        summary: 'Start a run of an agent',
        description:
          'Needs `orchestration.run.create` on the agent. The run is written down and queued; follow it at `/runs/{id}/events` or poll `/runs/{id}`.',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                $ref: '#/components/schemas/CreateRunRequest',
              },
            },
          },
        },
        responses: {
          '201': {
            description: 'The run was accepted.',
            content: {
              'application/json': {
                schema: {
                  $ref: '#/components/schemas/CreatedRun',
                },
              },
            },
          },
          default: {
            $ref: '#/components/responses/Error',
          },
        },
      },
      get: {
        operationId: 'listRuns',
        summary: 'List runs, the newest first',
        description: 'Holds only the runs that the caller may read.',
        parameters: [
          {
            name: 'agentRef',
            in: 'query',
            description: 'Only runs of this agent.',
            schema: {
              $ref: '#/components/schemas/EntityRef',
            },
          },
          {
            name: 'status',
            in: 'query',
            description: 'Only runs in one of these statuses; repeatable.',
            explode: true,
            schema: {
              type: 'array',
              maxItems: 6,
              items: {
                $ref: '#/components/schemas/RunStatus',
              },
            },
          },
          {
            name: 'createdBy',
            in: 'query',
            description: 'Only runs that this person or program asked for.',
            schema: {
              type: 'string',
              minLength: 1,
              maxLength: 255,
              pattern: '^[ -~]+$',
            },
          },
          {
            name: 'threadId',
            in: 'query',
            description: 'Only runs of this conversation.',
            schema: {
              $ref: '#/components/schemas/Id',
            },
          },
          {
            $ref: '#/components/parameters/Limit',
          },
          {
            $ref: '#/components/parameters/Cursor',
          },
        ],
        responses: {
          '200': {
            description: 'A page of runs.',
            content: {
              'application/json': {
                schema: {
                  $ref: '#/components/schemas/RunList',
                },
              },
            },
          },
          default: {
            $ref: '#/components/responses/Error',
          },
        },
      },
    },
    '/runs/{id}': {
      get: {
        operationId: 'getRun',
        summary: 'Read a run with its steps',
        parameters: [
          {
            $ref: '#/components/parameters/RunId',
          },
        ],
        responses: {
          '200': {
            description: 'The run.',
            content: {
              'application/json': {
                schema: {
                  $ref: '#/components/schemas/Run',
                },
              },
            },
          },
          default: {
            $ref: '#/components/responses/Error',
          },
        },
      },
    },
    '/runs/{id}/events': {
      get: {
        operationId: 'streamRunEvents',
        summary: 'Follow a run as AG-UI 1.0 events',
        description:
          'Server-sent events. Every event has an `id`; send the last one back as `Last-Event-ID` to go on where the stream broke. A finished run is replayed from the first event and the stream then ends.',
        parameters: [
          {
            $ref: '#/components/parameters/RunId',
          },
          {
            name: 'Last-Event-ID',
            in: 'header',
            description: 'Number of the last event that the client has seen.',
            schema: {
              type: 'string',
            },
          },
        ],
        responses: {
          '200': {
            description: 'The events of the run.',
            content: {
              'text/event-stream': {
                schema: {
                  type: 'string',
                },
              },
            },
          },
          default: {
            $ref: '#/components/responses/Error',
          },
        },
      },
    },
    '/runs/{id}/cancel': {
      post: {
        operationId: 'cancelRun',
        summary: 'Stop a run',
        description:
          'Stops the model or tool call that is under way. Asking again, or asking for a run that has ended, changes nothing.',
        parameters: [
          {
            $ref: '#/components/parameters/RunId',
          },
        ],
        responses: {
          '200': {
            description: 'The run as it is now.',
            content: {
              'application/json': {
                schema: {
                  $ref: '#/components/schemas/RunSummary',
                },
              },
            },
          },
          default: {
            $ref: '#/components/responses/Error',
          },
        },
      },
    },
    '/threads': {
      get: {
        operationId: 'listThreads',
        summary: "List the caller's own conversations, the latest first",
        parameters: [
          {
            name: 'agentRef',
            in: 'query',
            description: 'Only conversations with this agent.',
            schema: {
              $ref: '#/components/schemas/EntityRef',
            },
          },
          {
            $ref: '#/components/parameters/Limit',
          },
          {
            $ref: '#/components/parameters/Cursor',
          },
        ],
        responses: {
          '200': {
            description: 'A page of conversations.',
            content: {
              'application/json': {
                schema: {
                  $ref: '#/components/schemas/ThreadList',
                },
              },
            },
          },
          default: {
            $ref: '#/components/responses/Error',
          },
        },
      },
    },
    '/threads/{id}': {
      get: {
        operationId: 'getThread',
        summary: 'Read a conversation',
        parameters: [
          {
            name: 'id',
            in: 'path',
            required: true,
            schema: {
              $ref: '#/components/schemas/Id',
            },
          },
        ],
        responses: {
          '200': {
            description:
              'The conversation with its latest 200 messages, the oldest first.',
            content: {
              'application/json': {
                schema: {
                  $ref: '#/components/schemas/Thread',
                },
              },
            },
          },
          default: {
            $ref: '#/components/responses/Error',
          },
        },
      },
    },
    '/stats': {
      get: {
        operationId: 'getStats',
        summary: 'How agents fared lately',
        description:
          'Counts only the runs of these days that the caller may read. An agent without runs is listed with zeros.',
        parameters: [
          {
            name: 'agentRef',
            in: 'query',
            required: true,
            description: 'The agents to tell about; repeatable.',
            explode: true,
            schema: {
              type: 'array',
              minItems: 1,
              maxItems: 100,
              items: {
                $ref: '#/components/schemas/EntityRef',
              },
            },
          },
          {
            name: 'days',
            in: 'query',
            description: 'How many days back, today (UTC) included.',
            schema: {
              type: 'integer',
              minimum: 1,
              maximum: 90,
              default: 14,
            },
          },
        ],
        responses: {
          '200': {
            description: 'One item for each agent asked for.',
            content: {
              'application/json': {
                schema: {
                  $ref: '#/components/schemas/StatsList',
                },
              },
            },
          },
          default: {
            $ref: '#/components/responses/Error',
          },
        },
      },
    },
  },
  components: {
    parameters: {
      RunId: {
        name: 'id',
        in: 'path',
        required: true,
        schema: {
          $ref: '#/components/schemas/Id',
        },
      },
      Limit: {
        name: 'limit',
        in: 'query',
        description: 'How many items a page holds at most.',
        schema: {
          type: 'integer',
          minimum: 1,
          maximum: 100,
          default: 25,
        },
      },
      Cursor: {
        name: 'cursor',
        in: 'query',
        description: 'The `nextCursor` of the page before.',
        schema: {
          type: 'string',
          minLength: 1,
          maxLength: 500,
        },
      },
    },
    responses: {
      Error: {
        description: 'What went wrong, and what to do about it.',
        content: {
          'application/json': {
            schema: {
              $ref: '#/components/schemas/ErrorResponse',
            },
          },
        },
      },
    },
    schemas: {
      EntityRef: {
        type: 'string',
        description: 'A full entity ref such as `agent:default/order-desk`.',
        minLength: 3,
        maxLength: 255,
        pattern: '^[!-~]+$',
      },
      Id: {
        type: 'string',
        description: 'Id of a run or of a conversation.',
        minLength: 1,
        maxLength: 64,
        pattern: '^[A-Za-z0-9-]+$',
      },
      RunStatus: {
        type: 'string',
        description:
          '`interrupted` waits for a person; `succeeded`, `failed` and `cancelled` are final.',
        enum: [
          'queued',
          'running',
          'interrupted',
          'succeeded',
          'failed',
          'cancelled',
        ],
      },
      CreateRunRequest: {
        type: 'object',
        additionalProperties: false,
        required: ['agentRef', 'input'],
        properties: {
          agentRef: {
            $ref: '#/components/schemas/EntityRef',
          },
          input: {
            $ref: '#/components/schemas/RunInput',
          },
          threadId: {
            type: 'string',
            description:
              'Conversation to go on with; left out, a new one begins.',
            minLength: 1,
            maxLength: 64,
            pattern: '^[A-Za-z0-9-]+$',
          },
          onBehalfOf: {
            type: 'string',
            description:
              'Entity ref of the person for whom a service asks. Only services may say this.',
            minLength: 3,
            maxLength: 255,
          },
        },
      },
      RunInput: {
        type: 'object',
        additionalProperties: false,
        required: ['message'],
        properties: {
          message: {
            type: 'string',
            description: 'What the person asks.',
            minLength: 1,
            maxLength: 100000,
          },
        },
      },
      RunOutput: {
        type: 'object',
        required: ['message'],
        properties: {
          message: {
            type: 'string',
            description: "The agent's answer, Markdown.",
          },
        },
      },
      CreatedRun: {
        type: 'object',
        required: ['id', 'status', 'threadId'],
        properties: {
          id: {
            type: 'string',
          },
          status: {
            $ref: '#/components/schemas/RunStatus',
          },
          threadId: {
            type: 'string',
          },
        },
      },
      RunError: {
        type: 'object',
        required: ['name', 'message'],
        properties: {
          name: {
            type: 'string',
            description:
              'Stable reason: `QuotaExceeded`, `LoopDetected`, `RunInterrupted`, `ModelCallFailed`, `ToolsUnavailable`, `AgentMisconfigured`, `InternalError`; on steps also what the gateway said.',
          },
          message: {
            type: 'string',
            description: 'A sentence for a person.',
          },
        },
      },
      StepUsage: {
        type: 'object',
        required: ['inputTokens', 'outputTokens', 'costNanoUsd'],
        properties: {
          inputTokens: {
            type: 'integer',
          },
          outputTokens: {
            type: 'integer',
          },
          costNanoUsd: {
            type: 'integer',
            description: 'Integer nano-USD (1e-9 USD).',
          },
        },
      },
      RunUsage: {
        type: 'object',
        required: [
          'inputTokens',
          'outputTokens',
          'costNanoUsd',
          'modelCalls',
          'toolCalls',
        ],
        properties: {
          inputTokens: {
            type: 'integer',
          },
          outputTokens: {
            type: 'integer',
          },
          costNanoUsd: {
            type: 'integer',
            description: 'Integer nano-USD (1e-9 USD).',
          },
          modelCalls: {
            type: 'integer',
          },
          toolCalls: {
            type: 'integer',
          },
        },
      },
      RunSummary: {
        type: 'object',
        required: [
          'id',
          'agentRef',
          'threadId',
          'status',
          'createdBy',
          'input',
          'usage',
          'createdAt',
        ],
        properties: {
          id: {
            type: 'string',
          },
          agentRef: {
            $ref: '#/components/schemas/EntityRef',
          },
          agentTitle: {
            type: 'string',
          },
          threadId: {
            type: 'string',
          },
          status: {
            $ref: '#/components/schemas/RunStatus',
          },
          createdBy: {
            type: 'string',
            description:
              'Entity ref of the person, or the subject of the service.',
          },
          onBehalfOf: {
            type: 'string',
            description: 'Entity ref of the person for whom a service asked.',
          },
          input: {
            $ref: '#/components/schemas/RunInput',
          },
          output: {
            $ref: '#/components/schemas/RunOutput',
          },
          error: {
            $ref: '#/components/schemas/RunError',
          },
          usage: {
            $ref: '#/components/schemas/RunUsage',
          },
          createdAt: {
            type: 'string',
            format: 'date-time',
          },
          startedAt: {
            type: 'string',
            format: 'date-time',
          },
          finishedAt: {
            type: 'string',
            format: 'date-time',
          },
          durationMs: {
            type: 'integer',
            description: 'From start to end, without the time in the queue.',
          },
        },
      },
      RunStep: {
        type: 'object',
        required: [
          'id',
          'index',
          'kind',
          'name',
          'status',
          'startedAt',
          'input',
        ],
        properties: {
          id: {
            type: 'string',
          },
          index: {
            type: 'integer',
            description: 'Order in the run, from 0.',
          },
          kind: {
            type: 'string',
            enum: ['model', 'tool', 'agent'],
          },
          name: {
            type: 'string',
            description:
              'Model asked for, name of the tool, or ref of the agent.',
          },
          title: {
            type: 'string',
          },
          status: {
            type: 'string',
            enum: ['running', 'succeeded', 'failed'],
          },
          startedAt: {
            type: 'string',
            format: 'date-time',
          },
          finishedAt: {
            type: 'string',
            format: 'date-time',
          },
          durationMs: {
            type: 'integer',
          },
          input: {},
          output: {},
          error: {
            $ref: '#/components/schemas/RunError',
          },
          parentId: {
            type: 'string',
            description: 'Step of kind `agent` under which this one happened.',
          },
          toolRef: {
            type: 'string',
            description: 'Entity ref of the tool in the catalog.',
          },
          riskTier: {
            type: 'string',
            enum: ['read', 'write', 'external', 'critical', 'forbidden'],
          },
          modelId: {
            type: 'string',
            description: 'Gateway id of the model that answered.',
          },
          modelReason: {
            type: 'string',
            description: 'Why the gateway chose that model.',
          },
          usage: {
            $ref: '#/components/schemas/StepUsage',
          },
        },
      },
      Run: {
        allOf: [
          {
            $ref: '#/components/schemas/RunSummary',
          },
          {
            type: 'object',
            required: ['steps'],
            properties: {
              steps: {
                type: 'array',
                items: {
                  $ref: '#/components/schemas/RunStep',
                },
              },
            },
          },
        ],
      },
      RunList: {
        type: 'object',
        required: ['items'],
        properties: {
          items: {
            type: 'array',
            items: {
              $ref: '#/components/schemas/RunSummary',
            },
          },
          nextCursor: {
            type: 'string',
          },
        },
      },
      ThreadSummary: {
        type: 'object',
        required: ['id', 'agentRef', 'title', 'updatedAt', 'runCount'],
        properties: {
          id: {
            type: 'string',
          },
          agentRef: {
            $ref: '#/components/schemas/EntityRef',
          },
          title: {
            type: 'string',
            description: 'The beginning of the first message.',
          },
          updatedAt: {
            type: 'string',
            format: 'date-time',
          },
          runCount: {
            type: 'integer',
          },
        },
      },
      ThreadList: {
        type: 'object',
        required: ['items'],
        properties: {
          items: {
            type: 'array',
            items: {
              $ref: '#/components/schemas/ThreadSummary',
            },
          },
          nextCursor: {
            type: 'string',
          },
        },
      },
      ThreadMessage: {
        type: 'object',
        required: ['role', 'content', 'runId', 'createdAt'],
        properties: {
          role: {
            type: 'string',
            enum: ['user', 'assistant'],
          },
          content: {
            type: 'string',
          },
          runId: {
            type: 'string',
          },
          createdAt: {
            type: 'string',
            format: 'date-time',
          },
        },
      },
      Thread: {
        type: 'object',
        required: ['id', 'agentRef', 'messages'],
        properties: {
          id: {
            type: 'string',
          },
          agentRef: {
            $ref: '#/components/schemas/EntityRef',
          },
          messages: {
            type: 'array',
            items: {
              $ref: '#/components/schemas/ThreadMessage',
            },
          },
        },
      },
      DailyStats: {
        type: 'object',
        required: ['day', 'runs', 'failed'],
        properties: {
          day: {
            type: 'string',
            description: 'A UTC day, YYYY-MM-DD.',
          },
          runs: {
            type: 'integer',
          },
          failed: {
            type: 'integer',
          },
        },
      },
      AgentStats: {
        type: 'object',
        required: [
          'agentRef',
          'runs',
          'succeeded',
          'failed',
          'costNanoUsd',
          'daily',
        ],
        properties: {
          agentRef: {
            $ref: '#/components/schemas/EntityRef',
          },
          runs: {
            type: 'integer',
          },
          succeeded: {
            type: 'integer',
          },
          failed: {
            type: 'integer',
          },
          medianDurationMs: {
            type: 'integer',
          },
          costNanoUsd: {
            type: 'integer',
            description: 'Integer nano-USD (1e-9 USD).',
          },
          lastRunAt: {
            type: 'string',
            format: 'date-time',
          },
          daily: {
            type: 'array',
            description:
              'One item a day, the oldest first; days without runs have zeros.',
            items: {
              $ref: '#/components/schemas/DailyStats',
            },
          },
        },
      },
      StatsList: {
        type: 'object',
        required: ['items'],
        properties: {
          items: {
            type: 'array',
            items: {
              $ref: '#/components/schemas/AgentStats',
            },
          },
        },
      },
      ErrorResponse: {
        type: 'object',
        required: ['error'],
        properties: {
          error: {
            type: 'object',
            required: ['name', 'message'],
            properties: {
              name: {
                type: 'string',
              },
              message: {
                type: 'string',
              },
            },
          },
          request: {
            type: 'object',
            properties: {
              method: {
                type: 'string',
              },
              url: {
                type: 'string',
              },
            },
          },
          response: {
            type: 'object',
            properties: {
              statusCode: {
                type: 'integer',
              },
            },
          },
        },
      },
    },
  },
} as const;
