// What somebody of the platform team does: limits spending, gives a program a key, changes a route, exports costs.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { launch, pageOf, picture, portalUrl } from './support/browser.mjs';

let browser;
let page;
let problems;

before(async () => {
  browser = await launch();
  ({ page, problems } = await pageOf(browser, 'Priya Raman'));
});

after(async () => {
  await browser?.close();
});

/** Asks a model as a program does. */
async function ask(key, question) {
  const response = await fetch(
    `${portalUrl}/api/models/openai/v1/chat/completions`,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        model: 'balanced',
        messages: [{ role: 'user', content: question }],
      }),
    },
  );
  return { status: response.status, body: await response.json() };
}

test('sets a budget for an agent', async () => {
  await page.goto(`${portalUrl}/cost/budgets`);
  await page.getByRole('button', { name: 'Set a budget' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: /^Agent/ }).fill('Order');
  await page.getByRole('option', { name: /Order Desk/ }).click();
  await dialog.getByRole('textbox', { name: /Limit in USD/ }).fill('25');
  await dialog.getByText(/Order Desk may spend 25\.00 USD a month/).waitFor();
  await picture(page, '30-budget-dialog');
  await dialog.getByRole('button', { name: 'Set the budget' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page
    .getByText(/25\.00 USD a month/)
    .first()
    .waitFor();
  await picture(page, '31-budgets');
});

test('gives a program a key, sees what it spent, and revokes it', async () => {
  await page.goto(`${portalUrl}/models/keys`);
  await page.getByRole('button', { name: 'New key' }).click();
  const dialog = page.getByRole('dialog');
  await dialog
    .getByRole('textbox', { name: /What is it for/ })
    .fill('Nightly report');
  await dialog.getByRole('combobox', { name: /^Owner/ }).fill('Platform');
  await page
    .getByRole('option', { name: /Platform/ })
    .first()
    .click();
  await dialog.getByRole('combobox', { name: /^Models/ }).fill('balanced');
  await page
    .getByRole('option', { name: /balanced/i })
    .first()
    .click();
  await dialog.getByRole('button', { name: 'Make the key' }).click();
  const shown = page.getByText(/ap_[a-z0-9]+_\S+/i).first();
  await shown.waitFor();
  // What is behind fades away.
  await page.waitForTimeout(500);
  await picture(page, '32-key-shown');
  const [key] = /ap_[A-Za-z0-9]+_[A-Za-z0-9_-]+/.exec(
    await shown.textContent(),
  );

  const answer = await ask(key, 'What can you do?');
  assert.equal(answer.status, 200);
  assert.ok(answer.body.choices[0].message.content);

  await page.goto(`${portalUrl}/models/keys`);
  await page
    .getByRole('button', { name: 'Actions on Nightly report' })
    .first()
    .click();
  await page.getByRole('menuitem', { name: /^Revoke/ }).click();
  await page
    .getByRole('dialog')
    .last()
    .getByRole('button', { name: /^Revoke/ })
    .click();
  await page
    .getByRole('cell', { name: /Revoked/ })
    .first()
    .waitFor();
  await picture(page, '33-keys');
  await new Promise(resolve => {
    setTimeout(resolve, 1_000);
  });
  const refused = await ask(key, 'And now?');
  assert.equal(refused.status, 401);
  assert.match(refused.body.error.message, /revoked/i);
});

test('tries a route on last week’s calls, saves it and takes it back', async () => {
  await page.goto(`${portalUrl}/models/routes?route=balanced`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: /last week/ }).click();
  await page.getByText(/What would have happened/).waitFor();
  await picture(page, '34-route-preview');
  const editor = page.getByRole('textbox', { name: 'Route as YAML' });
  await editor.click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type('# Looked at in November.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText(/was changed in the portal/).waitFor();
  await picture(page, '35-route-saved');
  await page.getByRole('button', { name: 'Back to the catalog' }).click();
  await page
    .getByText(/was changed in the portal/)
    .waitFor({ state: 'hidden' });
});

test('exports what was spent in the form of FOCUS', async () => {
  await page.goto(`${portalUrl}/cost`);
  await page.getByRole('button', { name: 'Export' }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: /FOCUS/ }).click(),
  ]);
  const text = await readFile(await download.path(), 'utf8');
  const [header, first] = text.split('\r\n');
  assert.match(header, /BilledCost/);
  assert.match(first, /Tokens/);
});

test('sees the same in the dark on a narrow screen', async () => {
  const dark = await pageOf(browser, 'Priya Raman', {
    width: 800,
    height: 1000,
    theme: 'dark',
  });
  for (const [name, path] of [
    ['36-routes-dark-800', '/models/routes'],
    ['37-keys-dark-800', '/models/keys'],
    ['38-budgets-dark-800', '/cost/budgets'],
    ['39-cost-dark-800', '/cost'],
  ]) {
    await dark.page.goto(`${portalUrl}${path}`);
    await dark.page.waitForLoadState('networkidle');
    await picture(dark.page, name);
  }
  assert.deepEqual([...problems, ...dark.problems], []);
});
