import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { until } from '../laws/platform.ts'
import type { Person, TestBrowser } from './browser.ts'
import type { Stage } from './stage.ts'

/** Somebody who has come to a screen by its address. */
export async function visit(
  { browser, at }: Stage,
  path: string,
  options?: Parameters<TestBrowser['person']>[0],
): Promise<Person> {
  const one = await browser.person(options)
  await one.page.goto(at(path))
  await one.page.getByRole('heading', { level: 1, includeHidden: true }).first().waitFor({ state: 'attached' })
  return one
}

/** The path and the search of the page's address, as people read them. */
export function placeOf(page: Page): string {
  const { pathname, search } = new URL(page.url())
  return decodeURIComponent(pathname + search)
}

export const arrives = (page: Page, wanted: string) =>
  until(`${wanted} is open`, async () => expect(placeOf(page)).toBe(wanted))

/** Goes there as one does without a mouse. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  const focused = target.and(page.locator(':focus'))
  for (let turn = 0; turn < 80 && (await focused.count()) === 0; turn++) await page.keyboard.press('Tab')
  expect(await focused.count()).toBe(1)
}
