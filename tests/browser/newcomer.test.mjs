// What a newcomer does on the first day, in the order in which they do it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  comesTo,
  launch,
  pageOf,
  picture,
  portalUrl,
} from './support/browser.mjs';

let browser;
let page;
let problems;

before(async () => {
  browser = await launch();
  ({ page, problems } = await pageOf(browser));
});

after(async () => {
  await browser?.close();
});

test('finds the agents of the company, those of the own team first', async () => {
  await page.getByText('29 agents').waitFor();
  const cards = page.getByRole('article');
  await page.getByRole('heading', { name: 'Others' }).waitFor();
  await cards.first().getByRole('link', { name: 'Customer Care' }).waitFor();
  await picture(page, '01-agents');

  await page
    .getByRole('searchbox', { name: /search/i })
    .first()
    .fill('invoice');
  await page.getByRole('link', { name: 'Invoice Clerk' }).first().waitFor();
  await page
    .getByRole('link', { name: 'Order Desk' })
    .waitFor({ state: 'detached' });
  await picture(page, '02-agents-search');
});

test('finds a page by Ctrl+K, also after the sidebar was drawn again', async () => {
  await page.keyboard.press('Control+k');
  const words = page.getByRole('combobox', { name: 'Find anything' });
  await words.fill('cost');
  const pages = page.getByRole('group', { name: 'Pages' });
  await pages.getByRole('option', { name: 'Cost' }).waitFor();
  await words.fill('create');
  await page.getByRole('option', { name: 'Create an agent' }).waitFor();
  await page.keyboard.press('Escape');
  await words.waitFor({ state: 'detached' });
});

test('reads what an agent is for, who answers for it and what it may do', async () => {
  await page.goto(`${portalUrl}/agents`);
  await page.getByRole('link', { name: 'Order Desk' }).first().click();
  await page.getByRole('heading', { name: 'Order Desk' }).first().waitFor();
  await page.getByText('Answers questions about orders').first().waitFor();
  await page.getByRole('link', { name: 'Elin Marklund' }).first().waitFor();
  await page.getByText('What it may do').waitFor();
  await page.getByRole('link', { name: 'Track shipment' }).first().waitFor();
  await picture(page, '03-agent-overview');
});

test('asks it something and gets an answer that came through a tool', async () => {
  await page.getByRole('link', { name: 'Chat', exact: true }).first().click();
  await page
    .getByRole('button', { name: 'What is the status of order NH-10042?' })
    .click();
  // Taking an example does nothing yet.
  await page.getByRole('button', { name: 'Send' }).click();
  const happened = page.getByRole('complementary', { name: 'What happened' });
  await happened.getByText('Find order').waitFor({ timeout: 60_000 });
  await page
    .getByText(/delivered/i)
    .locator('visible=true')
    .first()
    .waitFor({ timeout: 60_000 });
  await page
    .getByText(/built-in extractive model/i)
    .first()
    .waitFor();
  await picture(page, '04-chat');
});

test('keeps the conversation in mind', async () => {
  const box = page.getByRole('textbox', { name: /Message to Order Desk/ });
  await box.fill('And where is its parcel?');
  await box.press('Enter');
  const happened = page.getByRole('complementary', { name: 'What happened' });
  await happened.getByText('Track shipment').waitFor({ timeout: 60_000 });
  await page
    .getByText('Source: logistics.track_shipment', { exact: true })
    .first()
    .waitFor();
  await picture(page, '05-chat-follow-up');
});

test('opens the run and sees each step with input, output, duration and cost', async () => {
  await page.getByRole('link', { name: 'Runs' }).first().click();
  await page
    .getByRole('link', { name: /status of order NH-10042/ })
    .first()
    .waitFor();
  await picture(page, '06-runs');
  await page
    .getByRole('link', { name: /status of order NH-10042/ })
    .first()
    .click();
  await page
    .getByRole('heading', { name: /status of order NH-10042/ })
    .waitFor();
  await page.getByText('Succeeded').first().waitFor();
  await page.getByText('Find order').first().click();
  await page.getByText('"NH-10042"').first().waitFor();
  await page
    .getByText(/\d m?s\b/)
    .first()
    .waitFor();
  await picture(page, '07-run');
});

test('sees what the agent cost', async () => {
  await page.goto(`${portalUrl}/catalog/default/agent/order-desk`);
  await page
    .getByRole('navigation', { name: 'Sections of the agent' })
    .getByRole('link', { name: 'Cost' })
    .click();
  await page.getByText('Model calls').first().waitFor();
  await page.getByText('Cost by day').waitFor();
  await picture(page, '08-agent-cost');
  await page.goto(`${portalUrl}/cost`);
  await page.getByText('Cost by day').waitFor();
  await page.getByRole('link', { name: 'Customer Care' }).first().waitFor();
  await picture(page, '09-cost');
});

test('finds a tool from a sentence and tries it', async () => {
  await page.goto(`${portalUrl}/tools`);
  await page
    .getByRole('searchbox', { name: 'Find a tool' })
    .fill('look up one order by its number');
  const tool = page.getByRole('article', { name: 'Find order' });
  await tool.waitFor();
  await picture(page, '10-tools');
  await tool.getByRole('tab', { name: 'Try it' }).click();
  await tool.getByRole('textbox').first().fill('NH-10042');
  await tool.getByRole('button', { name: 'Call the tool' }).click();
  await tool.getByText(/Answered in/).waitFor();
  await tool
    .getByText(/NH-10042/)
    .first()
    .waitFor();
  await picture(page, '11-tool-tried');
});

test('may not call a tool that destroys, and is told why', async () => {
  await page.goto(`${portalUrl}/tools?tool=orders.cancel_order`);
  const tool = page.getByRole('article', { name: 'Cancel order' });
  await tool.getByText('You may not call this tool').waitFor();
  await tool.getByRole('tab', { name: 'Try it' }).click();
  assert.ok(
    await tool.getByRole('button', { name: 'Call the tool' }).isDisabled(),
  );
  await picture(page, '12-tool-denied');
});

test('sees the models with price, room and state', async () => {
  await page.goto(`${portalUrl}/models`);
  await page.getByRole('link', { name: 'Balanced' }).first().waitFor();
  await page.getByText('builtin/extractive').first().waitFor();
  await picture(page, '13-models');
});

test('creates an agent of their own, which answers a minute later', async () => {
  await page.goto(`${portalUrl}/agents`);
  await page.getByRole('link', { name: 'Create' }).last().click();
  await page.goto(`${portalUrl}/create/templates/default/conversational-agent`);
  await page.getByRole('textbox', { name: /^Title/ }).fill('Parcel Pal');
  await page
    .getByRole('textbox', { name: /Purpose/ })
    .fill('Tells colleagues of customer care where a parcel is.');
  await picture(page, '14-create-purpose');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('radiogroup').first().waitFor();
  await page.getByText('Track shipment', { exact: true }).first().click();
  await picture(page, '15-create-how');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('Limits and repository').first().waitFor();
  await picture(page, '16-create-limits');
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Create' }).waitFor();
  await picture(page, '17-create-review');
  await page.getByRole('button', { name: 'Create' }).click();
  const link = page.getByRole('link', { name: /Chat/ }).first();
  await link.waitFor({ timeout: 60_000 });
  await picture(page, '18-created');
  await link.click();
  const box = page.getByRole('textbox', { name: /Message to Parcel Pal/ });
  await box.fill('Where is the parcel of order NH-10244?');
  await box.press('Enter');
  await page
    .getByRole('complementary', { name: 'What happened' })
    .getByText('Track shipment')
    .waitFor({ timeout: 60_000 });
  await page
    .getByText(/NH-10244/)
    .nth(1)
    .waitFor();
  await picture(page, '19-own-agent-answers');
  // The list follows the catalog within seconds, later on a slow machine; a minute is promised.
  const listed = page.getByRole('link', { name: 'Parcel Pal' }).first();
  await comesTo(page, `${portalUrl}/agents`, listed, 60_000);
  await page.getByRole('heading', { name: 'Yours' }).waitFor();
  await picture(page, '20-own-agent-in-list');
  await page.goto(`${portalUrl}/catalog/default/agent/parcel-pal/cost`);
  await page.getByText('Budget', { exact: true }).waitFor();
  await page.getByText('$20.00').first().waitFor();
  await picture(page, '21-own-agent-budget');
});

test('met no error on the way', () => {
  assert.deepEqual(problems, []);
});
