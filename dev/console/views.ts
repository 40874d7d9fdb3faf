import type { Page } from 'playwright-core'
import { sidewaysOf, violationsOf } from './stage.ts'

/** In which a screen is seen; where time is short, the first of them. */
export const VIEWS = [
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 390 },
  { theme: 'dark', width: 1280 },
  { theme: 'light', width: 390 },
] as const

interface Walker {
  readonly page: Page
  /** What the browser complained of so far. */
  readonly complaints: string[]
}

/** Opens screens one after the other and tells, a line each, what is wrong with them: what axe finds, what has to be
 *  scrolled to sideways, and what the browser complains of.
 *  @param at gives the address of a screen's path */
export async function faultsOf(
  { page, complaints }: Walker,
  at: (path: string) => string,
  paths: readonly string[],
): Promise<string[]> {
  const faults: string[] = []
  for (const path of paths) {
    await page.goto(at(path))
    await page.getByRole('heading', { level: 1, includeHidden: true }).first().waitFor({ state: 'attached' })
    if (path.includes('do=')) await page.getByRole('dialog').waitFor()
    await page.waitForTimeout(500)
    const sideways = await sidewaysOf(page)
    if (sideways > 0) faults.push(`${path}: scrolls ${sideways} px sideways`)
    const found = [...(await violationsOf(page)), ...complaints.splice(0)]
    faults.push(...found.map((fault) => `${path}: ${fault}`))
  }
  return faults
}
