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
import Form from '@rjsf/core';
import type { RJSFSchema } from '@rjsf/utils';
import validator from '@rjsf/validator-ajv8';
import { useMemo, useRef, useState } from 'react';
import { toolsApiRef } from '../api/toolsApiRef';
import { riskSentence } from '../detail/riskSentence';
import { FailedCall } from './FailedCall';
import { ToolResult } from './ToolResult';
import { fields } from './formFields';
import { templates, widgets } from './formTheme';
import { uiSchemaOf } from './uiSchemaOf';
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
  const root = useRef<HTMLDivElement>(null);
  const schema = useMemo(() => formSchemaOf(tool.inputSchema), [tool]);
  const uiSchema = useMemo(() => uiSchemaOf(schema), [schema]);

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
    <div ref={root} className={styles.root}>
      <Form
        schema={schema}
        validator={validator}
        widgets={widgets}
        templates={templates}
        fields={fields}
        uiSchema={uiSchema}
        formData={values}
        disabled={!tool.allowed}
        showErrorList={false}
        noHtml5Validate
        onError={() => focusFirstProblem(root.current)}
        onChange={({ formData }) => setValues(formData ?? {})}
        onSubmit={({ formData }) =>
          tool.riskTier === 'read'
            ? call(formData ?? {})
            : setAsked(formData ?? {})
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
      </Form>

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

function focusFirstProblem(form: HTMLElement | null) {
  form?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
}

// The form's validator knows draft 7; MCP schemas name 2020-12 but rarely use what is new in it.
// The gateway validates against the schema as it is.
function formSchemaOf(schema: Record<string, unknown>): RJSFSchema {
  const {
    $schema: _dialect,
    title: _title,
    description: _text,
    ...rest
  } = schema;
  return rest as RJSFSchema;
}
