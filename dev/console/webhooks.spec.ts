import { createModel, createWebhook, listWebhooks, ModelName, ProjectName, WebhookName } from '@stead/contracts'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPlainReceiver } from '../services/plain-receiver.ts'
import type { PlainReceiver } from '../services/plain-receiver.ts'
import { describeConsole, sidewaysOf, violationsOf } from './stage.ts'

const project = ProjectName.parse('default')
const params = { project }
const VIEWS = [
  { theme: 'light', width: 1280 },
  { theme: 'dark', width: 390 },
] as const

let receiver: PlainReceiver | undefined
beforeAll(async () => {
  receiver = await startPlainReceiver()
})
afterAll(() => receiver?.close())

describeConsole('webhooks', (stage) => {
  const given = () => {
    if (!receiver) throw new Error('nobody receives')
    return receiver
  }
  const make = (name: string) =>
    stage().platform.client.call(createModel, { params, body: { name: ModelName.parse(name) } })
  const all = async () => (await stage().platform.client.call(listWebhooks, { params })).webhooks
  const choose = async (page: Page, act: string) => {
    await page.getByRole('button', { name: 'More', exact: true }).first().click()
    await page.getByRole('menuitem', { name: act }).click()
  }

  test('one is made, tried, tells of what happens, is disabled and deleted', async () => {
    const { page, complaints, leave } = await stage().browser.person()
    await page.goto(stage().at('/p/default/webhooks'))
    await page.getByText('No webhooks yet').waitFor()
    await page.keyboard.press('n')
    const dialog = page.getByRole('dialog', { name: 'New webhook' })
    await dialog.getByLabel('Name').fill('chat')
    await dialog.getByLabel('Address').fill('http://10.0.0.1/hook')
    await dialog.getByRole('button', { name: 'Make webhook' }).click()
    await dialog.getByText('Choose at least one event.').waitFor()
    await dialog.getByRole('checkbox', { name: /^registered_model\.created/ }).check()
    await dialog.getByRole('checkbox', { name: /^model_version_alias\.created/ }).check()
    await dialog.getByLabel('Secret').fill('open sesame')
    await dialog.getByRole('button', { name: 'Make webhook' }).click()
    // The platform refuses the address, and that is told where it was typed.
    await dialog.getByText(/Allowed schemes are: https/).waitFor()
    expect(await dialog.getByLabel('Address').getAttribute('aria-invalid')).toBe('true')
    await dialog.getByLabel('Address').fill(given().url)
    await dialog.getByRole('button', { name: 'Make webhook' }).click()
    await page.getByRole('heading', { level: 1, name: 'chat' }).waitFor()
    expect(await page.content()).not.toContain('open sesame')

    await page.getByRole('button', { name: 'Send example' }).click()
    const trial = page.getByRole('dialog', { name: 'Send an example to chat' })
    await trial.getByRole('button', { name: 'Send example' }).click()
    await trial.getByText(/^Arrived: answered 200 after/).waitFor()
    // There is nothing left to cancel.
    expect(await trial.getByRole('button', { name: 'Cancel' }).count()).toBe(0)
    given().answer(503)
    await trial.getByRole('button', { name: 'Send again' }).click()
    await trial.getByText(/^Did not arrive: answered 503 after/).waitFor()
    await trial.getByRole('button', { name: 'Done' }).click()
    await trial.waitFor({ state: 'detached' })
    given().answer(200)

    await make('rain')
    const log = page.getByRole('table', { name: 'Deliveries', exact: true })
    await log.getByText('delivered').waitFor()
    const { id } = given().arrivals.at(-1)!
    await log.getByRole('button', { name: 'registered_model.created', exact: true }).click()
    await page.getByText(id).waitFor()
    await page
      .getByRole('region', { name: `What ${id} says` })
      .getByText('"rain"')
      .waitFor()
    await log.getByRole('button', { name: /^Send registered_model\.created of .* once more$/ }).click()
    await expect.poll(() => log.getByText('delivered').count()).toBe(2)
    const ids = given().arrivals.map((arrival) => arrival.id)
    expect(new Set(ids).size).toBe(ids.length)

    await choose(page, 'Disable webhook')
    await page.getByText('The webhook chat is told of nothing any more.').waitFor()
    expect(await all()).toMatchObject([{ status: 'DISABLED', last: { state: 'delivered' } }])
    await page.getByRole('button', { name: 'Undo' }).click()
    await page.getByText('The webhook chat is told of what happens from now on.').waitFor()

    await choose(page, 'Delete webhook')
    const asked = page.getByRole('dialog', { name: 'Delete the webhook chat?' })
    await asked.getByRole('textbox').fill('chat')
    await asked.getByRole('button', { name: 'Delete webhook' }).click()
    await page.getByText('No webhooks yet').waitFor()
    expect(await all()).toEqual([])
    // What the platform refused is noted by the browser itself.
    expect(complaints.filter((complaint) => !/status of 400/.test(complaint))).toEqual([])
    await leave()
  })

  test('it is fit for everybody, in every theme and width, with deliveries that wait', async () => {
    given().answer(503)
    const { id } = await stage().platform.client.call(createWebhook, {
      params,
      body: { name: WebhookName.parse('x'.repeat(63)), url: given().url, events: ['registered_model.created'] },
    })
    await make('<img src=x onerror=alert(1)>')
    const wrong: string[] = []
    for (const { theme, width } of VIEWS) {
      const { page, complaints, leave } = await stage().browser.person({ theme, width })
      for (const path of ['', '?do=create', `/${id}`, `/${id}?do=test`, `/${id}?do=change`, `/${id}?do=delete`]) {
        await page.goto(stage().at(`/p/default/webhooks${path}`))
        await page.getByRole('heading', { level: 1, includeHidden: true }).first().waitFor({ state: 'attached' })
        if (path.includes('do=')) await page.getByRole('dialog').waitFor()
        else
          await page
            .getByText(/answered 503/)
            .first()
            .waitFor()
        if (path === `/${id}`) await page.getByRole('button', { name: 'registered_model.created', exact: true }).click()
        await page.waitForTimeout(300)
        const sideways = await sidewaysOf(page)
        if (sideways > 0) wrong.push(`${path}, ${width} px: scrolls ${sideways} px sideways`)
        wrong.push(...(await violationsOf(page)).map((violation) => `${path}, ${theme}, ${width} px: ${violation}`))
      }
      wrong.push(...complaints)
      await leave()
    }
    expect(wrong).toEqual([])
  })
})
