// An owner asks an agent the questions of a data set, tries other instructions and reads which is better; a person is not
// content with an answer; the owner looks at that conversation and makes a test case of it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  comesTo,
  launch,
  pageOf,
  picture,
  portalUrl,
} from './support/browser.mjs';

const AGENT = '/catalog/default/agent/order-desk';
const SET = 'Questions of the story';
const QUESTIONS = [
  ['What is the status of order NH-10042?', 'delivered'],
  ['Could you please check how far order NH-10257 is?', 'pending'],
];
const COMPLAINT = 'I asked for the carrier.';
/** Of six short runs, on a machine that may have much else to do. */
const EVALUATED_WITHIN_MS = 60_000;

let browser;
let owner;
let person;

before(async () => {
  browser = await launch();
  [owner, person] = await Promise.all([
    pageOf(browser, 'Elin Marklund'),
    pageOf(browser, 'Dario Conti'),
  ]);
});

after(async () => {
  await browser?.close();
});

test('the owner begins a data set and adds questions to it', async () => {
  const { page } = owner;
  await page.goto(`${portalUrl}${AGENT}/evaluations`);
  await page.getByRole('button', { name: 'New data set' }).click();
  await page.getByLabel('Name').fill(SET);
  await page.getByRole('button', { name: 'Begin it' }).click();
  await page.getByRole('heading', { name: SET }).waitFor();
  for (const [ask, fact] of QUESTIONS) {
    await page.getByRole('button', { name: 'Add a case' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('What the person asks').fill(ask);
    await dialog.getByLabel('What a right answer says').fill(fact);
    await dialog.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('rowheader', { name: ask }).waitFor();
  }
  await picture(page, '96-quality-data-set');
});

test('tries other instructions, and reads whether they are better', async () => {
  const { page } = owner;
  await page.getByRole('button', { name: 'Evaluate' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /Who is asked/ }).click();
  await page.getByRole('option', { name: /changed instructions/ }).click();
  const instructions = dialog.getByRole('textbox', { name: 'Instructions' });
  await page.waitForFunction(
    () => document.querySelector('[role=dialog] textarea')?.value,
  );
  await instructions.fill(
    `${await instructions.inputValue()}\nAnswer in one sentence.`,
  );
  await dialog.getByRole('button', { name: 'Ask 2 questions' }).click();
  const compare = page.getByRole('link', {
    name: 'Compare with the version in force',
  });
  await compare.waitFor();
  await page
    .getByText(/^2 of 2 cases were right/)
    .waitFor({ timeout: EVALUATED_WITHIN_MS });
  await picture(page, '97-quality-evaluation');
  await compare.click();
  await page.getByRole('heading', { name: 'Two versions compared' }).waitFor();
  // So few questions cannot tell them apart, and the page says so.
  await page
    .getByText(/cannot show/)
    .first()
    .waitFor({ timeout: EVALUATED_WITHIN_MS });
  await page.getByRole('button', { name: QUESTIONS[0][0] }).first().click();
  await page.getByRole('region', { name: 'Answer now' }).waitFor();
  await page.getByRole('region', { name: 'Instructions changed' }).waitFor();
  await picture(page, '98-quality-comparison');
});

test('a person is not content with an answer', async () => {
  const { page } = person;
  await page.goto(`${portalUrl}${AGENT}/chat`);
  const box = page.getByRole('textbox', { name: /message/i });
  await box.fill('Where is the parcel of order NH-10244?');
  await box.press('Enter');
  await page.getByRole('button', { name: 'Bad answer' }).click();
  await page.getByLabel('What was wrong?').fill(COMPLAINT);
  await page
    .locator('form', { hasText: 'What was wrong?' })
    .getByRole('button', { name: 'Send' })
    .click();
  await page.getByText('Thank you.').waitFor();
  await picture(page, '99-quality-thumb');
});

test('the owner judges the conversation and makes a test case of it', async () => {
  const { page } = owner;
  await page.goto(`${portalUrl}/quality/reviews`);
  const list = page.getByRole('list', { name: 'Reviews' });
  // Other conversations may wait there too.
  await list.getByRole('button', { name: COMPLAINT }).first().click();
  await page.getByText(COMPLAINT).last().waitFor();
  await page.getByRole('group', { name: 'Verdict' }).waitFor();
  await page.keyboard.press('b');
  await list.getByText('Bad').waitFor();
  await page.keyboard.press('c');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: new RegExp(SET) }).waitFor();
  await dialog
    .getByLabel('What the person asks')
    .fill('Who brings the parcel of order NH-10244?');
  await dialog.getByLabel('What a right answer says').fill('carrier');
  await dialog.getByRole('button', { name: 'Add it' }).click();
  await page.getByText('who-brings-the-parcel-of-order-nh-10244').waitFor();
  await picture(page, '99-quality-review');
  await page.getByRole('link', { name: 'its data set' }).click();
  await page.getByText('3 cases, version 3').waitFor();
});

test('the agent has a scorecard, and a place among the others', async () => {
  const { page } = owner;
  // The first round is a minute after the start of the portal.
  const row = page.getByRole('row', { name: /Order Desk/ });
  await comesTo(page, `${portalUrl}/quality/scorecards`, row, 120_000);
  await picture(page, '99-quality-portfolio');
  await page.goto(`${portalUrl}${AGENT}/scorecard`);
  await page.getByRole('region', { name: 'Standing' }).waitFor();
  await picture(page, '99-quality-scorecard');
  assert.deepEqual([...owner.problems, ...person.problems], []);
});
