import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { counted } from '../laws/counts.ts'
import { until } from '../laws/platform.ts'
import { describeConsole } from './stage.ts'
import { visit } from './visiting.ts'
import { sowTraces } from './traces-sown.ts'
import type { SownTraces } from './traces-sown.ts'
import { faultsOf, VIEWS } from './views.ts'

describeConsole('traces and evaluation sets', (stage) => {
  const base = '/p/default'
  let sown: Promise<SownTraces> | undefined
  const seeds = () => (sown ??= sowTraces(stage().platform.url))

  const pathOf = (page: Page) => new URL(page.url()).pathname
  const rowsOf = (page: Page) => page.getByRole('table', { name: 'Traces' }).locator('tbody tr')

  test('traces are found by a filter, whose faults are told at their place', async () => {
    const { experiment } = await seeds()
    const { page, leave } = await visit(stage(), `${base}/experiments/${experiment}/traces`)
    await until('all are listed', async () => expect(await rowsOf(page).count()).toBe(6))
    const filter = page.getByRole('searchbox', { name: 'Filter traces' })
    await filter.fill("trace.status = 'ERROR'")
    await until('two are left', async () => expect(await rowsOf(page).count()).toBe(2))
    await filter.fill("trace.colour = 'red'")
    await filter.press('Enter')
    await page.getByRole('alert').filter({ hasText: 'colour' }).waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).last().click()
    await until('all are back', async () => expect(await rowsOf(page).count()).toBe(6))
    await leave()
  })

  test('a trace that comes meanwhile is in the list by itself', async () => {
    const other = await sowTraces(stage().platform.url, 1)
    const { page, complaints, leave } = await visit(stage(), `${base}/experiments/${other.experiment}/traces`)
    await until('one is listed', async () => expect(await rowsOf(page).count()).toBe(1))
    await fetch(`${stage().platform.url}/api/3.0/mlflow/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        trace: {
          trace_info: {
            trace_id: `tr-late-${other.experiment}`,
            trace_location: { mlflow_experiment: { experiment_id: other.experiment } },
            request_time: new Date().toISOString(),
            state: 'IN_PROGRESS',
          },
        },
      }),
    })
    await until('two are listed', async () => expect(await rowsOf(page).count()).toBe(2))
    await page.getByText('Under way').waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  test('the spans of a trace are gone through by keys, and tell what each was given', async () => {
    const { experiment, traces } = await seeds()
    const { page, complaints, leave } = await visit(
      stage(),
      `${base}/#/experiments/${experiment}/traces?selectedEvaluationId=${traces[1]}`,
    )
    await until('the trace is open', async () => expect(pathOf(page)).toBe(`${base}/traces/${traces[1]}`))
    await page.getByRole('region', { name: 'Inputs' }).getByText('<b>Which trains go</b>').waitFor()
    const tree = page.getByRole('tree', { name: 'Spans' })
    await tree.getByRole('treeitem', { name: /answer AGENT 2.4 s/ }).focus()
    await page.keyboard.press('ArrowDown')
    await page.getByText('TimeoutError: no answer within 2 s').waitFor()
    expect(new URL(page.url()).searchParams.get('span')).toBe('00000000000000b2')
    await page.keyboard.press('ArrowLeft')
    await tree.getByRole('treeitem', { name: /^embed/ }).waitFor({ state: 'detached' })
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    await page
      .getByRole('table', { name: 'Attributes' })
      .getByRole('row', { name: /model small/ })
      .waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  test('a trace is judged, tagged and deleted', async () => {
    const { traces } = await seeds()
    const { page, complaints, leave } = await visit(stage(), `${base}/traces/${traces[5]}`)
    await page.getByRole('button', { name: 'Add feedback' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add feedback' })
    await dialog.getByRole('button', { name: 'Add feedback' }).click()
    await dialog.getByText('Say what is judged.').waitFor()
    await dialog.getByRole('textbox', { name: 'Name' }).fill('helpful')
    await dialog.getByRole('textbox', { name: 'Value' }).fill('false')
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('No platform.')
    await dialog.getByRole('button', { name: 'Add feedback' }).click()
    const judged = page.getByRole('region', { name: 'Assessments' })
    await judged.getByText('No platform.').waitFor()
    await judged.getByRole('button', { name: 'Delete helpful' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete assessment' }).click()
    await judged.getByText('Nobody has judged this trace.').waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete trace' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete trace' }).click()
    await until('five are left', async () => expect(await rowsOf(page).count()).toBe(5))
    await page.getByRole('checkbox', { name: 'Select answer' }).last().check()
    await page.getByRole('toolbar', { name: 'Selected traces' }).getByText('1 selected').waitFor()
    await page.getByRole('button', { name: 'Delete traces' }).click()
    await page.getByRole('dialog', { name: 'Delete 1 trace' }).getByRole('button', { name: 'Delete traces' }).click()
    await until('four are left', async () => expect(await rowsOf(page).count()).toBe(4))
    expect(complaints).toEqual([])
    await leave()
  })

  test('an evaluation set shows its records, and is deleted by its name', async () => {
    const { experiment, set } = await sowTraces(stage().platform.url, 1)
    const { page, complaints, leave } = await visit(stage(), `${base}/experiments/${experiment}/evaluation-sets`)
    await page.getByRole('link', { name: 'questions' }).click()
    await until('the set is open', async () => expect(pathOf(page)).toBe(`${base}/evaluation-sets/${set}`))
    const records = page.getByRole('table', { name: 'Records' })
    await records.getByRole('row', { name: /question: Which trains\? answer: four/ }).waitFor()
    await page.getByRole('button', { name: 'More' }).click()
    await page.getByRole('menuitem', { name: 'Delete evaluation set' }).click()
    const dialog = page.getByRole('dialog', { name: 'Delete questions' })
    await dialog.getByRole('textbox').fill('questions')
    await dialog.getByRole('button', { name: 'Delete evaluation set' }).click()
    await page.getByText('No evaluation sets yet').waitFor()
    expect(complaints).toEqual([])
    await leave()
  })

  for (const view of VIEWS.slice(0, counted({ test: 2, conformance: 4 })))
    test(`every page of them is fit for everybody: ${view.theme}, ${view.width} px wide`, async () => {
      const { experiment, traces, set } = await seeds()
      const walker = await visit(stage(), `${base}/experiments`, view)
      const paths = [
        `/experiments/${experiment}/traces`,
        '/experiments/0/traces',
        `/traces/${traces[1]}`,
        `/traces/${traces[1]}?span=00000000000000b2&do=assess`,
        `/traces/${traces[0]}?do=delete`,
        `/experiments/${experiment}/evaluation-sets`,
        '/experiments/0/evaluation-sets',
        `/evaluation-sets/${set}`,
      ].map((path) => base + path)
      expect(await faultsOf(walker, stage().at, paths)).toEqual([])
      await walker.leave()
    })
})
