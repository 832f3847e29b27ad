import { saveFile } from '@agentportal/plugin-agents-react';
import type { Run, RunStep } from '@agentportal/plugin-orchestration-common';
import { coreApis, useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  ButtonIcon,
  Menu,
  MenuItem,
  MenuSeparator,
  MenuTrigger,
} from '@backstage/ui';
import { RiMore2Line, RiRestartLine } from '@remixicon/react';
import { useState } from 'react';
import { isFinal } from '../run/useRun';
import { failedStep, mayChooseModel } from './canRepeat';
import { ForkDialog } from './ForkDialog';
import { useRepeat } from './useRepeat';
import styles from './repeat.module.css';

/** Messages are in the run once; in each step that was sent them they would be there again. */
function leanStep(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || !value || !('inputMessages' in value)) {
    return value;
  }
  const { messages: _, ...input } = (value as RunStep).input as {
    messages?: unknown;
  };
  return { ...value, input };
}

/** What one can do with a run: repeat it, and take it along. */
export function RunActions(props: { run: Run; mayRepeat: boolean }) {
  const { run, mayRepeat } = props;
  const toastApi = useApi(coreApis.toast);
  const { repeat, isPending } = useRepeat();
  const [isForking, setForking] = useState(false);
  const hasEnded = isFinal(run);
  const failed = run.status === 'failed' ? failedStep(run) : undefined;

  const copyLink = async () => {
    // With the view and the step that are looked at.
    const link = window.location.href;
    try {
      await navigator.clipboard.writeText(link);
      toastApi.post({ title: 'The link is copied', status: 'success' });
    } catch {
      // Browsers refuse on plain http and without focus.
      toastApi.post({
        title: 'The browser did not let us copy. This is the link:',
        description: link,
        status: 'warning',
      });
    }
  };
  const download = () =>
    saveFile(
      `run-${run.id}.json`,
      new Blob([JSON.stringify(run, leanStep, 2)], {
        type: 'application/json',
      }),
    );
  return (
    <div className={styles.actions}>
      {mayRepeat && hasEnded && (
        <Button
          variant="secondary"
          iconStart={<RiRestartLine />}
          isPending={isPending}
          onPress={() => repeat(run.id, failed?.index)}
        >
          {run.status === 'failed' ? 'Retry' : 'Run again'}
        </Button>
      )}
      <MenuTrigger>
        <ButtonIcon
          variant="secondary"
          icon={<RiMore2Line />}
          aria-label="More to do with the run"
        />
        <Menu
          onAction={key => {
            if (key === 'again') repeat(run.id);
            else if (key === 'model') setForking(true);
            else if (key === 'link') copyLink();
            else download();
          }}
        >
          {mayRepeat && hasEnded && failed && (
            <MenuItem id="again">Run again from the start</MenuItem>
          )}
          {mayRepeat && mayChooseModel(run) && (
            <MenuItem id="model" isDisabled={!hasEnded}>
              {hasEnded
                ? 'Run again with another model…'
                : 'Run again, once it has ended'}
            </MenuItem>
          )}
          {mayRepeat && <MenuSeparator />}
          <MenuItem id="link">Copy link</MenuItem>
          <MenuItem id="json">Download as JSON</MenuItem>
        </Menu>
      </MenuTrigger>
      {isForking && <ForkDialog run={run} onClose={() => setForking(false)} />}
    </div>
  );
}
