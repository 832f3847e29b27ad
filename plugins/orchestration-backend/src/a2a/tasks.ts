import {
  type Artifact,
  type Message,
  type Part,
  Role,
  type Task,
  TaskState,
  type TaskStatus,
} from '@a2a-js/sdk';
import {
  ContentTypeNotSupportedError,
  RequestMalformedError,
} from '@a2a-js/sdk/errors';
import type {
  RunStatus,
  RunSummary,
} from '@agentportal/plugin-orchestration-common';

/** What a run has used, in the metadata of its task. */
export const USAGE_METADATA = 'https://agentportal.dev/a2a/usage/v1';

/** The artifact that holds the answer of a run, and while it works what it says. */
export const ANSWER_ARTIFACT = 'answer';

/** As many as a question may have by the REST API. */
const MAX_CHARACTERS = 100_000;

/** As what messages and answers may travel. */
export const TEXT_MODES = ['text/plain', 'text/markdown'];

const STATES: Record<RunStatus, TaskState> = {
  queued: TaskState.TASK_STATE_SUBMITTED,
  running: TaskState.TASK_STATE_WORKING,
  interrupted: TaskState.TASK_STATE_INPUT_REQUIRED,
  succeeded: TaskState.TASK_STATE_COMPLETED,
  failed: TaskState.TASK_STATE_FAILED,
  cancelled: TaskState.TASK_STATE_CANCELED,
};

/** The statuses of runs that are a state of tasks; all of them where no state is asked for. */
export function statusesOf(state: TaskState): RunStatus[] | undefined {
  if (state === TaskState.TASK_STATE_UNSPECIFIED) {
    return undefined;
  }
  return (Object.keys(STATES) as RunStatus[]).filter(
    status => STATES[status] === state,
  );
}

/**
 * A run as A2A sees it: its id is the task's, its conversation the context.
 *
 * @param historyLength - how many messages of the task are told; all unless given
 */
export function toTask(run: RunSummary, historyLength?: number): Task {
  return {
    id: run.id,
    contextId: run.threadId,
    status: toTaskStatus(run),
    artifacts: run.output ? [answerArtifact(run.output.message)] : [],
    history:
      historyLength === 0
        ? []
        : [
            {
              ...messageOf(run, run.input.message),
              messageId: `${run.id}-question`,
              role: Role.ROLE_USER,
            },
          ],
    metadata: { [USAGE_METADATA]: run.usage },
  };
}

/** What a task stands at. */
export function toTaskStatus(run: RunSummary): TaskStatus {
  const words =
    run.error?.message ?? run.waitingFor?.map(({ title }) => title).join('\n');
  return {
    state: STATES[run.status],
    message: words
      ? { ...messageOf(run, words), messageId: `${run.id}-${run.status}` }
      : undefined,
    timestamp: run.finishedAt ?? run.startedAt ?? run.createdAt,
  };
}

/** The whole answer, or a piece of it. */
export function answerArtifact(text: string): Artifact {
  return {
    artifactId: ANSWER_ARTIFACT,
    name: 'Answer',
    description: '',
    parts: [textPart(text)],
    metadata: undefined,
    extensions: [],
  };
}

function messageOf(run: RunSummary, text: string): Message {
  return {
    messageId: run.id,
    contextId: run.threadId,
    taskId: run.id,
    role: Role.ROLE_AGENT,
    parts: [textPart(text)],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}

/** A part of text. */
export function textPart(text: string): Part {
  return {
    content: { $case: 'text', value: text },
    metadata: undefined,
    filename: '',
    mediaType: 'text/markdown',
  };
}

/**
 * What a message asks, in words. Data is told as JSON; files are not read.
 *
 * @throws ContentTypeNotSupportedError
 * @throws RequestMalformedError
 */
export function questionOf(message: Message | undefined): string {
  if (!message?.messageId || !message.parts.length) {
    throw new RequestMalformedError(
      'Send a message with a messageId and at least one part.',
    );
  }
  if (message.role !== Role.ROLE_USER) {
    throw new RequestMalformedError(
      'A message to an agent has the role ROLE_USER.',
    );
  }
  const question = message.parts
    .map(({ content }) => {
      switch (content?.$case) {
        case 'text':
          return content.value;
        case 'data':
          // Not indented: of what is nested deep that would be far more than was sent.
          return `\`\`\`json\n${JSON.stringify(content.value)}\n\`\`\``;
        default:
          throw new ContentTypeNotSupportedError(
            'Agents of this portal read parts of text and data. Send the content of the file as text.',
          );
      }
    })
    .join('\n\n');
  if (question.length > MAX_CHARACTERS) {
    throw new RequestMalformedError(
      `The message has ${question.length} characters, and may have ${MAX_CHARACTERS}.`,
    );
  }
  return question;
}

/** @throws ContentTypeNotSupportedError when a client reads nothing that agents write */
export function requireTextAccepted(modes: string[] = []): void {
  const accepted = modes.some(mode =>
    ['*/*', 'text/*', 'text', ...TEXT_MODES].includes(mode),
  );
  if (modes.length && !accepted) {
    throw new ContentTypeNotSupportedError(
      `Agents of this portal answer with ${TEXT_MODES.join(
        ' or ',
      )}. Add one of them to acceptedOutputModes.`,
    );
  }
}
