import {
  CopiedSection,
  JsonView,
  readable,
} from '@agentportal/plugin-agents-react';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { orchestrationTranslationRef } from '../translation';
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

const ROLES = ['system', 'user', 'assistant', 'tool'] as const;

/** A long run sends hundreds of messages with each call; of those before, the first one counts, which has the instructions. */
const LATEST = 30;

function Message({ message }: { message: PromptMessage }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { content, role, toolCalls } = message;
  const known = ROLES.find(each => each === role);
  return (
    <div className={styles.promptMessage}>
      <div className={styles.promptRole}>
        {known ? t(`promptView.roles.${known}`) : role}
      </div>
      {content !== undefined && content !== null && content !== '' && (
        <div className={styles.promptText}>{readable(content)}</div>
      )}
      {toolCalls !== undefined && (
        <div className={styles.promptText}>{readable(toolCalls)}</div>
      )}
    </div>
  );
}

/** What a model was sent, message by message; the rest of the request below. */
export function PromptView(props: { title: string; input: unknown }) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { title, input } = props;
  const messages = messagesOf(input);
  const text = useMemo(() => readable(input), [input]);
  const [allOf, setAllOf] = useState<unknown>();
  if (!messages) {
    return <JsonView title={title} value={input} />;
  }
  const hidden =
    allOf === input ? 0 : Math.max(0, messages.length - 1 - LATEST);
  const { messages: _, ...rest } = input as Record<string, unknown>;
  return (
    <>
      <CopiedSection title={title} text={text}>
        {/* Focusable, so that the keyboard can scroll it. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className={styles.prompt} tabIndex={0} aria-label={title}>
          {hidden > 0 && <Message message={messages[0]} />}
          {hidden > 0 && (
            <Button
              size="small"
              variant="tertiary"
              onPress={() => setAllOf(input)}
            >
              {t('promptView.showMoreMessages', { hidden: String(hidden) })}
            </Button>
          )}
          {messages.slice(hidden && hidden + 1).map((message, index) => (
            // Messages are never reordered.
            // eslint-disable-next-line react/no-array-index-key
            <Message key={index} message={message} />
          ))}
        </div>
      </CopiedSection>
      {Object.keys(rest).length > 0 && (
        <JsonView title={t('promptView.restOfTheRequest')} value={rest} />
      )}
    </>
  );
}
