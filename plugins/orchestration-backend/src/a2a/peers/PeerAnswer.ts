import {
  type Artifact,
  type Message,
  type Part,
  type StreamResponse,
  type Task,
  TaskState,
} from '@a2a-js/sdk';
import { bounded } from '../../events/bounded';

/** Most characters of an answer; what is longer is cut. */
const MAX_CHARACTERS = 100_000;
const MAX_ARTIFACTS = 100;

const RESTING = new Set([
  TaskState.TASK_STATE_COMPLETED,
  TaskState.TASK_STATE_FAILED,
  TaskState.TASK_STATE_CANCELED,
  TaskState.TASK_STATE_REJECTED,
  TaskState.TASK_STATE_INPUT_REQUIRED,
  TaskState.TASK_STATE_AUTH_REQUIRED,
]);

/** What a peer has said so far, put together from whatever it sends. */
export class PeerAnswer {
  taskId: string | undefined;
  contextId: string | undefined;
  state = TaskState.TASK_STATE_UNSPECIFIED;
  #message: Message | undefined;
  #statusText = '';
  readonly #artifacts = new Map<string, string>();

  /** Takes what came in; gives back the text that is new, for whoever follows. */
  add({ payload }: StreamResponse): string {
    switch (payload?.$case) {
      case 'message':
        this.#message = payload.value;
        this.contextId = payload.value.contextId || this.contextId;
        return textOf(payload.value.parts);
      case 'task':
        this.#addTask(payload.value);
        return '';
      case 'statusUpdate':
        this.taskId ??= payload.value.taskId || undefined;
        this.contextId ??= payload.value.contextId || undefined;
        this.#setStatus(payload.value.status);
        return '';
      case 'artifactUpdate': {
        const { append, artifact } = payload.value;
        return artifact ? this.#addArtifact(artifact, append) : '';
      }
      default:
        return '';
    }
  }

  /** Whether nothing more comes by itself. */
  get isResting(): boolean {
    return this.#message !== undefined || RESTING.has(this.state);
  }

  get isMessage(): boolean {
    return this.#message !== undefined;
  }

  get text(): string {
    const parts = this.#message
      ? [textOf(this.#message.parts)]
      : [...this.#artifacts.values()];
    const said = parts.filter(Boolean).join('\n\n') || this.#statusText;
    return cut(said.trim());
  }

  /** What the peer says of its state. */
  get statusText(): string {
    return cut(this.#statusText.trim());
  }

  #addTask(task: Task): void {
    this.taskId = task.id || this.taskId;
    this.contextId = task.contextId || this.contextId;
    this.#setStatus(task.status);
    if (task.artifacts.length) {
      this.#artifacts.clear();
      task.artifacts.forEach(artifact => this.#addArtifact(artifact, false));
    }
  }

  #setStatus(status: Task['status']): void {
    if (status) {
      this.state = status.state;
      this.#statusText = status.message ? textOf(status.message.parts) : '';
    }
  }

  #addArtifact({ artifactId, parts }: Artifact, append: boolean): string {
    const before = this.#artifacts.get(artifactId);
    if (before === undefined && this.#artifacts.size >= MAX_ARTIFACTS) {
      return '';
    }
    const text = textOf(parts);
    this.#artifacts.set(
      artifactId,
      append ? cut((before ?? '') + text) : cut(text),
    );
    // What replaces something cannot be taken back from whoever reads along.
    return append || before === undefined ? text : '';
  }
}

/** Parts in words. Files are named and not read; links are told, not followed. */
function textOf(parts: Part[]): string {
  return parts
    .map(({ content, filename }) => {
      switch (content?.$case) {
        case 'text':
          return content.value;
        case 'data':
          // Not indented: of what is nested deep that would be far more than was sent.
          return `\`\`\`json\n${JSON.stringify(
            bounded(content.value),
          )}\n\`\`\``;
        case 'url':
          return `${filename || 'File'}: ${content.value}`;
        case 'raw':
          return `[${filename || 'file'}, ${
            content.value.byteLength
          } bytes, left out]`;
        default:
          return '';
      }
    })
    .filter(Boolean)
    .join('\n\n');
}

function cut(text: string): string {
  return text.length > MAX_CHARACTERS
    ? `${text.slice(0, MAX_CHARACTERS)}\n\n[The rest was left out.]`
    : text;
}
