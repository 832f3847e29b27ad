import type { KeyWithSecret, NewKey } from '@agentportal/plugin-models-common';
import { mockCredentials } from '@backstage/backend-test-utils';

/** Sends requests about keys to a models plugin, as a person. */
export function keyRequests(url: string) {
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    token = mockCredentials.user.token(),
  ) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      body: text ? JSON.parse(text) : undefined,
    };
  };
  const create = async (key: Partial<NewKey> = {}): Promise<KeyWithSecret> => {
    const { body, status, text } = await send('POST', '/keys', {
      title: 'Nightly report',
      ownerRef: 'group:default/care',
      models: ['fake/good'],
      ...key,
    });
    if (status !== 201) {
      throw new Error(`The key was not made: ${text}`);
    }
    return body;
  };
  const chat = async (secret: string, model = 'fake/good') => {
    const response = await fetch(`${url}/openai/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${secret}` },
      body: JSON.stringify({
        model,
        messages: [{ role: 'user', content: 'Hello' }],
      }),
    });
    return {
      status: response.status,
      body: await response.json(),
      callId: response.headers.get('x-agent-portal-call-id'),
    };
  };
  return { send, create, chat };
}
