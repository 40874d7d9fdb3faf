import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import {
  AliasName,
  getModel,
  getVersion,
  listModels,
  ModelName,
  ProjectName,
  setAlias,
  VersionNumber,
} from '@stead/contracts'
import { addConstant } from '../fixtures/onnx/models.ts'
import { until } from '../laws/platform.ts'
import { describeConsole } from './stage.ts'
import { arrives, tabTo, visit } from './visiting.ts'

const project = ProjectName.parse('default')
const params = (model: string, version = 1) => ({
  project,
  model: ModelName.parse(model),
  version: VersionNumber.parse(version),
})

describeConsole(
  'models and their aliases',
  (stage) => {
    const aliasesOf = async (model: string) =>
      (await stage().platform.client.call(getModel, { params: params(model) })).aliases
    const version = (model: string, number = 1) =>
      stage().platform.client.call(getVersion, { params: params(model, number) })
    const alias = (model: string, name: string, number: number) =>
      stage().platform.client.call(setAlias, {
        params: { ...params(model), alias: AliasName.parse(name) },
        body: { version: VersionNumber.parse(number) },
      })

    test('a model is found by its name, an alias and a digest; the address says what was looked for', async () => {
      await alias('flight-delay', 'night-shift', 1)
      const { digest } = await version('seattle-weather', 3)
      const { page, complaints, leave } = await visit(stage(), '/p/default/models')
      const table = page.getByRole('table', { name: 'Models' })
      const names = () => table.getByRole('row').getByRole('link').and(page.locator('[title]')).allTextContents()
      const shows = (...wanted: string[]) =>
        until(`${wanted.join()} are shown`, async () => expect(await names()).toEqual(wanted))
      for (const [text, model] of [
        ['weather-kind', 'seattle-weather-kind'],
        ['night-shift', 'flight-delay'],
        [digest.slice(0, 20), 'seattle-weather'],
        [digest.slice('sha256:'.length), 'seattle-weather'],
      ] as const) {
        await page.getByRole('searchbox').fill(text)
        await shows(model)
        await arrives(page, `/p/default/models?q=${text}`)
        await page.getByText('1 model found').waitFor()
        await page.reload()
        await shows(model)
        expect(await page.getByRole('searchbox').inputValue()).toBe(text)
      }
      await page.getByRole('searchbox').fill('nobody’s')
      await page.getByText('Nothing here is called “nobody’s”').waitFor()
      await page.getByRole('button', { name: 'Show all models' }).click()
      const { models } = await stage().platform.client.call(listModels, { params: { project }, query: {} })
      await shows(...models.map(({ name }) => name))
      expect(complaints).toEqual([])
      await leave()
    })

    test('a row is opened to its versions by keyboard, and leads on to one of them', async () => {
      const { page, complaints, leave } = await visit(stage(), '/p/default/models')
      await page.getByRole('button', { name: 'Show versions of seattle-weather', exact: true }).waitFor()
      await page.keyboard.press('j')
      await page
        .getByRole('row', { name: /flight-delay/ })
        .and(page.locator(':focus'))
        .waitFor()
      const twist = page.getByRole('button', { name: 'Show versions of seattle-weather', exact: true })
      await tabTo(page, twist)
      await page.keyboard.press('Enter')
      await page
        .getByRole('button', { name: 'Hide versions of seattle-weather', exact: true, expanded: true })
        .waitFor()
      const rows = page.getByRole('row').filter({ has: page.getByRole('link', { name: /^v\d$/ }) })
      await expect.poll(() => rows.count()).toBe(3)
      await rows.filter({ hasText: 'v1' }).getByText('90').waitFor()
      await rows.filter({ hasText: 'v3' }).getByText('shadow').waitFor()
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      await arrives(page, '/p/default/models/seattle-weather/3')
      expect(complaints).toEqual([])
      await leave()
    })

    test('an alias is moved by keyboard, and Undo brings it back', async () => {
      const { page, leave } = await visit(stage(), '/p/default/models/seattle-weather')
      await tabTo(page, page.getByRole('button', { name: 'Acts of @champion' }))
      await page.keyboard.press('Enter')
      await page.getByRole('menuitem', { name: 'Move @champion to…' }).and(page.locator(':focus')).waitFor()
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Move @champion' })
      const field = dialog.getByLabel('To version')
      await field.and(page.locator(':focus')).waitFor()
      await page.keyboard.type('two')
      await page.keyboard.press('Enter')
      await dialog.getByText('“two” is no version.').waitFor()
      await field.fill('')
      await page.keyboard.type('77')
      await page.keyboard.press('Enter')
      await dialog.getByText(/no version 77/).waitFor()
      expect(await aliasesOf('seattle-weather')).toEqual({ champion: 1 })
      await field.fill('')
      await page.keyboard.type('v2')
      await page.keyboard.press('Enter')
      await page.getByText('@champion moved from v1 to v2.').waitFor()
      await dialog.waitFor({ state: 'detached' })
      expect(await aliasesOf('seattle-weather')).toEqual({ champion: 2 })
      await page
        .getByRole('row', { name: /^Compare v2/ })
        .getByText('@champion')
        .waitFor()
      // F6 leads to the notices.
      await page.keyboard.press('F6')
      await tabTo(page, page.getByRole('button', { name: 'Undo' }))
      await page.keyboard.press('Enter')
      await page
        .getByRole('row', { name: /^Compare v1/ })
        .getByText('@champion')
        .waitFor()
      expect(await aliasesOf('seattle-weather')).toEqual({ champion: 1 })
      await leave()
    })

    test('an alias is dragged to another version, and Undo brings it back; let go elsewhere, it stays', async () => {
      const { page, complaints, leave } = await visit(stage(), '/p/default/models/seattle-weather')
      const row = (number: number) => page.getByRole('row', { name: new RegExp(`^Compare v${number}`) })
      const chip = page.getByText('@champion', { exact: true })
      const carry = async (target: Locator) => {
        const from = (await chip.boundingBox())!
        const to = (await target.boundingBox())!
        await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2)
        await page.mouse.down()
        await page.mouse.move(from.x + from.width / 2 + 12, from.y + from.height / 2 + 4)
        await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 4 })
      }
      await row(1).getByText('@champion').waitFor()
      await carry(page.getByRole('heading', { level: 1 }))
      await page.mouse.up()
      expect(await aliasesOf('seattle-weather')).toEqual({ champion: 1 })
      await carry(row(3))
      await page.keyboard.press('Escape')
      await page.mouse.up()
      expect(await aliasesOf('seattle-weather')).toEqual({ champion: 1 })
      await carry(row(3))
      await page.mouse.up()
      await page.getByText('@champion moved from v1 to v3.').waitFor()
      await row(3).getByText('@champion').waitFor()
      expect(await aliasesOf('seattle-weather')).toEqual({ champion: 3 })
      await page.getByRole('button', { name: 'Undo' }).click()
      await row(1).getByText('@champion').waitFor()
      expect(await aliasesOf('seattle-weather')).toEqual({ champion: 1 })
      await arrives(page, '/p/default/models/seattle-weather')
      expect(complaints).toEqual([])
      await leave()
    })

    test('an alias may have any name, and is told apart from words of the language', async () => {
      const { page, complaints, leave } = await visit(stage(), '/p/default/models/seattle-weather-kind')
      await page.getByRole('button', { name: 'Add an alias to v1' }).click()
      const dialog = page.getByRole('dialog', { name: /^Add an alias/ })
      await dialog.getByLabel('Alias').fill('constructor')
      await dialog.getByText('1 to 255 letters, digits').waitFor()
      await page.keyboard.press('Enter')
      await page.getByText('@constructor points at v1.').waitFor()
      expect(await aliasesOf('seattle-weather-kind')).toMatchObject({ constructor: 1 })
      await page.getByRole('button', { name: 'Undo' }).click()
      await until('it is gone', async () =>
        expect(Object.keys(await aliasesOf('seattle-weather-kind'))).toEqual(['champion']),
      )
      expect(complaints).toEqual([])
      await leave()
    })

    test('keys go on working beside a notice', async () => {
      await stage().platform.push('notice', addConstant(41))
      const { page, leave } = await visit(stage(), '/p/default/models/notice')
      await page.getByRole('button', { name: 'Add an alias to v1' }).click()
      await page.getByRole('dialog').getByLabel('Alias').fill('seen')
      await page.keyboard.press('Enter')
      await page.getByText('@seen points at v1.').waitFor()
      await page.keyboard.type('gd')
      await arrives(page, '/p/default/deployments')
      await leave()
    })
  },
  { sample: true },
)
