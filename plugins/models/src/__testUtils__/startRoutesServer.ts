import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  ComplexityCalibrationSummary,
  RouteChange,
  RouteDetails,
  RoutePreview,
} from '@agentportal/plugin-models-common';

/** A route with what a test does not care about filled in. */
export function route(
  name: string,
  parts: Partial<RouteDetails> = {},
): RouteDetails {
  return {
    name,
    ref: `model:default/${name}`,
    title: name,
    ownerRef: 'group:default/platform',
    strategy: 'priority',
    candidates: [],
    fallbacks: [],
    source: 'catalog',
    inCatalog: true,
    mayEdit: true,
    yaml: `kind: Model\nmetadata:\n  name: ${name}\n`,
    ...parts,
  };
}

/** Speaks the routes' part of the API, with what a test puts into its state. */
export async function startRoutesServer() {
  const state = {
    routes: [] as RouteDetails[],
    history: [] as RouteChange[],
    learned: [] as ComplexityCalibrationSummary[],
    preview: undefined as RoutePreview | undefined,
    /** A refusal for previews and saves. */
    refusal: undefined as string | undefined,
    broken: false,
    saved: [] as unknown[],
    reverted: [] as string[],
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const send = (status: number, body?: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(body && JSON.stringify(body));
    };
    const refuse = (status: number, name: string, message: string) =>
      send(status, {
        error: { name, message },
        request: { method: request.method, url: pathname },
        response: { statusCode: status },
      });
    const text = await new Response(request as never).text().catch(() => '');
    const name = pathname.split('/')[2];
    const found = state.routes.find(each => each.name === name);
    if (state.broken) {
      return refuse(500, 'Error', 'database is locked');
    }
    if (pathname === '/routes') {
      const q = searchParams.get('q') ?? '';
      return send(200, {
        items: state.routes.filter(each => each.name.includes(q)),
      });
    }
    if (request.method !== 'GET' && state.refusal) {
      return refuse(400, 'InputError', state.refusal);
    }
    if (pathname === '/routes/preview') {
      return send(200, state.preview);
    }
    if (pathname === '/complexity/calibrations') {
      return send(200, { items: state.learned });
    }
    if (pathname.endsWith('/history')) {
      return send(200, { items: state.history });
    }
    if (request.method === 'PUT') {
      state.saved.push(JSON.parse(text));
      return send(200, found ?? route(name));
    }
    if (request.method === 'DELETE') {
      state.reverted.push(name);
      response.writeHead(204).end();
      return undefined;
    }
    return found ? send(200, found) : refuse(404, 'NotFoundError', 'No route.');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    state,
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}
