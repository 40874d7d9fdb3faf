import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { until } from '../laws/platform.ts'
import { sow } from './runs-sown.ts'
import type { SownRun } from './runs-sown.ts'
import { describeConsole, sidewaysOf, violationsOf } from './stage.ts'
import { visit } from './visiting.ts'

describeConsole('a run, and runs that are compared', (stage) => {
  const base = '/p/default'
  let sown: Promise<{ experiment: string; runs: readonly SownRun[]; model: string }> | undefined
  /** Three runs of one experiment: a parent that made a model, and two parts of it, the last of which still runs. */
  const seeds = () => (sown ??= sow(stage().platform.url))

  const pathOf = (page: Page) => new URL(page.url()).pathname
  const searchOf = (page: Page) => new URL(page.url()).searchParams

  test('a run tells what it was given, what came out, its data, code, parts and models', async () => {
    const { runs, model } = await seeds()
    const [parent, child] = runs
    const { page, complaints, leave } = await visit(stage(), `${base}/runs/${parent!.id}`)
    await page.getByRole('heading', { level: 1, name: parent!.name }).waitFor()
    await page.getByText('Trained on the winter').waitFor()
    const metrics = page.getByRole('table', { name: 'Metrics' })
    await metrics.getByRole('row', { name: /test_accuracy 0\.8/ }).waitFor()
    await page
      .getByRole('table', { name: 'Params' })
      .getByRole('row', { name: /depth 4/ })
      .waitFor()
    await page.getByText('with an uncommitted difference').waitFor()
    await page.getByRole('button', { name: 'See dataset weather' }).click()
    await page
      .getByRole('dialog', { name: 'weather' })
      .getByRole('row', { name: /temp double yes/ })
      .waitFor()
    await page.keyboard.press('Escape')
    await page
      .getByRole('region', { name: 'Made by this run' })
      .getByRole('link', { name: `${model} v1` })
      .waitFor()
    await page.getByRole('table', { name: 'Parts of this run' }).getByRole('link', { name: child!.name }).click()
    await until('the part is open', async () => expect(pathOf(page)).toBe(`${base}/runs/${child!.id}`))
    await page.getByRole('region', { name: 'About' }).getByRole('link', { name: parent!.name }).waitFor()
    const area = page.getByRole('navigation', { name: 'Areas' }).getByRole('link', { name: 'Experiments' })
    expect(await area.getAttribute('aria-current')).toBe('true')
    expect(complaints).toEqual([])
    await leave()
  })

  test('a description is written, a tag is set and taken back, a run is renamed', async () => {
    const { runs } = await seeds()
    const { page, leave } = await visit(stage(), `${base}/runs/${runs[1]!.id}`)
    await page.getByRole('button', { name: 'Describe' }).click()
    await page.getByRole('textbox', { name: 'Description' }).fill('Better with **snow**.')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.locator('strong', { hasText: 'snow' }).waitFor()
    await page.getByRole('button', { name: 'Add tag' }).click()
    const dialog = page.getByRole('dialog', { name: /^Set a tag/ })
    await dialog.getByRole('textbox', { name: 'Name' }).fill('season')
    await dialog.getByRole('textbox', { name: 'Value' }).fill('winter')
    await dialog.getByRole('button', { name: 'Set tag' }).click()
    const tags = page.getByRole('table', { name: 'Tags' })
    await tags.getByRole('row', { name: /season winter/ }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await tags.getByRole('row', { name: /season winter/ }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    const rename = page.getByRole('dialog', { name: /^Rename/ })
    await rename.getByRole('textbox').fill('renamed here')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'renamed here' }).waitFor()
    await leave()
  })

  test('charts follow a run as it goes on, and how they are drawn stands in the address', async () => {
    const { runs } = await seeds()
    const live = runs[2]!
    const { page, complaints, leave } = await visit(stage(), `${base}/runs/${live.id}/metrics`)
    const chart = page.getByRole('figure', { name: 'val/loss' })
    await chart.getByText('0.5', { exact: true }).first().waitFor()
    await live.log('val/loss', 0.123, 50)
    await chart.getByText('0.123', { exact: true }).waitFor()
    await page.getByRole('radio', { name: 'Log', exact: true }).check()
    await until('the scale is in the address', async () => expect(searchOf(page).get('scale')).toBe('log'))
    await page.reload()
    await chart.getByText('0.123', { exact: true }).waitFor()
    expect(await page.getByRole('radio', { name: 'Log', exact: true }).isChecked()).toBe(true)
    expect(complaints).toEqual([])
    await leave()
  })

  test('files are shown, a model among them is registered, and the version leads back', async () => {
    const { runs } = await seeds()
    const { page, complaints, leave } = await visit(stage(), `${base}/runs/${runs[0]!.id}/files`)
    const tree = page.getByRole('tree', { name: 'Files' })
    await tree.getByRole('treeitem', { name: /params\.json/ }).click()
    await page.getByText('depth:').waitFor()
    expect(searchOf(page).get('file')).toBe('params.json')
    await page.getByRole('button', { name: 'Register model' }).click()
    const dialog = page.getByRole('dialog', { name: /^Register a model/ })
    await dialog.getByRole('combobox', { name: 'From' }).click()
    await page.getByRole('option', { name: 'folder model' }).click()
    await dialog.getByRole('textbox', { name: 'Model' }).fill('from-a-folder')
    await dialog.getByRole('button', { name: 'Register model' }).click()
    await page.getByRole('button', { name: 'Open it' }).click()
    await until('the version is open', async () => expect(pathOf(page)).toBe(`${base}/models/from-a-folder/1`))
    await page.getByText(/no runner here has the python runtime/).waitFor()
    await page.getByRole('link', { name: runs[0]!.name }).waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  test('deleting is undone, and purging asks for the name', async () => {
    const { platform } = stage()
    const { runs } = await sow(platform.url, 'to be purged')
    const doomed = runs[1]!
    const { page, leave } = await visit(stage(), `${base}/runs/${doomed.id}`)
    const act = async (name: string) => {
      await page.getByRole('button', { name: 'More' }).click()
      await page.getByRole('menuitem', { name }).click()
    }
    await act('Delete run')
    await page.getByText('This run is deleted.').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('This run is deleted.').waitFor({ state: 'detached' })
    await act('Purge run')
    const dialog = page.getByRole('dialog', { name: /^Purge/ })
    await dialog.getByRole('button', { name: 'Purge run' }).click()
    await dialog.getByText(/^Type exactly/).waitFor()
    await dialog.getByRole('textbox').fill(doomed.name)
    await page.keyboard.press('Enter')
    await page.getByText(`${doomed.name} is gone.`).waitFor()
    await page.goto(stage().at(`${base}/runs/${doomed.id}`))
    await page.getByText(`There is no run ${doomed.id}`).waitFor()
    await leave()
  })

  test('runs are compared: what differs, with lines, by axes of the address, and files side by side', async () => {
    const { runs, experiment } = await seeds()
    const two = runs.slice(0, 2)
    const path = `${base}/experiments/${experiment}/compare?runs=${two.map(({ id }) => id).join(',')}`
    const { page, complaints, leave } = await visit(stage(), path)
    const table = page.getByRole('table', { name: 'What each run has' })
    await table.getByRole('row', { name: /^depth 4 5/ }).waitFor()
    expect(await table.getByRole('row', { name: /^seed/ }).count()).toBe(0)
    await page.getByRole('checkbox', { name: 'Only differences' }).uncheck()
    await table.getByRole('row', { name: /^seed 7 7/ }).waitFor()
    await page.getByRole('figure', { name: 'val/loss' }).waitFor()
    for (const [kind, figure] of [
      ['Scatter', / against /],
      ['Parallel', 'Params and metrics'],
      ['Bars', 'test_accuracy'],
      ['Box', 'test_accuracy'],
    ] as const) {
      await page.getByRole('radio', { name: kind }).check()
      await page.getByRole('figure', { name: figure }).first().waitFor()
    }
    await page.reload()
    await page.getByRole('figure', { name: 'test_accuracy' }).waitFor()
    await page.getByRole('treeitem', { name: /params\.json/ }).click()
    await until('both files are shown', async () => expect(await page.getByText('depth:').count()).toBe(2))
    await page
      .getByRole('button', { name: /^Take .* out/ })
      .first()
      .click()
    await page.getByRole('heading', { level: 1, name: 'Compare 1 run' }).waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  for (const [theme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const)
    test(`all of it is fit for everybody, in sight and without a complaint: ${theme}, ${width} px wide`, async () => {
      const { runs, experiment, model } = await seeds()
      const [first] = runs
      const { page, complaints, leave } = await stage().browser.person({ theme, width })
      const wrong: string[] = []
      for (const path of [
        `/runs/${first!.id}`,
        `/runs/${first!.id}?do=register`,
        `/runs/${first!.id}?do=fork`,
        `/runs/${first!.id}/metrics`,
        `/runs/${first!.id}/system`,
        `/runs/${first!.id}/files?file=scores.csv`,
        '/runs/nothing',
        `/experiments/${experiment}/compare?runs=${runs.map(({ id }) => id).join(',')}`,
        `/experiments/${experiment}/compare?runs=${runs.map(({ id }) => id).join(',')}&chart=parallel`,
        `/experiments/${experiment}/compare`,
        `/experiments/${experiment}/models`,
        `/experiments/${experiment}/models?filter=nonsense`,
        `/models/${model}/1`,
        `/models/${model}/1/files`,
      ]) {
        await page.goto(stage().at(base + path))
        await page.getByRole('heading', { level: 1, includeHidden: true }).first().waitFor({ state: 'attached' })
        if (path.includes('do=')) await page.getByRole('dialog').waitFor()
        await page.waitForTimeout(600)
        const sideways = await sidewaysOf(page)
        if (sideways > 0) wrong.push(`${path}: scrolls ${sideways} px sideways`)
        wrong.push(...(await violationsOf(page)).map((violation) => `${path}: ${violation}`))
        // What is missing, or asked for in wrong words, is refused, and the browser notes that.
        const found = complaints.splice(0).filter((complaint) => !/status of 40[04]/.test(complaint))
        wrong.push(...found.map((complaint) => `${path}: ${complaint}`))
      }
      expect(wrong).toEqual([])
      await leave()
    })
})
