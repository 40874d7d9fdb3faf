import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { layDatabase } from '../laws/template.ts'
import { FULL_SIZE, seedLarge } from './seed-large.ts'
import { describeConsole } from './stage.ts'

const home = await mkdtemp(join(tmpdir(), 'stead-large-'))
beforeAll(async () => {
  await layDatabase(home)
  await seedLarge(home, FULL_SIZE)
})
afterAll(() => rm(home, { recursive: true, force: true }))

describeConsole(
  'a large project',
  (stage) => {
    const last = (noun: string, count: number, digits: number) => `${noun}-${String(count).padStart(digits, '0')}`

    test('only the rows in sight are in the page, and scrolling brings every model', async () => {
      const { page, complaints, leave } = await stage().browser.person()
      await page.goto(stage().at('/p/default/models'))
      await page.getByRole('link', { name: 'model-00001', exact: true }).waitFor()
      const wanted = page.getByRole('link', { name: last('model', 400, 5), exact: true })
      for (let turn = 0; turn < 60 && !(await wanted.isVisible()); turn++) {
        await page.mouse.wheel(0, 1_500)
        await page.waitForTimeout(60)
      }
      await wanted.waitFor()
      expect(await page.getByRole('row').count()).toBeLessThan(150)
      expect(complaints).toEqual([])
      await leave()
    })

    test('a search goes to the last model at once', async () => {
      const { page, leave } = await stage().browser.person()
      const name = last('model', FULL_SIZE.models, 5)
      await page.goto(stage().at(`/p/default/models?q=${name}`))
      await page.getByRole('link', { name, exact: true }).waitFor()
      await page.getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
      await leave()
    })

    test('the list of deployments holds them all, with figures and lanes of those in sight', async () => {
      const { page, leave } = await stage().browser.person()
      await page.goto(stage().at('/p/default/deployments'))
      await page.getByRole('link', { name: 'deployment-0001', exact: true }).waitFor()
      const wanted = page.getByRole('link', { name: last('deployment', FULL_SIZE.deployments, 4), exact: true })
      await page.keyboard.press('End')
      await wanted.waitFor()
      expect(await page.getByRole('row').count()).toBeLessThan(150)
      await page
        .getByRole('row')
        .filter({ has: wanted })
        .getByRole('img', { name: /Served/ })
        .waitFor()
      await leave()
    })

    test('the palette finds one among all', async () => {
      const { page, leave } = await stage().browser.person()
      await page.goto(stage().at('/p/default'))
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.keyboard.press('Control+k')
      const name = last('deployment', FULL_SIZE.deployments, 4)
      await page.getByRole('combobox', { name: 'Search or act' }).fill(name)
      await page.getByRole('option', { name: new RegExp(name) }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
      await leave()
    })
  },
  { home },
)
