import { coreApis } from '@backstage/frontend-plugin-api';
import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen } from '@testing-library/react';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ExampleSignInPage } from './ExampleSignInPage';

let server: Server;

/** The sign-in of a portal in production, which has neither the example company nor a guest. */
beforeEach(async () => {
  server = createServer((request, response) => {
    const isGuest = request.url!.startsWith('/guest/');
    response.writeHead(isGuest ? 403 : 404, {
      'content-type': 'application/json',
      'access-control-allow-origin': request.headers.origin ?? '*',
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'x-requested-with',
    });
    response.end(
      JSON.stringify({
        error: {
          name: 'NotAllowedError',
          message: 'The guest provider cannot be used in production',
        },
        response: { statusCode: 403 },
      }),
    );
  });
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
});

afterEach(() => new Promise(resolve => server.close(resolve)));

describe('the sign-in page', () => {
  it('offers nothing that is refused, and says what has to be configured', async () => {
    const { port } = server.address() as AddressInfo;
    const onSignInSuccess = jest.fn();
    await renderInTestApp(
      <ExampleSignInPage onSignInSuccess={onSignInSuccess} />,
      {
        apis: [
          [
            coreApis.discovery,
            { getBaseUrl: async () => `http://127.0.0.1:${port}` },
          ],
        ],
      },
    );
    expect(
      await screen.findByRole(
        'heading',
        { name: 'Nobody can sign in here yet' },
        { timeout: 10_000 },
      ),
    ).toBeInTheDocument();
    expect(screen.getByRole('link')).toHaveAttribute(
      'href',
      'https://backstage.io/docs/auth/',
    );
    expect(screen.getByText(/403 Forbidden/)).toBeInTheDocument();
    expect(screen.queryByRole('button')).not.toBeInTheDocument();
    expect(onSignInSuccess).not.toHaveBeenCalled();
  });
});
