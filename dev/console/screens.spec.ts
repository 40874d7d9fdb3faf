import { expect, test } from 'vitest'
import { counted } from '../laws/counts.ts'
import { describeConsole, sidewaysOf, violationsOf } from './stage.ts'

/** Every view of the console on the sample project, by its address. */
const SCREENS = [
  '/p/default',
  '/p/default/activity',
  '/p/default/activity?noun=golden',
  '/p/default/deployments',
  '/p/default/deployments?do=create',
  '/p/default/deployments/seattle-forecast',
  '/p/default/deployments/seattle-forecast/generations',
  '/p/default/deployments/seattle-forecast/generations/2?against=1',
  '/p/default/deployments/seattle-forecast/engines',
  '/p/default/deployments/seattle-forecast/checks',
  '/p/default/deployments/seattle-forecast/callers',
  '/p/default/deployments/seattle-forecast/contract',
  '/p/default/deployments/seattle-forecast/settings',
  '/p/default/deployments/seattle-forecast?do=swap',
  '/p/default/deployments/seattle-forecast?do=traffic',
  '/p/default/deployments/arrival-delay?do=rollback',
  '/p/default/deployments/arrival-delay?do=park',
  '/p/default/deployments/arrival-delay?do=delete',
  '/p/default/models',
  '/p/default/models?do=push',
  '/p/default/models?q=nothing-is-called-this',
  '/p/default/models/seattle-weather',
  '/p/default/models/seattle-weather/2',
  '/p/default/models/seattle-weather/2/graph',
  '/p/default/models/seattle-weather/2/files',
  '/platform',
  '/settings',
  '/welcome',
  '/p/default/nowhere',
] as const

const VIEWS = [
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 390 },
  { theme: 'dark', width: 1280 },
  { theme: 'light', width: 390 },
] as const

describeConsole(
  'every screen',
  (stage) => {
    // Where time is short every screen is seen once, in one view or the other.
    const views = VIEWS.slice(0, counted({ test: 2, conformance: 4 }))
    const every = counted({ test: views.length, conformance: 1 })
    for (const [view, { theme, width }] of views.entries()) {
      test(`is fit for everybody, in sight and without a complaint: ${theme}, ${width} px wide`, async () => {
        const { page, complaints, leave } = await stage().browser.person({ theme, width })
        const wrong: string[] = []
        for (const path of SCREENS.filter((_, screen) => screen % every === view % every)) {
          await page.goto(stage().at(path))
          await page.getByRole('heading', { level: 1, includeHidden: true }).first().waitFor({ state: 'attached' })
          if (path.includes('do=')) await page.getByRole('dialog').waitFor()
          await page.waitForTimeout(500)
          const sideways = await sidewaysOf(page)
          if (sideways > 0) wrong.push(`${path}: scrolls ${sideways} px sideways`)
          wrong.push(...(await violationsOf(page)).map((violation) => `${path}: ${violation}`))
          // What a missing thing is asked for is refused, and the browser notes that.
          const found = complaints.splice(0).filter((complaint) => !/status of 404/.test(complaint))
          wrong.push(...found.map((complaint) => `${path}: ${complaint}`))
        }
        expect(wrong).toEqual([])
        await leave()
      })
    }
  },
  { sample: true },
)
