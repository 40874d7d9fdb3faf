import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { getVersion, ModelName, ProjectName, versionGraph, VersionNumber } from '@stead/contracts'
import type { ModelGraph } from '@stead/contracts'
import { addConstant, slow } from '../fixtures/onnx/models.ts'
import { describeConsole } from './stage.ts'
import { arrives, placeOf, tabTo, visit } from './visiting.ts'

const project = ProjectName.parse('default')
const params = (model: string, version = 1) => ({
  project,
  model: ModelName.parse(model),
  version: VersionNumber.parse(version),
})

/** What the picture and the list call the parts of a graph, as the server tells it. Constants are parts of the nodes
 *  that take them. */
function partsOf({ inputs, outputs, nodes }: ModelGraph): string[] {
  const named = nodes.flatMap(({ operator, name, inputs: taken }, at) =>
    operator === 'Constant' && taken.length === 0
      ? []
      : [`${operator} ${name === '' || name === operator ? `#${at + 1}` : name}`],
  )
  return [...inputs.map(({ name }) => `Input ${name}`), ...named, ...outputs.map(({ name }) => `Output ${name}`)]
}

describeConsole(
  'versions of models',
  (stage) => {
    const version = (model: string, number = 1) =>
      stage().platform.client.call(getVersion, { params: params(model, number) })
    const graphOf = (model: string, number = 1) =>
      stage().platform.client.call(versionGraph, { params: params(model, number) })

    test('two versions that are ticked are compared: what they take and give, and what else differs', async () => {
      await stage().platform.push('shapes', addConstant(1))
      await stage().platform.push('shapes', addConstant(2, { width: 3 }))
      const { page, complaints, leave } = await visit(stage(), '/p/default/models/shapes')
      await page.getByRole('checkbox', { name: 'Compare v1' }).check()
      await page.getByRole('checkbox', { name: 'Compare v2' }).check()
      await page.getByRole('button', { name: 'Compare v2 with v1' }).click()
      await arrives(page, '/p/default/models/shapes/2?against=1')
      const signature = page.getByRole('table', { name: 'Signature' })
      for (const name of ['x', 'y']) {
        const row = signature.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
        await row.getByText('[-1, 3]').first().waitFor()
        await row.getByText('was [-1, 2]').waitFor()
      }
      const others = page.getByRole('table', { name: 'Compared with v1' })
      const { files } = await version('shapes', 2)
      await others
        .getByRole('row', { name: /^model\.onnx/ })
        .getByText(files[0]!.digest.slice(7, 15))
        .waitFor()
      await page.reload()
      await signature.getByText('was [-1, 2]').first().waitFor()
      await others.waitFor()
      expect(complaints).toEqual([])
      await leave()
    })

    test('a version that a deployment holds is not deleted, and it is told which one holds it', async () => {
      const { page, leave } = await visit(stage(), '/p/default/models/flight-delay/2?do=delete')
      const dialog = page.getByRole('dialog', { name: 'Delete flight-delay v2' })
      await dialog.getByRole('textbox').fill('flight-delay')
      await dialog.getByRole('button', { name: 'Delete version' }).click()
      await dialog.getByText('Type exactly flight-delay v2').waitFor()
      await dialog.getByRole('textbox').fill('flight-delay v2')
      await dialog.getByRole('button', { name: 'Delete version' }).click()
      await dialog
        .getByText('flight-delay v2 is held by arrival-delay. Swap it to another version, or delete it, first.')
        .waitFor()
      expect(await dialog.getByRole('textbox').inputValue()).toBe('flight-delay v2')
      expect(await version('flight-delay', 2)).toMatchObject({ version: 2 })
      // What a deployment can go back to is held as well.
      await page.goto(stage().at('/p/default/models/flight-delay/1?do=delete'))
      const first = page.getByRole('dialog', { name: 'Delete flight-delay v1' })
      await first.getByRole('textbox').fill('flight-delay v1')
      await page.keyboard.press('Enter')
      await first.getByText(/held by a deployment that stands by with it or can roll back to it/).waitFor()
      expect(await version('flight-delay', 1)).toMatchObject({ version: 1 })
      await leave()
    })

    test('a version and a model go for good once their names are typed', async () => {
      await stage().platform.push('doomed', addConstant(31))
      await stage().platform.push('doomed', addConstant(32))
      const { page, complaints, leave } = await visit(stage(), '/p/default/models/doomed/1')
      await page.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Delete version' }).click()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').getByText('Type exactly doomed v1').waitFor()
      await page.getByRole('dialog').getByRole('textbox').fill('doomed v1')
      await page.keyboard.press('Enter')
      await page.getByText('doomed v1 was deleted.').waitFor()
      await arrives(page, '/p/default/models/doomed')
      await page.getByText('1 version', { exact: true }).waitFor()
      await expect(version('doomed', 1)).rejects.toMatchObject({ code: 'version_not_found' })
      await page.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name: 'Delete model' }).click()
      await page.getByRole('dialog', { name: 'Delete doomed' }).getByRole('textbox').fill('doomed')
      await page.keyboard.press('Enter')
      await page.getByText('doomed was deleted.').waitFor()
      await arrives(page, '/p/default/models')
      await page.getByRole('link', { name: 'flight-delay', exact: true }).waitFor()
      expect(await page.getByRole('link', { name: 'doomed', exact: true }).count()).toBe(0)
      await expect(version('doomed', 2)).rejects.toMatchObject({ code: 'model_not_found' })
      expect(complaints.filter((complaint) => !/status of 404/.test(complaint))).toEqual([])
      await leave()
    })

    test('the parts of a version have addresses of their own, and keys to go from one to the next', async () => {
      const base = '/p/default/models/seattle-weather/2'
      const { page, complaints, leave } = await visit(stage(), base)
      const parts = page.getByRole('navigation', { name: 'Parts of this version' })
      await page.getByRole('table', { name: 'Signature' }).waitFor()
      await page.keyboard.press(']')
      await arrives(page, `${base}/graph`)
      await page.getByText(/opset/).first().waitFor()
      await page.keyboard.press(']')
      await arrives(page, `${base}/files`)
      await page.getByRole('tree', { name: 'Files' }).getByText('weather-v2.onnx').first().waitFor()
      await page.reload()
      await page.getByRole('tree', { name: 'Files' }).waitFor()
      await parts.getByRole('link', { name: 'Overview' }).click()
      await arrives(page, base)
      await page.goBack()
      await page.getByRole('tree', { name: 'Files' }).waitFor()
      expect(complaints).toEqual([])
      await leave()
    })

    test('picture and list show the graph that is in the file', async () => {
      await stage().platform.push('loops', slow({ loops: 3, size: 4 }))
      for (const [model, number] of [
        ['loops', 1],
        ['seattle-weather', 1],
      ] as const) {
        const graph = await graphOf(model, number)
        const parts = partsOf(graph).toSorted()
        expect(parts.length).toBeGreaterThan(2)
        const { page, complaints, leave } = await visit(stage(), `/p/default/models/${model}/${number}/graph`)
        const nodes = graph.totalNodes === 1 ? '1 node' : `${graph.totalNodes} nodes`
        await page.getByText(new RegExp(`opset .*, ${nodes}$`)).waitFor()
        const picture = page.getByRole('application', { name: `Graph of ${model} v${number}` })
        await page.getByRole('button', { name: 'Fit all' }).click()
        await expect
          .poll(async () => (await labelsOf(picture.getByRole('button'))).toSorted(), { timeout: 15_000 })
          .toEqual(parts)
        await page.getByRole('radio', { name: 'List' }).check()
        const rows = page.getByRole('table', { name: 'Graph' }).getByRole('row')
        await expect.poll(() => rows.count()).toBe(parts.length + 1)
        const listed = await rows.locator('td:first-child').allTextContents()
        expect(listed.map((text) => text.replaceAll(/\s+/g, ' ').trim()).toSorted()).toEqual(parts)
        expect(placeOf(page)).toContain('view=list')
        expect(complaints).toEqual([])
        await leave()
      }
    })

    test('one walks through a graph by keyboard, opens a node, and comes back to it', async () => {
      await stage().platform.push('walk', slow({ loops: 5, size: 4 }))
      const graph = await graphOf('walk')
      const taker = graph.nodes.findIndex(({ inputs }) => inputs.includes('x'))
      const { operator, attributes, inputs } = graph.nodes[taker]!
      const { page, complaints, leave } = await visit(stage(), '/p/default/models/walk/1/graph')
      const at = (name: string) => page.getByRole('button', { name, exact: true }).and(page.locator(':focus'))
      await page.getByRole('button', { name: 'Fit all' }).waitFor()
      await tabTo(page, page.getByRole('button', { name: 'Input x', exact: true }))
      await page.keyboard.press('ArrowRight')
      const name = `${operator} #${taker + 1}`
      await at(name).waitFor()
      await page.keyboard.press('Enter')
      const drawer = page.getByRole('complementary', { name, exact: true })
      await drawer.waitFor()
      expect(placeOf(page)).toBe(`/p/default/models/walk/1/graph?node=n${taker}`)
      for (const told of [...attributes.map((one) => one.name), ...inputs])
        await drawer.getByText(told, { exact: true }).first().waitFor()
      await page.keyboard.press('Escape')
      await drawer.waitFor({ state: 'detached' })
      await at(name).waitFor()
      await page.keyboard.press('ArrowLeft')
      await at('Input x').waitFor()
      await page.getByRole('searchbox', { name: 'Find a node' }).fill('loop')
      await page.keyboard.press('Enter')
      await page.getByRole('complementary', { name: /^Loop / }).waitFor()
      await page.reload()
      await page.getByRole('complementary', { name: /^Loop / }).waitFor()
      expect(complaints).toEqual([])
      await leave()
    })

    test('a file comes down with the bytes that were pushed', async () => {
      const { page, complaints, leave } = await visit(stage(), '/p/default/models/seattle-weather/1/files')
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Download weather-v1.onnx' }).first().click(),
      ])
      expect(download.suggestedFilename()).toBe('weather-v1.onnx')
      const sum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
      const bytes = await readFile(await download.path())
      expect(sum(bytes)).toBe(sum(await readFile(new URL('../sample/models/weather-v1.onnx', import.meta.url))))
      expect(`sha256:${sum(bytes)}`).toBe((await version('seattle-weather', 1)).files[0]!.digest)
      expect(complaints).toEqual([])
      await leave()
    })
  },
  { sample: true },
)

const labelsOf = async (buttons: Locator) =>
  Promise.all((await buttons.all()).map(async (button) => (await button.getAttribute('aria-label')) ?? ''))
