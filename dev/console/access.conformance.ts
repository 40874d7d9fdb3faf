import { expect, test } from 'vitest'
import { AccountName, ConsumerName, createConsumer, listProjects, removeMember } from '@stead/contracts'
import { createClient } from '@stead/sdk'
import { counted } from '../laws/counts.ts'
import { until } from '../laws/platform.ts'
import { addPerson, beyondRefusals, enter, OWNER, PASSWORD, PROJECT, signIn } from './access.fixture.ts'
import { describeConsole, violationsOf } from './stage.ts'
import { faultsOf, VIEWS } from './views.ts'

/** Every screen of access, by its address. */
const SCREENS = [
  '/settings',
  '/settings/profile',
  '/settings/people',
  '/settings/join-tokens',
  '/settings/audit',
  '/p/default/members',
  '/p/default/members/accounts',
  '/p/default/consumers',
  '/p/default/consumers?do=create',
  '/p/default/consumers/mill',
  '/p/default/consumers/mill?do=key',
  '/p/default/consumers/mill?do=limits',
  '/p/default/experiments/0/traces',
  '/p/default/experiments/0/evaluation-sets',
  '/p/default/webhooks',
  '/p/default/webhooks?do=create',
  '/p/default/audit',
  '/p/default/audit?entry=1',
  '/p/default/audit?actor=nobody',
] as const

describeConsole(
  'the console of a closed installation',
  (stage) => {
    const pathOf = (url: string) => url.slice(stage().platform.url.length)

    test('a stranger sees the sign-in and nothing of the installation, and comes back to where they wanted', async () => {
      const one = await stage().browser.person()
      const asked: string[] = []
      one.page.on('response', (response) => void asked.push(new URL(response.url()).pathname))
      await one.page.goto(stage().at('/p/default/models?q=seattle'))
      await one.page.getByRole('heading', { name: 'Sign in' }).waitFor()
      const shown = await one.page.locator('body').innerText()
      expect(shown).not.toMatch(/default|seattle|weather|ada/)
      expect(asked.filter((path) => path.startsWith('/api/'))).toEqual(['/api/v1/session'])
      await signIn(one.page, OWNER)
      await until('the page they wanted is open', async () =>
        expect(pathOf(one.page.url())).toBe('/p/default/models?q=seattle'),
      )
      await one.page.getByText('seattle-weather').first().waitFor()
      expect(beyondRefusals(one.complaints)).toEqual([])
      await one.leave()
    })

    test('a wrong password is told at its field and leads nowhere; the name stays', async () => {
      const one = await stage().browser.person()
      await one.page.goto(stage().at('/'))
      await signIn(one.page, { name: OWNER.name, password: 'not this one at all' })
      await one.page.getByText('That name and password do not go together.').waitFor()
      expect(await one.page.getByLabel('Name', { exact: true }).inputValue()).toBe(OWNER.name)
      expect(await one.page.getByLabel('Password', { exact: true }).getAttribute('aria-invalid')).toBe('true')
      await one.leave()
    })

    test('a link to the sign-in leads to no other site', async () => {
      const one = await stage().browser.person()
      await one.page.goto(stage().at('/sign-in?to=https://example.org/'))
      await signIn(one.page, OWNER)
      await until('the overview is open', async () => expect(pathOf(one.page.url())).toBe('/p/default'))
      await one.leave()
    })

    test('an API token is shown once, opens the API, and nothing after it was revoked', async () => {
      const one = await enter(stage(), '/settings/profile')
      await one.page.getByRole('button', { name: 'New token' }).first().click()
      const dialog = one.page.getByRole('dialog')
      await dialog.getByLabel('Name', { exact: true }).fill('notebook')
      await dialog.getByRole('button', { name: 'Make token' }).click()
      await dialog.getByRole('heading', { name: 'notebook is made' }).waitFor()
      const token = /stead_pat_[\w-]+/.exec(await dialog.locator('[data-secret]').innerText())![0]
      await dialog.getByRole('button', { name: 'Done' }).click()
      expect(await one.page.content()).not.toContain(token)
      const client = createClient({ url: stage().platform.url, token })
      expect((await client.call(listProjects, {})).projects.map(({ name }) => name)).toEqual(['default'])
      await one.page.getByRole('button', { name: 'Revoke notebook' }).click()
      await one.page.getByRole('dialog').getByRole('button', { name: 'Revoke token' }).click()
      await one.page.getByText('notebook is revoked.').waitFor()
      await expect(client.call(listProjects, {})).rejects.toMatchObject({ code: 'unauthenticated' })
      expect(one.complaints).toEqual([])
      await one.leave()
    })

    test('an owner adds a member, who sees the project; and refusals are told where they belong', async () => {
      await addPerson(stage(), 'grace')
      const grace = await enter(stage(), '/p/default', { name: 'grace', password: PASSWORD })
      await grace.page
        .getByText(/not found|Not found/)
        .first()
        .waitFor()
      const owner = await enter(stage(), '/p/default/members')
      await owner.page.getByRole('button', { name: 'Add member' }).click()
      const dialog = owner.page.getByRole('dialog')
      await dialog.getByRole('combobox', { name: /^Sign-in name/ }).click()
      await owner.page.getByRole('option', { name: /grace/ }).click()
      await dialog.getByRole('checkbox', { name: /operator/ }).check()
      await dialog.getByRole('button', { name: 'Add member' }).click()
      await owner.page.getByText('grace may act as viewer, operator in default.').waitFor()
      await grace.page.goto(stage().at('/p/default/deployments'))
      await grace.page.getByRole('link', { name: 'seattle-forecast' }).first().waitFor()
      await grace.leave()
      await owner.leave()
    })

    test('a viewer sees every act that is not theirs, and why it is not', async () => {
      await addPerson(stage(), 'vera', ['viewer'])
      const one = await enter(stage(), '/p/default/deployments/seattle-forecast', { name: 'vera', password: PASSWORD })
      const swap = one.page.getByRole('button', { name: 'Swap model' })
      await swap.waitFor()
      expect(await swap.getAttribute('aria-disabled')).toBe('true')
      await swap.hover()
      await one.page.getByText('Swapping needs the operator role. You are a viewer of default.').waitFor()
      await swap.click({ force: true })
      await one.page.keyboard.press('s')
      expect(await one.page.getByRole('dialog').count()).toBe(0)
      for (const place of ['Audit', 'Platform'])
        expect(await one.page.getByRole('link', { name: place, exact: true }).count(), place).toBe(0)
      await one.page.goto(stage().at('/p/default/deployments/seattle-forecast?do=swap&to=2'))
      const dialog = one.page.getByRole('dialog')
      await dialog.waitFor()
      expect(await dialog.getByRole('button', { name: /^Swap/ }).last().getAttribute('aria-disabled')).toBe('true')
      await one.page.goto(stage().at('/p/default/audit'))
      await one.page.getByText(/Reading the audit log needs the owner role/).waitFor()
      await one.page.goto(stage().at('/p/default/models'))
      const push = one.page.getByRole('button', { name: /^Push/ }).first()
      await push.waitFor()
      expect(await push.getAttribute('aria-disabled')).toBe('true')
      await one.page.goto(stage().at('/p/default/webhooks'))
      const make = one.page.getByRole('button', { name: 'New webhook' })
      await make.hover()
      await one.page.getByText('Making a webhook needs the owner role. You are a viewer of default.').waitFor()
      expect(await make.getAttribute('aria-disabled')).toBe('true')
      expect(one.complaints).toEqual([])
      await one.leave()
    })

    test('who is taken out of a project sees it no more, without reading the page again', async () => {
      await addPerson(stage(), 'rosa', ['viewer'])
      const one = await enter(stage(), '/p/default/deployments', { name: 'rosa', password: PASSWORD })
      await one.page.getByRole('link', { name: 'seattle-forecast' }).first().waitFor()
      const params = { project: PROJECT, member: AccountName.parse('rosa') }
      await stage().platform.client.call(removeMember, { params })
      await one.page.getByRole('link', { name: 'seattle-forecast' }).first().waitFor({ state: 'detached' })
      await one.leave()
    })

    test('a session that was ended elsewhere asks for the password, keeps what was typed, and goes on', async () => {
      const one = await enter(stage(), '/p/default/deployments/seattle-forecast?do=swap&to=3')
      await one.page.getByLabel('Reason').fill('half a thought')
      const other = await enter(stage(), '/settings/profile')
      const ends = other.page.getByRole('table', { name: 'Where you are signed in' }).getByRole('row')
      await ends.filter({ hasText: 'this one' }).waitFor()
      const foreign = ends.filter({ hasText: 'End session' }).filter({ hasNotText: 'this one' })
      for (let left = await foreign.count(); left > 0; left--) {
        await foreign.first().getByRole('button').click()
        await until('one less is left', async () => expect(await foreign.count()).toBe(left - 1))
      }
      await one.page.getByRole('heading', { name: 'Your session has ended' }).waitFor()
      expect(await one.page.getByLabel('Name', { exact: true }).inputValue()).toBe(OWNER.name)
      await one.page.getByLabel('Password', { exact: true }).fill(OWNER.password)
      await one.page.getByRole('button', { name: 'Sign in' }).click()
      await one.page.getByRole('heading', { name: 'Your session has ended' }).waitFor({ state: 'detached' })
      expect(await one.page.getByLabel('Reason').inputValue()).toBe('half a thought')
      await one.page.keyboard.press('Escape')
      await one.page.getByRole('status').getByText('Live', { exact: true }).first().waitFor()
      await one.leave()
      await other.leave()
    })

    test('signing out ends the session in every tab', async () => {
      const one = await enter(stage(), '/p/default')
      const second = await one.context.newPage()
      await second.goto(stage().at('/p/default/models'))
      await second.getByText('seattle-weather').first().waitFor()
      await one.page.getByRole('button', { name: /^You: / }).click()
      await one.page.getByRole('menuitem', { name: 'Sign out' }).click()
      await one.page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await second.getByRole('heading', { name: 'Your session has ended' }).waitFor()
      await one.leave()
    })

    test('a consumer gets a key that is shown once, and limits that are checked before they are sent', async () => {
      const one = await enter(stage(), '/p/default/consumers?do=create')
      const dialog = one.page.getByRole('dialog')
      await dialog.getByLabel('Name', { exact: true }).fill('bakery')
      await dialog.getByLabel('A day (UTC)').fill('many')
      await dialog.getByRole('button', { name: 'Make consumer' }).click()
      await dialog.getByText('“many” is not a whole number above 0.').waitFor()
      await dialog.getByLabel('A day (UTC)').fill('1000')
      await dialog.getByRole('button', { name: 'Make consumer' }).click()
      await one.page.getByRole('heading', { name: 'bakery', level: 1 }).waitFor()
      await one.page.getByText('0 of 1000').waitFor()
      await one.page.getByRole('button', { name: 'New key' }).click()
      await one.page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('shop')
      await one.page.getByRole('dialog').getByRole('button', { name: 'Make key' }).click()
      await one.page
        .getByRole('dialog')
        .locator('[data-secret]')
        .getByText(/stead_key_/)
        .waitFor()
      await one.page.getByRole('dialog').getByRole('button', { name: 'Done' }).click()
      await one.page.getByRole('table', { name: 'Keys' }).getByText('shop').waitFor()
      expect(one.complaints).toEqual([])
      await one.leave()
    })

    test('the audit log is filtered by its address, marks what was denied, and unfolds to what changed', async () => {
      await addPerson(stage(), 'olga', ['viewer'])
      const olga = await enter(stage(), '/p/default', { name: 'olga', password: PASSWORD })
      expect((await olga.context.request.get(stage().at('/api/v1/projects/default/audit'))).status()).toBe(403)
      await olga.leave()
      const one = await enter(stage(), '/p/default/audit?act=member.set')
      const table = one.page.getByRole('table', { name: 'Entries, newest first' })
      await table.getByRole('button', { name: 'member.set' }).first().click()
      await one.page.getByRole('table', { name: 'What changed' }).getByText('roles.0').waitFor()
      expect(await table.getByText('deployment.deployed').count()).toBe(0)
      await one.page.getByRole('button', { name: 'Clear filters' }).click()
      await table.getByText('deployment.deployed').first().waitFor()
      await one.page.getByLabel('On what').fill('member olga')
      await one.page.keyboard.press('Enter')
      await until('the filter is in the address', async () =>
        expect(new URL(one.page.url()).searchParams.get('subject')).toBe('member olga'),
      )
      await one.page.goto(stage().at('/p/default/audit?outcome=denied&actor=olga'))
      const denied = table.getByRole('row').filter({ hasText: 'audit.list' })
      await denied.getByText('Denied', { exact: true }).waitFor()
      // Exporting sets a checkpoint.
      const exported = await one.context.request.get(stage().at('/api/v1/projects/default/audit/export'))
      const kinds = (await exported.text())
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { kind: string }).kind)
      expect(new Set(kinds)).toEqual(new Set(['key', 'entry', 'checkpoint']))
      await one.page.goto(stage().at('/p/default/audit'))
      await one.page
        .getByText(/^Verified up to entry \d+/)
        .first()
        .waitFor()
      await one.leave()
    })

    test('with a consumer, all screens have something to show', async () => {
      const { client } = stage().platform
      await client.call(createConsumer, { params: { project: PROJECT }, body: { name: ConsumerName.parse('mill') } })
    })

    for (const { theme, width } of VIEWS.slice(0, counted({ test: 1, conformance: 4 })))
      test(`its screens are fit for everybody: ${theme}, ${width} px wide`, async () => {
        const stranger = await stage().browser.person({ theme, width })
        await stranger.page.goto(stage().at('/'))
        await stranger.page.getByRole('heading', { name: 'Sign in' }).waitFor()
        const wrong = (await violationsOf(stranger.page)).map((violation) => `/sign-in: ${violation}`)
        await stranger.leave()
        const owner = await enter(stage(), '/p/default', OWNER, { theme, width })
        wrong.push(...(await faultsOf(owner, stage().at, SCREENS)))
        await owner.leave()
        expect(wrong).toEqual([])
      })

    // The last one: this address has to wait afterwards.
    test('who tries too often is told how long to wait', async () => {
      const one = await stage().browser.person()
      await one.page.goto(stage().at('/sign-in'))
      await until('the wait is told', async () => {
        await signIn(one.page, { name: 'mallory', password: 'guess after guess' })
        await one.page.getByText(/Too many attempts\. Try again in \d/).waitFor({ timeout: 1_000 })
      })
      await one.leave()
    })
  },
  { sample: true, closed: true },
)
