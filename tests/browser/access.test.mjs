// What an owner does on the Access page of an agent: reads, makes a credential that a program uses, asks what could be,
// and stops the agent while it works.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, pageOf, picture, portalUrl } from './support/browser.mjs';

const AGENT = 'agent:default/order-desk';
const PERSON = 'user:default/elin.marklund';
const TITLE = 'Parcel robot';
const STOPS_WITHIN_MS = 5_000;

let browser;
let page;
let problems;
let secret;
let token;

before(async () => {
  browser = await launch();
  ({ page, problems } = await pageOf(browser, 'Elin Marklund'));
});

after(async () => {
  await browser?.close();
});

/** What the person's own session has, as a program that works for the person is given it. */
async function personToken() {
  const response = await fetch(`${portalUrl}/api/auth/example/refresh`, {
    headers: {
      'x-requested-with': 'XMLHttpRequest',
      'x-example-person': PERSON,
    },
  });
  return (await response.json()).backstageIdentity.token;
}

/** The token request that the page shows to who made the credential. */
async function exchange() {
  return fetch(`${portalUrl}/api/auth/agent/token`, {
    method: 'POST',
    body: new URLSearchParams({
      client_id: AGENT,
      client_secret: secret,
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token: await personToken(),
    }),
  });
}

/** What a program does with its token: it calls a tool at the gateway. */
async function callTool() {
  return fetch(`${portalUrl}/api/tools/tools/orders.find_order/call`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ arguments: { orderId: 'NH-10042' } }),
  });
}

const part = name => page.getByRole('region', { name });

test('reads what the agent may do, why and by whose decision', async () => {
  await page.goto(`${portalUrl}/catalog/default/agent/order-desk/access`);
  await part('State').getByText('May act').waitFor();
  await part('Tools')
    .getByRole('link', { name: 'Track shipment' })
    .first()
    .waitFor();
  await part('Hand-offs')
    .getByText(/may hand work to/)
    .first()
    .waitFor();
  assert.doesNotMatch(
    await part('What it may do').innerText(),
    /(tool|model|agent|group):default/,
  );
  await picture(page, '50-access');
});

test('makes a credential, and a program gets a token with it', async () => {
  await page.getByRole('button', { name: 'New credential' }).click();
  await page.getByRole('textbox', { name: /Where is it used/ }).fill(TITLE);
  await page.getByRole('button', { name: 'Make the credential' }).click();
  secret = await page.getByLabel('Secret', { exact: true }).innerText();
  await picture(page, '51-access-secret');
  await page.getByRole('button', { name: 'I have stored it' }).click();
  await page.getByRole('row', { name: new RegExp(TITLE) }).waitFor();

  const answer = await exchange();
  assert.equal(answer.status, 200, await answer.clone().text());
  token = (await answer.json()).access_token;
  assert.equal((await callTool()).status, 200);
  await part('Work under way')
    .getByRole('row', { name: /Elin Marklund/ })
    .first()
    .waitFor();
});

test('asks what the agent could do', async () => {
  const form = part('Could it …?');
  await form.getByRole('textbox', { name: /orderId/ }).fill('NH-10042');
  await form.getByRole('button', { name: 'Ask' }).click();
  await form.getByText('Yes, it could').waitFor();
  await picture(page, '52-access-could-it');
});

test('suspends it, and what it works on stops within five seconds', async () => {
  await page.getByRole('button', { name: 'Suspend', exact: true }).click();
  await page.getByRole('textbox', { name: /Why/ }).fill('Its answers look odd');
  await picture(page, '53-access-suspend');
  await page.getByRole('button', { name: 'Suspend Order Desk' }).click();
  const since = Date.now();
  await part('State')
    .getByText(/Suspended by/)
    .waitFor();
  let refused;
  do {
    refused = await callTool();
  } while (refused.ok && Date.now() - since < STOPS_WITHIN_MS);
  assert.ok([401, 403].includes(refused.status), `${refused.status}`);
  assert.ok(Date.now() - since < STOPS_WITHIN_MS);
  await part('Work under way').getByText('Held').first().waitFor({
    timeout: STOPS_WITHIN_MS,
  });
  assert.notEqual((await exchange()).status, 200);
  await picture(page, '54-access-suspended');
});

test('resumes it, and revokes what the program held', async () => {
  await page.getByRole('button', { name: 'Resume', exact: true }).click();
  await page.getByRole('textbox', { name: /Why/ }).fill('It was looked at');
  await page.getByRole('button', { name: 'Resume Order Desk' }).click();
  await part('State').getByText('May act').waitFor();
  assert.equal((await exchange()).status, 200);

  await page.getByRole('button', { name: `Actions on ${TITLE}` }).click();
  await page.getByRole('menuitem', { name: 'Revoke' }).click();
  await page.getByRole('button', { name: 'Revoke the credential' }).click();
  await page
    .getByRole('row', { name: new RegExp(`${TITLE}.*Revoked`) })
    .waitFor();
  assert.equal((await exchange()).status, 401);
  assert.deepEqual(problems, []);
});

test('tells somebody else whom to ask', async () => {
  const { page: other, problems: faults } = await pageOf(
    browser,
    'Dario Conti',
  );
  await other.goto(`${portalUrl}/catalog/default/agent/order-desk/access`);
  await other
    .getByText('What Order Desk may do is for those who own it to see.')
    .waitFor();
  await picture(other, '55-access-not-for-you');
  assert.deepEqual(faults, []);
  await other.context().close();
});
