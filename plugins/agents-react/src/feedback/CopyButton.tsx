import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEffect, useRef, useState } from 'react';
import {
  ButtonIcon,
  Tooltip,
  TooltipTrigger,
  VisuallyHidden,
} from '@backstage/ui';
import { RiCheckLine, RiFileCopyLine } from '@remixicon/react';
import { agentsReactTranslationRef } from '../translation';

/**
 * Props of {@link CopyButton}.
 *
 * @public
 */
export interface CopyButtonProps {
  /** What lands in the clipboard. */
  text: string;
  /** What it is: "run id". The button reads "Copy run id". */
  what?: string;
}

const FEEDBACK_MS = 2000;

type CopyState = 'idle' | 'copied' | 'failed';

/**
 * A small button that copies a text and says that it did.
 *
 * @public
 */
export function CopyButton(props: CopyButtonProps) {
  const { t } = useTranslationRef(agentsReactTranslationRef);
  const { text, what } = props;
  const [state, setState] = useState<CopyState>('idle');
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // Browsers refuse on plain http and without focus; the text stays selectable.
      setState('failed');
    }
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState('idle'), FEEDBACK_MS);
  };

  const label = what ? t('copy.copyWhat', { what }) : t('copy.copy');
  let announcement = '';
  if (state === 'copied') {
    announcement = t('copy.copied');
  } else if (state === 'failed') {
    announcement = t('copy.refused');
  }
  return (
    <>
      <TooltipTrigger>
        <ButtonIcon
          size="small"
          variant="tertiary"
          aria-label={label}
          icon={state === 'copied' ? <RiCheckLine /> : <RiFileCopyLine />}
          onPress={copy}
        />
        <Tooltip>{announcement || label}</Tooltip>
      </TooltipTrigger>
      <VisuallyHidden role="status">{announcement}</VisuallyHidden>
    </>
  );
}
