// Somebody talks with an agent in one browser; its owner suspends it in another, while it answers. The answer stops
// within five seconds and says why, and both see at once that the agent is suspended.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, pageOf, picture, portalUrl } from './support/browser.mjs';

const PAGE = `${portalUrl}/catalog/default/agent/slow-talker`;
const STOPS_WITHIN_MS = 5_000;
const REASON = 'It does not stop talking.';

let browser;
let asker;
let owner;

before(async () => {
  browser = await launch();
  asker = await pageOf(browser, 'Dario Conti');
  owner = await pageOf(browser, 'Elin Marklund');
});

after(async () => {
  await browser?.close();
});

test('an agent answers for a long time', async () => {
  const { page } = asker;
  await page.goto(`${PAGE}/chat`);
  await page.getByRole('textbox', { name: /Message/ }).fill('Talk to me.');
  await page.keyboard.press('Enter');
  await page.getByText(/still still/).waitFor();
  await page.getByRole('button', { name: 'Stop' }).waitFor();
  await picture(page, '60-kill-switch-answering');
});

test('its owner suspends it, and the answer stops within five seconds and says why', async t => {
  const { page } = owner;
  await page.goto(`${PAGE}/access`);
  await page.getByRole('button', { name: 'Suspend', exact: true }).click();
  await page.getByRole('textbox', { name: /Why/ }).fill(REASON);
  await page.getByRole('button', { name: 'Suspend Slow Talker' }).click();
  const since = performance.now();
  const stopped = asker.page.getByText(
    /Slow Talker was suspended by .*It does not stop talking\./,
  );
  await stopped.first().waitFor();
  const tookMs = performance.now() - since;
  t.diagnostic(
    `the answer stopped ${(tookMs / 1000).toFixed(1)} s after the click`,
  );
  assert.ok(tookMs < STOPS_WITHIN_MS, `it took ${Math.round(tookMs)} ms`);
  assert.equal(
    await asker.page.getByRole('button', { name: 'Stop' }).count(),
    0,
  );
  await picture(asker.page, '61-kill-switch-stopped');
});

test('whoever looks sees who suspended it and why', async () => {
  const { page } = asker;
  await page
    .getByRole('banner')
    .or(page.locator('header'))
    .getByText(/Suspended by/)
    .first()
    .waitFor();
  // The tab *Access* says so itself, and not once more above.
  await owner.page
    .getByText(/Suspended by/)
    .first()
    .waitFor();
  await picture(owner.page, '62-kill-switch-owner');
  await page.goto(`${portalUrl}/agents?q=slow`);
  const card = page.getByRole('article', { name: 'Slow Talker' });
  await card.getByText(REASON).waitFor();
  assert.doesNotMatch(await card.innerText(), /Working|In production/);
  await picture(page, '63-kill-switch-list');
});
