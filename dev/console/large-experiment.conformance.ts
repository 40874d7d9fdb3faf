import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layDatabase } from '../laws/template.ts'
import { FULL_EXPERIMENT, LARGE_EXPERIMENT, seedRuns } from './seed-runs.ts'
import { describeConsole } from './stage.ts'

const SEEDING_MS = 900_000
const home = await mkdtemp(join(tmpdir(), 'stead-large-runs-'))
beforeAll(async () => {
  await layDatabase(home)
  await seedRuns(home, FULL_EXPERIMENT)
}, SEEDING_MS)
afterAll(() => rm(home, { recursive: true, force: true }))

describeConsole(
  'a large experiment',
  (stage) => {
    const table = `/p/default/experiments/${LARGE_EXPERIMENT}`
    const nameOf = (number: number) => `run-${String(number).padStart(6, '0')}`

    test('the first runs are there before the keys of all are, and scrolling brings the others', async () => {
      const { page, complaints, leave } = await stage().browser.person()
      let isKnown = false
      page.on('response', (response) => {
        if (response.url().endsWith(`/experiments/${LARGE_EXPERIMENT}/columns`)) isKnown = true
      })
      await page.goto(stage().at(table))
      await page.getByRole('link', { name: nameOf(1), exact: true }).waitFor()
      expect(isKnown).toBe(false)
      const wanted = page.getByRole('link', { name: nameOf(1_000), exact: true })
      await page.mouse.move(700, 500)
      for (let turn = 0; turn < 200 && !(await wanted.isVisible()); turn++) {
        await page.mouse.wheel(0, 400)
        await page.waitForTimeout(60)
      }
      await wanted.waitFor()
      expect(await page.getByRole('row').count()).toBeLessThan(100)
      expect(complaints).toEqual([])
      await leave()
    })

    test('all columns can be shown, and only those in sight are in the page', async () => {
      const { page, complaints, leave } = await stage().browser.person()
      await page.goto(stage().at(`${table}?cols=metrics.*`))
      const columns = page.getByRole('button', { name: /^Columns/ })
      await columns.getByText(new RegExp(`^${FULL_EXPERIMENT.metrics} of `)).waitFor({ timeout: 120_000 })
      expect(await page.getByRole('columnheader').count()).toBeLessThan(30)
      await columns.click()
      await page.getByLabel('Find a column').fill('metric-1998')
      await page.getByRole('checkbox', { name: 'group-19/metric-1998' }).waitFor()
      expect(complaints).toEqual([])
      await leave()
    })

    test('sorting goes to the other end at once', async () => {
      const { page, complaints, leave } = await stage().browser.person()
      await page.goto(stage().at(`${table}?sort=-metrics.loss`))
      await page.getByRole('link', { name: nameOf(FULL_EXPERIMENT.runs), exact: true }).waitFor()
      expect(complaints).toEqual([])
      await leave()
    })
  },
  { home },
)
