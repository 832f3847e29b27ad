import { mockErrorHandler } from '@backstage/backend-test-utils';
import express from 'express';
import request from 'supertest';
import { jsonBody } from './jsonBody';

const app = express();
app.use(jsonBody('1mb'));
app.post('/', (req, res) => {
  res.json(req.body);
});
app.use(mockErrorHandler());

const post = (body: string) =>
  request(app).post('/').set('content-type', 'application/json').send(body);
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

it('a body is parsed, and one of brackets and nothing in them is refused before', async () => {
  expect((await post('{"a":["[[["]}')).body).toEqual({ a: ['[[['] });
  expect((await post(nested(150))).status).toBe(200);
  const deep = await post(nested(400_000));
  expect(deep.status).toBe(400);
  expect(deep.text).toContain('nested more than 200 levels deep');
});
