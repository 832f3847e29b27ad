import {
  forwardRef,
  useImperativeHandle,
  useRef,
  useState,
  type KeyboardEvent,
} from 'react';
import { Button } from '@backstage/ui';
import { RiSendPlane2Line, RiStopCircleLine } from '@remixicon/react';
import styles from './chat.module.css';

/** What others may do with the composer. */
export interface ComposerHandle {
  focus(): void;
}

const TALLEST_PX = 200;

/** Where a question is written: Enter sends, Shift and Enter makes a new line. */
export const Composer = forwardRef<
  ComposerHandle,
  {
    agentTitle: string;
    isBusy: boolean;
    isStopping: boolean;
    disabledReason?: string;
    onSend: (message: string) => void;
    onStop: () => void;
  }
>((props, ref) => {
  const { agentTitle, isBusy, isStopping, disabledReason, onSend, onStop } =
    props;
  const [text, setText] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  useImperativeHandle(ref, () => ({
    focus: () => area.current?.focus({ preventScroll: true }),
  }));

  const grow = () => {
    const element = area.current;
    if (element) {
      element.style.height = 'auto';
      element.style.height = `${Math.min(element.scrollHeight, TALLEST_PX)}px`;
    }
  };
  const canSend = text.trim() !== '' && !isBusy && !disabledReason;
  const send = () => {
    if (canSend) {
      onSend(text.trim());
      setText('');
      if (area.current) {
        area.current.style.height = 'auto';
        area.current.focus();
      }
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter belongs to it.
    if (
      event.key === 'Enter' &&
      !event.shiftKey &&
      !event.nativeEvent.isComposing
    ) {
      event.preventDefault();
      send();
    }
  };
  return (
    <form
      className={styles.composer}
      onSubmit={event => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={area}
        rows={1}
        className={styles.input}
        aria-label={`Message to ${agentTitle}`}
        placeholder={disabledReason ?? `Ask ${agentTitle}`}
        disabled={Boolean(disabledReason)}
        value={text}
        onChange={event => {
          setText(event.target.value);
          grow();
        }}
        onKeyDown={onKeyDown}
      />
      {isBusy ? (
        <Button
          variant="secondary"
          iconStart={<RiStopCircleLine />}
          isPending={isStopping}
          onPress={onStop}
        >
          Stop
        </Button>
      ) : (
        <Button
          type="submit"
          variant="primary"
          iconStart={<RiSendPlane2Line />}
          isDisabled={!canSend}
        >
          Send
        </Button>
      )}
    </form>
  );
});

Composer.displayName = 'Composer';
