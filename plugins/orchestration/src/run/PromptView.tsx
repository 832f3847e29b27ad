import { CopyButton } from '@agentportal/plugin-agents-react';
import { JsonView, readable } from './JsonView';
import styles from './run.module.css';

interface PromptMessage {
  role: string;
  content?: unknown;
  toolCalls?: unknown;
}

function messagesOf(input: unknown): PromptMessage[] | undefined {
  const { messages } = (input ?? {}) as { messages?: unknown };
  return Array.isArray(messages) &&
    messages.every(message => typeof message?.role === 'string')
    ? messages
    : undefined;
}

const ROLES: Record<string, string> = {
  system: 'Instructions',
  user: 'Person',
  assistant: 'Agent',
  tool: 'Tool result',
};

/** What a model was sent, message by message; the rest of the request below. */
export function PromptView(props: { title: string; input: unknown }) {
  const { title, input } = props;
  const messages = messagesOf(input);
  if (!messages) {
    return <JsonView title={title} value={input} />;
  }
  const { messages: _, ...rest } = input as Record<string, unknown>;
  return (
    <>
      <section className={styles.json} aria-label={title}>
        <div className={styles.jsonHead}>
          <h4 className={styles.jsonTitle}>{title}</h4>
          <CopyButton text={readable(input)} what="input" />
        </div>
        {/* Focusable, so that the keyboard can scroll it. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className={styles.prompt} tabIndex={0} aria-label={title}>
          {messages.map((message, index) => (
            // Messages are never reordered.
            // eslint-disable-next-line react/no-array-index-key
            <div key={index} className={styles.promptMessage}>
              <div className={styles.promptRole}>
                {ROLES[message.role] ?? message.role}
              </div>
              {message.content !== undefined &&
                message.content !== null &&
                message.content !== '' && (
                  <div className={styles.promptText}>
                    {readable(message.content)}
                  </div>
                )}
              {message.toolCalls !== undefined && (
                <div className={styles.promptText}>
                  {readable(message.toolCalls)}
                </div>
              )}
            </div>
          ))}
        </div>
      </section>
      {Object.keys(rest).length > 0 && (
        <JsonView title="Rest of the request" value={rest} />
      )}
    </>
  );
}
