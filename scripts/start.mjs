// `npm start`: from a fresh clone to a working portal, and every start after it.
import { main, setup } from './setup/index.mjs';
import { servePortal } from './setup/servePortal.mjs';

await main(async () => (await servePortal(await setup())).untilItEnds());
