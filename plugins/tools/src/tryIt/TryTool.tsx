import { SchemaForm } from '@agentportal/plugin-agents-react';
import type { ToolCallResult, Tool } from '@agentportal/plugin-tools-common';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  Button,
  Dialog,
  DialogBody,
  DialogFooter,
  DialogHeader,
  Text,
} from '@backstage/ui';
import { useRef, useState } from 'react';
import { toolsApiRef } from '../api/toolsApiRef';
import { riskSentence } from '../detail/riskSentence';
import { FailedCall } from './FailedCall';
import { ToolResult } from './ToolResult';
import styles from './TryTool.module.css';

type Arguments = Record<string, unknown>;

/** A form made from the tool's schema; the call goes through the gateway, as an agent's would. */
export function TryTool({ tool }: { tool: Tool }) {
  const toolsApi = useApi(toolsApiRef);
  const [values, setValues] = useState<Arguments>({});
  const [asked, setAsked] = useState<Arguments>();
  const [result, setResult] = useState<ToolCallResult>();
  const [error, setError] = useState<Error>();
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController>();

  const call = async (args: Arguments) => {
    const controller = new AbortController();
    running.current = controller;
    setAsked(undefined);
    setBusy(true);
    setError(undefined);
    setResult(undefined);
    try {
      setResult(
        await toolsApi.callTool(tool.name, args, { signal: controller.signal }),
      );
    } catch (problem) {
      if (!controller.signal.aborted) setError(problem as Error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className={styles.root}>
      <SchemaForm
        schema={tool.inputSchema}
        values={values}
        isDisabled={!tool.allowed}
        onChange={setValues}
        onSubmit={args =>
          tool.riskTier === 'read' ? call(args) : setAsked(args)
        }
      >
        <div className={styles.actions}>
          <Button
            type="submit"
            variant="primary"
            isPending={busy}
            isDisabled={!tool.allowed}
          >
            Call the tool
          </Button>
          {busy && (
            <Button variant="tertiary" onPress={() => running.current?.abort()}>
              Stop
            </Button>
          )}
          {tool.allowed && (
            <Text variant="body-small" color="secondary">
              The call is made for real, in your name.
            </Text>
          )}
        </div>
      </SchemaForm>

      <div aria-live="polite">
        {error && <FailedCall tool={tool} error={error} />}
        {result && <ToolResult result={result} />}
      </div>

      <Dialog
        isOpen={asked !== undefined}
        onOpenChange={open => !open && setAsked(undefined)}
      >
        <DialogHeader>{`Call ${tool.title}?`}</DialogHeader>
        <DialogBody>
          <Text as="p">{riskSentence(tool)}</Text>
          <Text as="p">It will be called in your name with:</Text>
          <pre className={styles.code}>{JSON.stringify(asked, null, 2)}</pre>
        </DialogBody>
        <DialogFooter>
          <Button
            variant="primary"
            destructive={tool.riskTier === 'critical'}
            onPress={() => asked && call(asked)}
          >
            Call it
          </Button>
          <Button variant="secondary" onPress={() => setAsked(undefined)}>
            Cancel
          </Button>
        </DialogFooter>
      </Dialog>
    </div>
  );
}
