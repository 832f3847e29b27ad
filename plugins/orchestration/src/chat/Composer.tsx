import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  forwardRef,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
} from 'react';
import { Button } from '@backstage/ui';
import { RiSendPlane2Line, RiStopCircleLine } from '@remixicon/react';
import { orchestrationTranslationRef } from '../translation';
import styles from './chat.module.css';

/** What others may do with the composer. */
export interface ComposerHandle {
  focus(): void;
  /** Writes a question for the person to read, change and send. */
  fill(text: string): void;
}

const TALLEST_PX = 200;

/** What an agent reads with care; longer texts belong into a file or a link. */
const LONGEST = 4_000;

/** The counter appears when the end comes near. */
const COUNT_FROM = 3_200;

const NUMBER = new Intl.NumberFormat('en');

/** Where a question is written: Enter sends, Shift and Enter makes a new line. */
export const Composer = forwardRef<
  ComposerHandle,
  {
    agentTitle: string;
    isBusy: boolean;
    isStopping: boolean;
    onSend: (message: string) => void;
    onStop: () => void;
  }
>((props, ref) => {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { agentTitle, isBusy, isStopping, onSend, onStop } = props;
  const [text, setText] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const counterId = useId();
  useImperativeHandle(ref, () => ({
    focus: () => area.current?.focus({ preventScroll: true }),
    fill: given => {
      setText(given);
      area.current?.focus();
    },
  }));

  useLayoutEffect(() => {
    const element = area.current;
    if (element) {
      element.style.height = 'auto';
      element.style.height = text
        ? `${Math.min(element.scrollHeight, TALLEST_PX)}px`
        : 'auto';
    }
  }, [text]);
  const { length } = text.trim();
  const isTooLong = length > LONGEST;
  const canSend = length > 0 && !isTooLong && !isBusy;
  const send = () => {
    if (canSend) {
      onSend(text.trim());
      setText('');
      area.current?.focus();
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
        aria-label={t('composer.messageTo', { agentTitle })}
        placeholder={t('composer.ask', { agentTitle })}
        aria-invalid={isTooLong}
        aria-describedby={counterId}
        value={text}
        onChange={event => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <p
        id={counterId}
        className={styles.counter}
        data-too-long={isTooLong}
        role="status"
      >
        {length >= COUNT_FROM &&
          t('composer.ofCharacters', {
            length: NUMBER.format(length),
            longest: NUMBER.format(LONGEST),
          })}
        {isTooLong &&
          t('composer.shortenItByOrAsk', {
            excess: NUMBER.format(length - LONGEST),
          })}
      </p>
      {isBusy ? (
        <Button
          variant="secondary"
          iconStart={<RiStopCircleLine />}
          isPending={isStopping}
          onPress={onStop}
        >
          {isStopping ? t('composer.stopping') : t('composer.stop')}
        </Button>
      ) : (
        <Button
          type="submit"
          variant="primary"
          iconStart={<RiSendPlane2Line />}
          isDisabled={!canSend}
        >
          {t('composer.send')}
        </Button>
      )}
    </form>
  );
});

Composer.displayName = 'Composer';
