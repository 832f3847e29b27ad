import { once } from 'node:events';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import type { Request, Response, Router } from 'express';
import type { CostsApi } from './CostsApi';

/** Lines are sent in parts of about so many characters. */
const PART = 64 * 1024;

/** The routes of costs; requests are validated against the document before. */
export function addCostRoutes(
  router: Router,
  costs: CostsApi,
  caller: (request: Request) => Promise<BackstageCredentials>,
): void {
  router.get('/costs', async (request, response) => {
    const query = request.query as unknown as Parameters<
      typeof costs.getCosts
    >[0];
    response.json(await costs.getCosts(query, await caller(request)));
  });
  router.get('/costs/forecast', async (request, response) => {
    response.json(await costs.forecast(request.query, await caller(request)));
  });
  router.get('/costs/focus.csv', async (request, response) => {
    const { lines, name } = await costs.focus(
      request.query,
      await caller(request),
    );
    response.setHeader(
      'content-type',
      'text/csv; charset=utf-8; header=present',
    );
    response.setHeader('content-disposition', `attachment; filename="${name}"`);
    response.setHeader('cache-control', 'no-store');
    await sendLines(lines, response);
  });
}

/** As fast as the reader reads, so that nothing piles up. */
async function sendLines(
  lines: AsyncGenerator<string>,
  response: Response,
): Promise<void> {
  let part = '';
  try {
    for await (const line of lines) {
      part += line;
      if (part.length >= PART) {
        if (!response.write(part)) {
          await Promise.race([
            once(response, 'drain'),
            once(response, 'close'),
          ]);
        }
        part = '';
      }
      if (response.destroyed) {
        return;
      }
    }
    response.end(part);
  } catch (error) {
    if (!response.headersSent) {
      throw error;
    }
    // Part of it is on its way already: only a broken connection tells that the
    // rest is missing.
    response.destroy(error as Error);
  }
}
