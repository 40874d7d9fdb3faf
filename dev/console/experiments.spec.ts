import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { mlflow } from './mlflow-log.ts'
import { describeConsole, sidewaysOf, violationsOf } from './stage.ts'

const MINUTE = 60_000

describeConsole('experiments and their runs', (stage) => {
  async function person(path: string, options: { theme?: 'light' | 'dark'; width?: number } = {}) {
    const one = await stage().browser.person(options)
    await one.page.goto(stage().at(path))
    return one
  }
  const log = () => mlflow(stage().platform.url)
  const names = (page: Page) => page.getByRole('rowheader').getByRole('link').allTextContents()
  const shows = (page: Page, wanted: readonly string[]) => expect.poll(() => names(page)).toEqual(wanted)
  const cell = (page: Page, run: string, column: number) =>
    page.getByRole('row').filter({ hasText: run }).getByRole('gridcell').nth(column)
  const notice = (page: Page, text: string) => page.getByText(text, { exact: true }).first().waitFor()

  /** Four boosters and a forest that failed, the newest first. */
  async function boosters(name: string): Promise<string> {
    const { experiment, run } = log()
    const id = await experiment(name)
    const now = Date.now()
    for (let number = 1; number <= 4; number++)
      await run(id, `gbt-${number}`, {
        metrics: { f1: 0.7 + number / 100, loss: 1 - number / 10 },
        params: { algo: 'gbt', lr: String(number / 10), seed: '42' },
        at: now - number * MINUTE,
      })
    await run(id, 'forest-1', {
      metrics: { f1: 'NaN' },
      params: { algo: 'forest', seed: '42' },
      tags: { stage: 'candidate' },
      at: now - 9 * MINUTE,
      status: 'FAILED',
    })
    return id
  }

  test('an experiment is made, renamed, deleted and taken back, and purged by its name', async () => {
    const { page, complaints, leave } = await person('/p/default/experiments')
    await page.getByRole('region', { name: 'Three lines of Python that log a run here' }).waitFor()
    await page.keyboard.press('n')
    await page.getByRole('textbox', { name: 'Name' }).fill('first try')
    await page.getByRole('button', { name: 'Create experiment' }).click()
    await page.getByRole('heading', { level: 1, name: 'first try' }).waitFor()
    await page.getByText('mlflow.set_experiment("first try")').waitFor()
    await page.getByRole('button', { name: 'Acts of first try' }).click()
    await page.getByRole('menuitem', { name: 'Rename' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Default')
    await page.getByRole('button', { name: 'Rename experiment' }).click()
    await page
      .getByRole('dialog')
      .getByText(/already/)
      .waitFor()
    await page.getByRole('textbox', { name: 'Name' }).fill('second try')
    await page.getByRole('button', { name: 'Rename experiment' }).click()
    await page.getByRole('heading', { level: 1, name: 'second try' }).waitFor()
    await page.getByRole('navigation', { name: 'Breadcrumb' }).getByRole('link', { name: 'Experiments' }).click()
    await page.getByRole('button', { name: 'Acts of second try' }).click()
    await page.getByRole('menuitem', { name: 'Delete' }).click()
    await page.getByRole('link', { name: 'second try' }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByRole('link', { name: 'second try' }).waitFor()
    await page.getByRole('button', { name: 'Acts of second try' }).click()
    await page.getByRole('menuitem', { name: 'Purge' }).click()
    await page.getByRole('textbox').fill('second')
    await page.getByRole('button', { name: 'Purge experiment' }).click()
    await page.getByText('Type exactly second try').waitFor()
    await page.getByRole('textbox').fill('second try')
    await page.getByRole('button', { name: 'Purge experiment' }).click()
    await notice(page, 'second try is gone for good.')
    await page.getByRole('radio', { name: 'Deleted' }).check()
    await page.getByText('Nothing is deleted here').waitFor()
    expect(complaints.filter((complaint) => !complaint.includes('409'))).toEqual([])
    await leave()
  })

  test('runs are sorted by headings, and the address says how', async () => {
    const id = await boosters('sorted')
    const { page, complaints, leave } = await person(`/p/default/experiments/${id}`)
    await shows(page, ['gbt-1', 'gbt-2', 'gbt-3', 'gbt-4', 'forest-1'])
    await page.getByRole('button', { name: 'f1' }).click()
    await shows(page, ['gbt-4', 'gbt-3', 'gbt-2', 'gbt-1', 'forest-1'])
    await page.getByRole('columnheader', { name: 'f1' }).and(page.locator('[aria-sort=descending]')).waitFor()
    await page.getByRole('button', { name: 'algo' }).click()
    await page.getByRole('button', { name: 'loss' }).click({ modifiers: ['Shift'] })
    await shows(page, ['forest-1', 'gbt-1', 'gbt-2', 'gbt-3', 'gbt-4'])
    expect(new URL(page.url()).searchParams.get('sort')).toBe('params.algo,-metrics.loss')
    await page.reload()
    await shows(page, ['forest-1', 'gbt-1', 'gbt-2', 'gbt-3', 'gbt-4'])
    await cell(page, 'forest-1', 0).getByText('NaN').waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  test('a filter is completed by names and values, its parts are taken out one by one, and what is wrong is underlined', async () => {
    const id = await boosters('filtered')
    const { page, leave } = await person(`/p/default/experiments/${id}`)
    await shows(page, ['gbt-1', 'gbt-2', 'gbt-3', 'gbt-4', 'forest-1'])
    await page.keyboard.press('/')
    await page.keyboard.type('alg')
    await page.getByRole('option', { name: /params\.algo/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.keyboard.type('= ')
    await page.getByRole('option', { name: /'forest'/ }).waitFor()
    await page.keyboard.type("'g")
    await page.getByRole('option', { name: /'gbt'/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await shows(page, ['gbt-1', 'gbt-2', 'gbt-3', 'gbt-4'])
    await page.keyboard.type('and metrics.f1 > 0.725')
    await shows(page, ['gbt-3', 'gbt-4'])
    await page.getByText('2 runs match').waitFor()
    await page.getByRole('button', { name: "Remove params.algo = 'gbt'" }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('filter')).toBe('metrics.f1 > 0.725')
    const filter = page.getByRole('combobox', { name: 'Filter runs' })
    await filter.fill("attributes.statuss = 'FINISHED'")
    await page.getByRole('button', { name: 'Did you mean status?' }).click()
    await shows(page, ['gbt-1', 'gbt-2', 'gbt-3', 'gbt-4'])
    await filter.fill('metrics.f2 > 0')
    await page.getByRole('button', { name: 'Did you mean f1?' }).waitFor()
    await filter.fill("params.algo = 'svm' AND metrics.f1 > 0")
    await page.getByText(/there are 4\./).waitFor()
    await page.getByRole('button', { name: 'Remove that part' }).click()
    await shows(page, ['gbt-1', 'gbt-2', 'gbt-3', 'gbt-4'])
    await leave()
  })

  test('groups tell the mean and the best of their runs, and unfold', async () => {
    const id = await boosters('grouped')
    const { page, complaints, leave } = await person(`/p/default/experiments/${id}?sort=-metrics.f1`)
    await page.getByRole('button', { name: 'Group', exact: true }).click()
    await page.getByRole('checkbox', { name: 'algo' }).click()
    await page.keyboard.press('Escape')
    await expect.poll(() => new URL(page.url()).searchParams.get('group')).toBe('params.algo')
    const gbt = page.getByRole('row').filter({ hasText: 'gbt' }).first()
    await gbt.getByText('0.74').waitFor()
    await gbt.getByText('0.725').waitFor()
    await page.getByRole('button', { name: 'Unfold gbt' }).click()
    await shows(page, ['gbt-4', 'gbt-3', 'gbt-2', 'gbt-1'])
    await page.getByText('2 groups').waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  test('columns are chosen, moved by key, and only those that differ are shown; a view keeps them', async () => {
    const id = await boosters('columns')
    const { page, complaints, leave } = await person(`/p/default/experiments/${id}`)
    const headings = async () => (await page.getByRole('columnheader').allTextContents()).slice(1)
    await expect.poll(headings).toEqual(['f1', 'loss', 'algo', 'lr', 'seed', 'Took', 'Started', 'User'])
    await page.getByRole('button', { name: /^Columns/ }).click()
    await page.getByRole('button', { name: 'Hide Took' }).click()
    await page.getByRole('checkbox', { name: 'stage' }).click()
    await page.getByRole('button', { name: 'lr param' }).focus()
    await page.keyboard.press('Alt+ArrowUp')
    await page.getByRole('checkbox', { name: /Only columns that differ/ }).click()
    await page.keyboard.press('Escape')
    await expect.poll(headings).toEqual(['f1', 'loss', 'lr', 'algo', 'Started', 'User', 'stage'])
    await page.getByRole('button', { name: 'Views' }).click()
    await page.getByRole('menuitem', { name: 'Save as a view…' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('what differs')
    await page.getByRole('button', { name: 'Save view' }).click()
    await page.getByRole('button', { name: 'View: what differs' }).waitFor()
    expect(new URL(page.url()).search).toBe('?view=what+differs')
    await page.reload()
    await expect.poll(headings).toEqual(['f1', 'loss', 'lr', 'algo', 'Started', 'User', 'stage'])
    expect(complaints).toEqual([])
    await leave()
  })

  test('that the columns of all runs could not be read is told, and they are asked for again', async () => {
    const id = await boosters('unread columns')
    const { page, leave } = await stage().browser.person()
    const asked = `**/experiments/${id}/columns*`
    await page.route(asked, (route) => route.abort())
    await page.goto(stage().at(`/p/default/experiments/${id}`))
    await page.getByRole('button', { name: /^Columns/ }).click()
    const told = page.getByRole('alert').filter({ hasText: 'Those of all could not be read: ' })
    await told.waitFor()
    await page.unroute(asked)
    await told.getByRole('button', { name: 'Try now' }).click()
    await told.waitFor({ state: 'detached' })
    await expect.poll(() => page.getByText('Those of the newest runs.').count()).toBe(0)
    await leave()
  })

  test('the parts of an experiment stay in sight while it is read', async () => {
    const id = await boosters('slow')
    const { page, leave } = await person(`/p/default/experiments/${id}/evaluation-sets`)
    let goOn: (() => void) | undefined
    const held = new Promise<void>((resolve) => (goOn = resolve))
    await page.route(`**/experiments/${id}`, async (route) => {
      if (route.request().resourceType() !== 'document') await held
      await route.continue()
    })
    const part = page.getByRole('navigation', { name: 'Parts of this experiment' }).getByRole('link', { name: /^Runs/ })
    await part.click()
    await page.getByRole('status', { name: 'Reading the experiment' }).waitFor()
    expect(await part.getAttribute('aria-current')).toBe('page')
    goOn?.()
    await page.getByRole('link', { name: 'gbt-1' }).waitFor()
    await leave()
  })

  test('no page of an experiment looks like one where there is none', async () => {
    const { page, leave } = await stage().browser.person()
    for (const part of ['', '/models', '/traces', '/evaluation-sets', '/compare']) {
      await page.goto(stage().at(`/p/default/experiments/999999${part}`))
      await page.getByText('There is no experiment 999999 in default, or you cannot see it.').waitFor()
    }
    await leave()
  })

  test('runs are selected by key, tagged, exported, deleted and taken back', async () => {
    const id = await boosters('bulk')
    const { page, complaints, leave } = await person(`/p/default/experiments/${id}?cols=metrics.f1,tags.kept`)
    await shows(page, ['gbt-1', 'gbt-2', 'gbt-3', 'gbt-4', 'forest-1'])
    const reaches = (name: string) => page.locator('[role=row]:focus').filter({ hasText: name }).waitFor()
    await page.keyboard.press('j')
    await reaches('gbt-1')
    await page.keyboard.press('x')
    await page.keyboard.press('j')
    await reaches('gbt-2')
    await page.keyboard.press('j')
    await reaches('gbt-3')
    await page.keyboard.press('Shift+X')
    await page.getByText('3 selected').waitFor()
    await page.getByRole('button', { name: 'Tag' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('kept')
    await page.getByRole('textbox', { name: 'Value' }).fill('yes')
    await page.getByRole('button', { name: 'Set tag' }).click()
    await cell(page, 'gbt-2', 1).getByText('yes').waitFor()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ])
    const [head, ...lines] = (await readFile(await download.path(), 'utf8')).trim().split('\r\n')
    expect(head).toBe('run_id,run_name,status,metrics.f1,tags.kept')
    expect(lines.map((line) => line.split(',').slice(1).join())).toEqual([
      'gbt-1,FINISHED,0.71,yes',
      'gbt-2,FINISHED,0.72,yes',
      'gbt-3,FINISHED,0.73,yes',
    ])
    await page.getByRole('button', { name: 'Delete' }).click()
    await notice(page, '3 runs were deleted.')
    await shows(page, ['gbt-4', 'forest-1'])
    await page.getByRole('button', { name: 'Undo' }).first().click()
    await shows(page, ['gbt-1', 'gbt-2', 'gbt-3', 'gbt-4', 'forest-1'])
    expect(complaints).toEqual([])
    await leave()
  })

  test('parts of a run stand below it; what is logged meanwhile is seen', async () => {
    const { experiment, run, metric } = log()
    const id = await experiment('live')
    const parent = await run(id, 'sweep', { status: 'RUNNING' })
    const trial = await run(id, 'trial', {
      metrics: { loss: 0.9 },
      tags: { 'mlflow.parentRunId': parent },
      status: 'RUNNING',
    })
    const { page, complaints, leave } = await person(`/p/default/experiments/${id}`)
    await shows(page, ['sweep'])
    await page.getByRole('button', { name: 'Unfold sweep' }).click()
    await shows(page, ['sweep', 'trial'])
    await cell(page, 'trial', 0).getByText('0.9', { exact: true }).waitFor()
    await metric(trial, 'loss', 0.25, 9)
    await cell(page, 'trial', 0).getByText('0.25', { exact: true }).waitFor()
    await run(id, 'another', { status: 'RUNNING' })
    await page.getByRole('link', { name: 'another' }).waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  test('only what is in sight of many runs is in the page, and one comes to the last of them', async () => {
    const { experiment, run } = log()
    const id = await experiment('many')
    const now = Date.now()
    await Promise.all(
      Array.from({ length: 430 }, (_, number) =>
        run(id, `run-${number}`, { metrics: { loss: number }, at: now - number * 1000 }),
      ),
    )
    const { page, complaints, leave } = await person(`/p/default/experiments/${id}?sort=metrics.loss`)
    await page.getByText('430 runs').waitFor()
    expect(await page.getByRole('row').count()).toBeLessThan(80)
    const grid = page.getByRole('grid')
    await expect
      .poll(async () => {
        await grid.evaluate((box) => box.scrollTo(0, box.scrollHeight))
        return await names(page)
      })
      .toContain('run-429')
    await cell(page, 'run-429', 0).getByText('429').waitFor()
    expect(await page.getByRole('row').count()).toBeLessThan(80)
    expect(complaints).toEqual([])
    await leave()
  })

  test('links that clients of MLflow print lead to the pages here', async () => {
    const { experiment, run } = log()
    const id = await experiment('linked')
    const one = await run(id, 'one')
    const { page, leave } = await person(`/#/experiments/${id}`)
    await page.getByRole('heading', { level: 1, name: 'linked' }).waitFor()
    expect(new URL(page.url()).pathname).toBe(`/p/default/experiments/${id}`)
    await page.goto(stage().at(`/p/default/#/experiments/${id}/runs/${one}`))
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/p/default/runs/${one}`)
    await leave()
  })

  test.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)(
    'hostile names change no layout and run no script (%s, %i px); axe finds nothing',
    async (theme, width) => {
      const { experiment, run } = log()
      const name = `<img src=x onerror=alert(1)> ${'x'.repeat(200)} ${theme}`
      const id = await experiment(name)
      for (const hostile of ['<script>alert(1)</script>', 'مرحبا ‮abc', 'y'.repeat(250)])
        await run(id, hostile, {
          metrics: { ['m'.repeat(250)]: 1e300, inf: 'Infinity' },
          params: { constructor: 'v'.repeat(3000), 'a b': `it's "so"` },
        })
      const { page, complaints, leave } = await person('/p/default/experiments', { theme, width })
      let asked = false
      page.on('dialog', () => {
        asked = true
      })
      await page.getByRole('link', { name }).waitFor()
      expect(await violationsOf(page)).toEqual([])
      expect(await sidewaysOf(page)).toBe(0)
      await page.goto(stage().at(`/p/default/experiments/${id}`))
      await page.getByRole('link', { name: '<script>alert(1)</script>' }).waitFor()
      await page.getByRole('checkbox', { name: /^Select y+/ }).click()
      await page.getByText('1 selected').waitFor()
      expect(await violationsOf(page)).toEqual([])
      expect(await sidewaysOf(page)).toBe(0)
      expect(asked).toBe(false)
      expect(complaints).toEqual([])
      await leave()
    },
  )
})
