// Somebody asks an agent for what it may not do alone. Its run stops before the call and says so in the chat; the portal
// is restarted; an owner of the agent, in another browser, reads the exact arguments, changes one and approves; the run
// goes on with what was approved, and whoever asked sees who changed what.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  launch,
  pageOf,
  picture,
  portalUrl,
  restartPortal,
} from './support/browser.mjs';

const SUBJECT = 'Your parcel is late';
const ASKED = 'We are sorry for the delay and refund you 340 EUR.';
const APPROVED = 'We are sorry for the delay and refund you 150 EUR.';
const QUESTION = `Send an email for order NH-10244 with the subject "${SUBJECT}" and the message "${ASKED}"`;

let browser;
let asker;
let owner;

before(async () => {
  browser = await launch();
  [asker, owner] = await Promise.all([
    pageOf(browser, 'Dario Conti'),
    pageOf(browser, 'Elin Marklund'),
  ]);
});

after(async () => {
  await browser?.close();
});

const requests = page => page.getByRole('link', { name: 'Approvals' });
const card = () =>
  asker.page.getByRole('region', { name: 'Waits for a person' });

test('a run stops before the call, and says what it would do and who was asked', async () => {
  const { page } = asker;
  await page.goto(`${portalUrl}/catalog/default/agent/letter-desk/chat`);
  await page.getByRole('textbox', { name: /Message/ }).fill(QUESTION);
  await page.keyboard.press('Enter');
  await card()
    .getByText(/refund you 340 EUR/)
    // On a busy machine the built-in model takes its time.
    .waitFor({ timeout: 60_000 });
  await card()
    .getByText(/Asked:/)
    .waitFor();
  await picture(page, '90-approvals-chat-waits');
});

test('who asked may not decide, and reads why in a sentence', async () => {
  const { page } = asker;
  await card().getByRole('link', { name: 'See the request' }).click();
  const request = page.getByRole('article', { name: /refund you 340 EUR/ });
  await request.getByRole('note').waitFor();
  assert.equal(
    await request.getByRole('button', { name: 'Approve' }).count(),
    0,
  );
  await picture(page, '91-approvals-own-request');
  await page.goBack();
  await card().waitFor();
});

test('the portal is restarted, and the request still waits for the owner', async t => {
  // What a page asks while the portal is away fails, and is no fault of it.
  const known = [asker.problems.length, owner.problems.length];
  const since = performance.now();
  await restartPortal();
  t.diagnostic(
    `restarted in ${((performance.now() - since) / 1000).toFixed(1)} s`,
  );
  await owner.page.goto(portalUrl);
  await requests(owner.page).getByText('1', { exact: true }).waitFor();
  asker.problems.length = known[0];
  owner.problems.length = known[1];
});

test('the owner changes the message by keyboard and approves, and the run goes on', async () => {
  const { page } = owner;
  await requests(page).click();
  await page.getByRole('article', { name: /refund you 340 EUR/ }).waitFor();
  await picture(page, '92-approvals-page');
  await page.keyboard.press('e');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: /message/ }).fill(APPROVED);
  await picture(page, '93-approvals-edit');
  await dialog.getByRole('button', { name: 'Approve it as changed' }).click();
  await page.getByText('Nothing else waits here.').waitFor();
  await page.getByText(/with other arguments/).waitFor();
  await picture(page, '94-approvals-approved');

  await card().waitFor({ state: 'hidden', timeout: 60_000 });
  await asker.page
    .getByText(/approved it with message/)
    .first()
    .waitFor({ timeout: 60_000 });
  await picture(asker.page, '95-approvals-chat-goes-on');
  await asker.page.getByRole('link', { name: 'Open the run' }).first().click();
  await asker.page
    .getByRole('option', { name: /Send customer email/ })
    .or(asker.page.getByText('Send customer email'))
    .first()
    .click();
  await asker.page
    .getByText(/refund you 150 EUR/)
    .first()
    .waitFor();
  assert.deepEqual([...asker.problems, ...owner.problems], []);
});
