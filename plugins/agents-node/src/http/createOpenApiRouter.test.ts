import { mockErrorHandler, mockServices } from '@backstage/backend-test-utils';
import { NotFoundError } from '@backstage/errors';
import express from 'express';
import request from 'supertest';
import { createOpenApiRouter } from './createOpenApiRouter';

const spec = {
  openapi: '3.1.0',
  info: { title: 'things', version: '1' },
  servers: [{ url: '/' }],
  paths: {
    '/things/{id}': {
      get: {
        operationId: 'getThing',
        parameters: [
          {
            name: 'id',
            in: 'path',
            required: true,
            schema: { type: 'string' },
          },
          {
            name: 'limit',
            in: 'query',
            schema: { type: 'integer', default: 3, maximum: 90 },
          },
        ],
        responses: { 200: { description: 'ok' } },
      },
      delete: {
        operationId: 'deleteThing',
        parameters: [
          {
            name: 'id',
            in: 'path',
            required: true,
            schema: { type: 'string' },
          },
        ],
        responses: { 204: { description: 'gone' } },
      },
    },
    '/things/check': {
      get: {
        operationId: 'checkThings',
        responses: { 200: { description: 'ok' } },
      },
    },
    '/things': {
      post: {
        operationId: 'createThing',
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: { $ref: '#/components/schemas/Thing' },
            },
          },
        },
        responses: {
          201: {
            description: 'made',
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/Made' },
              },
            },
          },
        },
      },
    },
  },
  components: {
    schemas: {
      Thing: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { $ref: '#/components/schemas/Name' },
          at: { type: 'string', format: 'date-time' },
        },
      },
      Name: { type: 'string', maxLength: 20, example: 'x' },
      Made: { type: 'object', properties: { name: { type: 'string' } } },
    },
  },
};

type Json<T> = { content: { 'application/json': T } };
interface Operations {
  getThing: {
    parameters: { path: { id: string }; query?: { limit?: number } };
    responses: { 200: Json<{ id: string; limit?: number }> };
  };
  deleteThing: {
    parameters: { path: { id: string } };
    responses: { 204: {} };
  };
  checkThings: { responses: { 200: Json<{ ok: boolean }> } };
  createThing: {
    requestBody: Json<{ name: string }>;
    responses: { 201: Json<{ name: string }> };
  };
}

const app = express()
  .use(
    '/api/things',
    createOpenApiRouter<Operations>({
      spec,
      httpAuth: mockServices.httpAuth(),
      handlers: {
        getThing: ({ path, query }) => {
          if (path.id === 'none') throw new NotFoundError('no thing none');
          return { id: path.id, limit: query.limit };
        },
        deleteThing: () => {},
        checkThings: () => ({ ok: true }),
        createThing: async ({ body }) => ({ name: body.name }),
      },
    }),
  )
  .use(mockErrorHandler());

describe('createOpenApiRouter', () => {
  it.each(['91', '1e308', '1e309', '-1e309', 'Infinity'])(
    'lets no number in that is beyond all numbers: %s',
    async limit => {
      const { status, body } = await request(app).get(
        `/api/things/things/one?limit=${limit}`,
      );
      expect([status, body.error.name]).toEqual([400, 'InputError']);
    },
  );

  it('routes by operation, with the defaults and statuses of the document', async () => {
    const { body } = await request(app).get('/api/things/things/a').expect(200);
    expect(body).toEqual({ id: 'a', limit: 3 });
    await request(app)
      .get('/api/things/things/check')
      .expect(200, { ok: true });
    await request(app).delete('/api/things/things/a').expect(204);
    await request(app)
      .post('/api/things/things')
      .send({ name: 'x' })
      .expect(201, { name: 'x' });
  });

  it('shows the whole document, answers included, with the paths that callers use', async () => {
    const { body } = await request(app)
      .get('/api/things/openapi.json')
      .expect(200);
    expect(body).toEqual({
      ...spec,
      paths: {
        '/api/things/things/{id}': spec.paths['/things/{id}'],
        '/api/things/things/check': spec.paths['/things/check'],
        '/api/things/things': spec.paths['/things'],
      },
    });
  });

  it('answers what does not fit with 400 and words', async () => {
    const { body } = await request(app)
      .post('/api/things/things')
      .send({ nme: 'x' })
      .expect(400);
    expect(body.error).toMatchObject({
      name: 'InputError',
      message: expect.stringContaining('name'),
    });
    await request(app)
      .post('/api/things/things')
      .send({ name: 'x'.repeat(21) })
      .expect(400);
    const deep = await request(app)
      .post('/api/things/things')
      .set('content-type', 'application/json')
      .send(`{"name":${'['.repeat(40_000)}${']'.repeat(40_000)}}`);
    expect([deep.status, deep.body.error.message]).toEqual([
      400,
      expect.stringContaining('nested more than'),
    ]);
    await request(app).get('/api/things/things/a?limit=many').expect(400);
    await request(app)
      .post('/api/things/things')
      .set('content-type', 'application/json')
      .send('{"name"')
      .expect(400);
  });

  it.each([
    ['2026-11-28T10:00:00Z', 201],
    ['2026-11-28T10:00:00.123+01:00', 201],
    ['2026-19-39T00:00:00Z', 400],
    ['2026-02-28T23:59:60Z', 400],
    ['2026-11-28', 400],
    ['soon', 400],
  ])('takes only times that there are: %s', async (at, status) => {
    await request(app)
      .post('/api/things/things')
      .send({ name: 'x', at })
      .expect(status);
  });

  it('lets no id and no filter hold what a database cannot', async () => {
    await request(app).get('/api/things/things/a%00b').expect(400);
    await request(app).get('/api/things/things/a%2500b').expect(200);
  });

  it('answers unknown paths and methods with the error envelope', async () => {
    for (const call of [
      request(app).get('/api/things/nothing'),
      request(app).patch('/api/things/things/a'),
    ]) {
      const { body } = await call.expect(404);
      expect(body.error).toMatchObject({
        name: 'NotFoundError',
        message: expect.stringContaining('/api/things/'),
      });
    }
  });

  it('passes on what a handler throws', async () => {
    const { body } = await request(app)
      .get('/api/things/things/none')
      .expect(404);
    expect(body.error.message).toBe('no thing none');
  });
});
