import { addGolden, GoldenName } from '@stead/contracts'
import type { Locator } from 'playwright-core'
import { expect, test } from 'vitest'
import { openGate } from '../laws/serving.ts'
import {
  addressOf,
  askSwap,
  choose,
  form,
  gated,
  javascript,
  lookAt,
  paramsOf,
  pathOf,
  PATIENT,
  press,
  quick,
  reasonIn,
  routesAre,
  stagesIn,
  stand,
  toldAs,
  underLoad,
  wider,
  wronged,
} from './changing.ts'
import { describeConsole } from './stage.ts'

describeConsole('changes of a deployment', (stage) => {
  test('a swap under load is watched from its form to Done, has an address of its own, and fails no request', async () => {
    const { platform } = stage()
    const name = 'watched'
    const [, second] = await stand(platform, name, [quick, gated, quick])
    const { page, complaints, leave } = await lookAt(stage(), name)
    await page.evaluate('globalThis.isSameDocument = true')
    const reason = 'the second one rounds better'
    let stages: string[] = []
    let address = ''
    const shots = await underLoad(platform, name, async () => {
      await askSwap(page, name, 2, reason)
      const told = await toldAs(page, `Swap ${name} to v2`, 'Loading')
      stages = await stagesIn(told)
      expect(stages[0]).toMatch(/^Fetching .* ms$/)
      expect(stages).toContainEqual(expect.stringMatching(/^Commit generation 2 –$/))
      await told.getByText('Callers still meet generation 1.').waitFor()
      await openGate(platform, second!, 1)
      await toldAs(page, `Swap ${name} to v2`, 'Committed')
      await told.getByText('v1 kept warm for a rollback').waitFor()
      stages = await stagesIn(told)
      expect(stages).toContainEqual(expect.stringMatching(/^Loading javascript, 1 thread [\d.]+ m?s$/))
      expect(stages).toContainEqual(expect.stringMatching(/^Commit generation 2, journalled/))
      address = pathOf(page)
      expect(address).toMatch(/\/deployments\/watched\/changes\/[\w-]+$/)
      await press(told, 'Done')
      await expect.poll(() => pathOf(page)).toBe(addressOf(name))
      await routesAre(page, 'v2 100 %')
    })
    expect(wronged(shots)).toEqual([])
    expect([...new Set(shots.map(({ version, generation }) => `v${version} g${generation}`))]).toEqual([
      'v1 g1',
      'v2 g2',
    ])

    await page
      .getByRole('row', { name: /^g2 Swap/ })
      .getByText(reason)
      .waitFor()
    await page.getByRole('link', { name: /^Generations/ }).click()
    await page
      .getByRole('row', { name: /g2 now/ })
      .getByText(reason)
      .waitFor()
    expect(await page.evaluate('globalThis.isSameDocument')).toBe(true)

    await page.goto(stage().at(address))
    await page.reload()
    const told = await toldAs(page, `Swap ${name} to v2`, 'Committed')
    await told.getByText(`Reason: “${reason}”`).waitFor()
    await told.getByText('v1 kept warm for a rollback').waitFor()
    await expect.poll(() => stagesIn(told)).toEqual(stages)
    expect(complaints).toEqual([])
    await leave()
  })

  test('a swap can be made by the keyboard alone', async () => {
    const name = 'typed'
    await stand(stage().platform, name, [quick, quick, quick])
    const { page, leave } = await lookAt(stage(), name)
    const isFocused = (one: Locator) => one.evaluate((element) => element.matches(':focus'))
    await page.keyboard.press('s')
    const asked = form(page, `Swap ${name}`)
    const version = asked.getByRole('combobox', { name: /^Version/ })
    await expect.poll(() => isFocused(version), PATIENT).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByRole('listbox').waitFor()
    await page.keyboard.type('v2')
    await expect.poll(() => page.getByRole('option').count(), PATIENT).toBe(1)
    await page.keyboard.press('Enter')
    await version.getByText('v2').waitFor()
    for (let presses = 0; !(await isFocused(reasonIn(asked))); presses++) {
      expect(presses, 'the reason is reached by Tab').toBeLessThan(10)
      await page.keyboard.press('Tab')
    }
    await page.keyboard.type('no mouse at hand')
    await page.keyboard.press('Enter')
    await toldAs(page, `Swap ${name} to v2`, 'Committed')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await routesAre(page, 'v2 100 %')
    await page
      .getByRole('row', { name: /^g2 Swap/ })
      .getByText('no mouse at hand')
      .waitFor()
    await leave()
  })

  test.for([
    {
      name: 'unloadable',
      fails: 'its load',
      makes: javascript({ atLoad: `throw new Error('the vocabulary is missing')` }),
      check: 'Loading on runner-0',
      reason: /the vocabulary is missing/,
    },
    {
      name: 'unfaithful',
      fails: 'a golden request',
      makes: javascript({ atRun: 'x = { ...x, data: x.data.map(() => 97) }' }),
      check: 'stays-small on runner-0',
      reason: /output "y" is 99, outside of 0 to 10/,
    },
  ])('a version that fails $fails is refused: the verdict first, then the check that failed and why', async (one) => {
    const { platform, at } = stage()
    const { name, reason } = one
    await stand(platform, name, [quick, one.makes])
    await platform.client.call(addGolden, {
      params: paramsOf(name),
      body: {
        name: GoldenName.parse('stays-small'),
        request: { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], data: [0, 0] }] },
        assertion: { kind: 'range', output: 'y', min: 0, max: 10 },
      },
    })
    const { page, leave } = await lookAt(stage(), name)
    const isTold = async () => {
      const told = await toldAs(page, `Swap ${name} to v2`, 'Refused')
      const verdict = told.getByText('v2 was refused. Callers noticed nothing.')
      const [first, next] = [await verdict.boundingBox(), await told.getByText(/^Before, /).boundingBox()]
      expect(first!.y).toBeLessThan(next!.y)
      const failed = told.getByRole('region', { name: 'What failed' })
      await failed.getByText(one.check, { exact: true }).waitFor()
      await failed.getByText(reason).waitFor()
      expect(await stagesIn(told)).toContainEqual('Commit not reached; g1 stays –')
      return told
    }
    const shots = await underLoad(platform, name, async () => {
      await askSwap(page, name, 2)
      await isTold()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await routesAre(page, 'v1 100 %')
    })
    expect(wronged(shots)).toEqual([])
    expect([...new Set(shots.map(({ version, generation }) => `v${version} g${generation}`))]).toEqual(['v1 g1'])

    await page
      .getByText(/^Swap to v2 was refused .* Callers noticed nothing\./)
      .getByText(reason)
      .waitFor()
    await page.getByRole('main').getByRole('link', { name: 'See why' }).click()
    await isTold()
    await page.goto(at('/p/default'))
    const need = page.getByRole('listitem').filter({ hasText: `Swap of ${name} was refused.` })
    await need.getByText(reason).waitFor()
    await need.getByRole('link', { name: 'See why' }).click()
    await isTold()
    await leave()
  })

  test('a version that breaks the contract is told of before anything is asked, and repurposes once the name is typed', async () => {
    const { platform } = stage()
    const name = 'promised'
    await stand(platform, name, [quick, wider])
    const { page, leave } = await lookAt(stage(), name)
    await press(page, 'Swap model')
    const asked = form(page, `Swap ${name}`)
    await choose(page, asked.getByRole('combobox', { name: /^Version/ }), 'v2')
    await asked.getByText('v2 changes the contract.').waitFor()
    await asked.getByRole('row', { name: /^x input FP32 \[-1, 2\] FP32 \[-1, 3\]/ }).waitFor()
    const submit = asked.getByRole('button', { name: 'Repurpose and swap' })
    expect(await submit.isDisabled()).toBe(true)
    const typed = asked.getByRole('textbox', { name: `To repurpose it, type ${name}` })
    await typed.fill('promise')
    await typed.press('Enter')
    expect(await submit.isDisabled()).toBe(true)
    expect((await platform.deployment(name)).change).toBeNull()
    await typed.fill(name)
    await submit.click()
    const told = await toldAs(page, `Repurpose ${name} to ${name} v2`, 'Committed')
    await press(told, 'Done')
    await routesAre(page, 'v2 100 %')
    expect((await platform.deployment(name)).table).toMatchObject({
      generation: 2,
      contract: { inputs: [{ shape: [-1, 3] }] },
    })
    await leave()
  })

  test('a change that is aborted while it loads is told as aborted, and nothing has changed', async () => {
    const { platform } = stage()
    const name = 'stopped'
    await stand(platform, name, [quick, gated])
    const before = await platform.deployment(name)
    const { page, leave } = await lookAt(stage(), name)
    const shots = await underLoad(platform, name, async () => {
      await askSwap(page, name, 2)
      await press(await toldAs(page, `Swap ${name} to v2`, 'Loading'), 'Abort')
      const told = await toldAs(page, `Swap ${name} to v2`, 'Aborted')
      await told.getByText('The change was aborted. Callers noticed nothing.').waitFor()
      await page.keyboard.press('Escape')
      await routesAre(page, 'v1 100 %')
      await page.getByText('Serving', { exact: true }).first().waitFor()
    })
    expect(wronged(shots)).toEqual([])
    const after = await platform.deployment(name)
    expect(after.table).toEqual(before.table)
    expect(after).toMatchObject({ change: null, lastFailure: null })
    await leave()
  })

  test('whoever closes the dialog does not stop the change, and is led back to it from any page', async () => {
    const { platform } = stage()
    const name = 'followed'
    const [, second] = await stand(platform, name, [quick, gated])
    const { page, leave } = await lookAt(stage(), name)
    await askSwap(page, name, 2)
    await press(await toldAs(page, `Swap ${name} to v2`, 'Loading'), 'Hide')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Models', exact: false }).first().click()
    await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor()
    const pill = (state: string) => page.getByRole('link', { name: `Swap ${name} to v2, ${state}` })
    await pill('Loading').click()
    await toldAs(page, `Swap ${name} to v2`, 'Loading')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await openGate(platform, second!, 1)
    await pill('Committed').click()
    await press(await toldAs(page, `Swap ${name} to v2`, 'Committed'), 'Done')
    await pill('Committed').waitFor({ state: 'detached' })
    await routesAre(page, 'v2 100 %')
    await leave()
  })

  test('a change is seen while it happens by others, and after a reload', async () => {
    const { platform } = stage()
    const name = 'public'
    const [, second] = await stand(platform, name, [quick, gated])
    const [one, other] = [await lookAt(stage(), name), await lookAt(stage(), name)]
    await other.page.getByText('Serving', { exact: true }).first().waitFor()
    await askSwap(one.page, name, 2, 'for all to see')
    await toldAs(one.page, `Swap ${name} to v2`, 'Loading')
    await other.page.getByRole('link', { name: 'Serving, changing' }).click()
    for (const { page } of [one, other]) {
      if (page === one.page) await page.reload()
      const told = await toldAs(page, `Swap ${name} to v2`, 'Loading')
      await told.getByText('Reason: “for all to see”').waitFor()
      expect(await stagesIn(told)).toContainEqual(expect.stringMatching(/^Fetching .* ms$/))
    }
    await openGate(platform, second!, 1)
    for (const { page, leave } of [one, other]) {
      await press(await toldAs(page, `Swap ${name} to v2`, 'Committed'), 'Done')
      await routesAre(page, 'v2 100 %')
      await leave()
    }
  })
})
