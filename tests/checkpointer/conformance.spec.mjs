// LangGraph's own validation of checkpointers, on the database that the
// environment names; run by vitest, for which it is written.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { KnexCheckpointer } from '../../plugins/orchestration-backend/src/checkpoints/KnexCheckpointer';
import { connect } from '../money/connect';

const { CHECKPOINTER_DATABASE, CHECKPOINTER_TOOLS, CHECKPOINTER_KEY } =
  process.env;
const { validate, deltaChannelHistoryTests } = await import(
  pathToFileURL(
    path.join(
      CHECKPOINTER_TOOLS,
      'node_modules/@langchain/langgraph-checkpoint-validation/dist/index.js',
    ),
  ).href
);

const knex = connect(CHECKPOINTER_DATABASE);
const initializer = {
  checkpointerName: 'KnexCheckpointer',
  async beforeAll() {
    await knex.migrate.latest({
      directory: path.resolve('plugins/orchestration-backend/migrations'),
    });
  },
  async createCheckpointer() {
    await knex('orchestration_checkpoint_threads').delete();
    return KnexCheckpointer.create({
      knex,
      keys: CHECKPOINTER_KEY ? [{ id: '1', secret: CHECKPOINTER_KEY }] : [],
    });
  },
  afterAll: () => knex.destroy(),
};
validate(initializer);
// Not part of the whole, for what is newer than it.
deltaChannelHistoryTests(initializer);
