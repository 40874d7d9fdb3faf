import { expect, test } from 'vitest'
import { createProject } from '@stead/contracts'
import { ProjectName } from '@stead/contracts'
import { until } from '../laws/platform.ts'
import type { Person } from './browser.ts'
import { describeConsole } from './stage.ts'

describeConsole(
  'the frame around every screen',
  (stage) => {
    async function person(path: string, options: Parameters<ReturnType<typeof stage>['browser']['person']>[0] = {}) {
      const one = await stage().browser.person(options)
      await one.page.goto(stage().at(path))
      return one
    }
    const path = ({ page }: Person) => {
      const { pathname, search } = new URL(page.url())
      return pathname + search
    }
    const arrives = (one: Person, address: string) =>
      until(`${address} is open`, async () => expect(path(one)).toBe(address))

    test('the root leads to the project that was open last', async () => {
      const one = await person('/')
      await arrives(one, '/p/default')
      await one.page.getByRole('heading', { level: 1, name: /deployments? stand/ }).waitFor()
      await one.leave()
    })

    test('every area can be reached by its two keys, and no key works in a field', async () => {
      const one = await person('/p/default')
      await one.page.getByRole('heading', { level: 1 }).waitFor()
      for (const [keys, address] of [
        ['gd', '/p/default/deployments'],
        ['gm', '/p/default/models'],
        ['ga', '/p/default/activity'],
        ['go', '/p/default'],
      ] as const) {
        await one.page.keyboard.type(keys)
        await arrives(one, address)
      }
      await one.page.keyboard.type('ga')
      await arrives(one, '/p/default/activity')
      await one.page.getByRole('searchbox').waitFor()
      await one.page.keyboard.press('/')
      await one.page.keyboard.type('gd')
      await expect.poll(() => one.page.getByRole('searchbox').inputValue()).toBe('gd')
      await one.leave()
    })

    test('the palette finds a deployment, a version by its digest, and carries out nothing but opening', async () => {
      const one = await person('/p/default')
      await one.page.getByRole('heading', { level: 1 }).waitFor()
      const open = async (text: string, name: RegExp) => {
        await one.page.keyboard.press('Control+k')
        await one.page.getByRole('combobox', { name: 'Search or act' }).fill(text)
        await one.page.getByRole('option', { name }).first().waitFor()
      }
      await open('seattle-fore', /seattle-forecast/)
      await one.page.keyboard.press('Enter')
      await arrives(one, '/p/default/deployments/seattle-forecast')
      await open('swap', /swap model/i)
      await one.page.keyboard.press('Enter')
      await one.page.getByRole('dialog').waitFor()
      await one.page.keyboard.press('Escape')
      await one.page.getByRole('dialog').waitFor({ state: 'detached' })
      await open('flight-delay v2', /flight-delay v2/)
      await one.page.keyboard.press('Enter')
      await arrives(one, '/p/default/models/flight-delay/2')
      expect(one.complaints).toEqual([])
      await one.leave()
    })

    test('another project is another world, and the address says which', async () => {
      const one = await person('/p/default')
      await one.page.getByRole('button', { name: /switch project/ }).click()
      await one.page.getByRole('menuitem', { name: 'New project' }).click()
      await one.page.getByLabel('Name').fill('Not A Name')
      await one.page.getByRole('button', { name: 'Create project' }).click()
      await one.page
        .getByText(/lower-case letters/)
        .first()
        .waitFor()
      expect(await one.page.getByLabel('Name').inputValue()).toBe('Not A Name')
      await one.page.getByLabel('Name').fill('default')
      await one.page.getByRole('button', { name: 'Create project' }).click()
      await one.page.getByText(/already/).waitFor()
      await one.page.getByLabel('Name').fill('harbour')
      await one.page.getByRole('button', { name: 'Create project' }).click()
      await arrives(one, '/p/harbour')
      await one.page.getByText('Nothing here yet').waitFor()
      await one.page.getByRole('button', { name: /switch project/ }).click()
      await one.page.getByRole('menuitem', { name: 'Describe harbour' }).click()
      await one.page.getByLabel('What it is for').fill('ships and tides')
      await one.page.getByRole('button', { name: 'Save' }).click()
      await one.page.getByText('ships and tides').waitFor()
      await one.leave()
    })

    test('what happens elsewhere appears by itself', async () => {
      const one = await person('/p/default/activity')
      await one.page.getByRole('status').getByText('Live').first().waitFor()
      await stage().platform.swap('arrival-delay', 1, { reason: 'seen from afar' })
      await one.page.getByText('seen from afar').waitFor()
      await one.leave()
    })

    test('tabs of one browser share one event stream', async () => {
      const one = await person('/p/default')
      await one.page.getByRole('status').getByText('Live').first().waitFor()
      const streams = async () => {
        const metrics = await (await one.context.request.get(stage().at('/metrics'))).text()
        return Number(/^stead_event_streams (\d+)/m.exec(metrics)?.[1] ?? Number.NaN)
      }
      const before = await streams()
      expect(before).toBeGreaterThan(0)
      const pages = await Promise.all(Array.from({ length: 7 }, () => one.context.newPage()))
      for (const page of pages) {
        await page.goto(stage().at('/p/default/deployments'))
        await page.getByRole('status').getByText('Live').first().waitFor()
      }
      expect(await streams()).toBe(before)
      await one.leave()
    })

    test('while the server is away the page says so and keeps what it knew; on its return it is live again by itself', async () => {
      const one = await person('/p/default')
      const heading = one.page.getByRole('heading', { level: 1 })
      await heading.getByText(/2 deployments stand/).waitFor()
      stage().platform.server.kill('SIGKILL')
      await one.page.getByText(/The server is away since/).waitFor()
      expect(await heading.textContent()).toMatch(/2 deployments stand/)
      await stage().platform.restartServer()
      await one.page.getByText(/The server is away since/).waitFor({ state: 'detached' })
      await stage().platform.client.call(createProject, { body: { name: ProjectName.parse('after-the-outage') } })
      await one.page.getByRole('button', { name: /switch project/ }).click()
      await one.page.getByRole('menuitem', { name: 'after-the-outage' }).waitFor()
      await one.leave()
    })

    test('the theme follows the system until a person chooses, and the choice is kept', async () => {
      const one = await person('/settings', { theme: 'dark' })
      const theme = () => one.page.evaluate('document.documentElement.dataset.theme')
      expect(await theme()).toBe('dark')
      await one.page.getByRole('radio', { name: 'Light' }).check()
      await expect.poll(theme).toBe('light')
      await one.page.reload()
      expect(await theme()).toBe('light')
      await one.leave()
    })

    test('an address that leads nowhere says so inside the frame', async () => {
      for (const address of ['/p/default/nowhere', '/p/default/deployments/never-was', '/p/default/models/never-was']) {
        const one = await person(address)
        await one.page.getByRole('heading', { name: 'Not found', level: 1 }).waitFor()
        await one.page.getByRole('navigation', { name: 'Areas' }).first().waitFor()
        await one.leave()
      }
    })
  },
  { sample: true },
)
