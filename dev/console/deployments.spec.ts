import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import {
  BundlePath,
  createDeployment,
  createProject,
  createVersion,
  DeploymentName,
  Digest,
  listGolden,
  ModelName,
  ProjectName,
  putArtifact,
  setTraffic,
  VersionNumber,
} from '@stead/contracts'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addConstant } from '../fixtures/onnx/models.ts'
import { inferUrl, rest, rows } from '../laws/load.ts'
import type { Platform } from '../laws/platform.ts'
import { readReplay, requestOf } from '../sample/seed.ts'
import { replayTraffic } from '../sample/traffic.ts'
import {
  addressOf,
  choose,
  form,
  lookAt,
  paramsOf,
  pathOf,
  PATIENT,
  press,
  quick,
  reasonIn,
  routesAre,
  stand,
  toldAs,
} from './changing.ts'
import { leaveOut } from '../services/left-out.ts'
import { describeConsole } from './stage.ts'

const SAMPLE = 'seattle-forecast'
const run = promisify(execFile)
const hasCurl = spawnSync('curl', ['--version']).error === undefined
if (!hasCurl) leaveOut('the console: the curl command', 'curl is not installed')

describeConsole(
  'a deployment from its making to its end',
  (stage) => {
    const ending = new AbortController()
    let traffic: Promise<void> | undefined
    beforeAll(() => {
      traffic = replayTraffic(runner(), ending.signal)
    })
    afterAll(async () => {
      ending.abort()
      await traffic
    })

    const runner = () => stage().platform.runners[0]!.rest
    const call = (name: string) => rest(inferUrl(runner(), name), rows([[1, 1]]))

    async function fromMenu(page: Page, item: string): Promise<void> {
      await press(page.getByRole('main'), 'More')
      await page.getByRole('menuitem', { name: item, exact: true }).click()
    }

    test('a new one is told of a bad name and of a taken one at the field, keeps what was typed, and leads to its page', async () => {
      const { platform, browser, at } = stage()
      await deployElsewhere(platform, 'taken-elsewhere')
      const { page, leave } = await browser.person()
      await page.goto(at('/p/default/deployments'))
      await press(page, 'New deployment')
      const asked = form(page, 'New deployment')
      const name = asked.getByRole('textbox', { name: /^Name/ })
      await choose(page, asked.getByRole('combobox', { name: 'Model' }), 'flight-delay')
      await reasonIn(asked).fill('a second opinion')
      for (const [typed, told] of [
        ['late & later', /^Use 1 to 63 letters, digits/],
        // By the page itself, or by the server where the page has not read the list yet.
        [SAMPLE, /is taken[.;] names are unique/i],
        ['taken-elsewhere', /taken/],
      ] as const) {
        await name.fill(typed)
        await press(asked, 'Deploy')
        await asked.getByText(told).waitFor()
        expect(await name.getAttribute('aria-invalid')).toBe('true')
        expect(await name.inputValue()).toBe(typed)
        expect(await reasonIn(asked).inputValue()).toBe('a second opinion')
      }
      await name.fill('second-opinion')
      await press(asked, 'Deploy')
      await press(await toldAs(page, 'Deploy second-opinion', 'Committed'), 'Done')
      await page.getByRole('heading', { name: 'second-opinion', level: 1 }).waitFor()
      await expect.poll(() => pathOf(page)).toBe(addressOf('second-opinion'))
      await page
        .getByRole('row', { name: /^g1 Deploy/ })
        .getByText('a second opinion')
        .waitFor()
      await leave()
    })

    test('a rollback returns to the generation before, and further ones to any that is chosen', async () => {
      const { platform } = stage()
      const name = 'returned'
      await stand(platform, name, [quick, quick])
      await platform.swap(name, 2)
      const { page, leave } = await lookAt(stage(), name)
      await page.getByRole('button', { name: 'Roll back', exact: true }).click()
      const asked = form(page, `Roll back ${name}`)
      await asked.getByText('Nothing is loaded: v1 is warm').waitFor()
      await reasonIn(asked).fill('the old one after all')
      await press(asked, 'Roll back to g1')
      await press(await toldAs(page, `Roll back ${name} to v1`, 'Committed'), 'Done')
      await routesAre(page, 'v1 100 %')

      await page.keyboard.press('b')
      await choose(page, asked.getByRole('combobox', { name: 'Generation' }), 'g2')
      await press(asked, 'Roll back to g2')
      await press(await toldAs(page, `Roll back ${name} to v2`, 'Committed'), 'Done')
      await routesAre(page, 'v2 100 %')
      await page
        .getByRole('row', { name: /^g3 Rollback/ })
        .getByText('the old one after all')
        .waitFor()
      expect((await call(name)).json.model_version).toBe('2')
      await leave()
    })

    test('traffic is split by shares that always make 100', async () => {
      const { platform } = stage()
      const name = 'shared'
      await stand(platform, name, [quick, quick])
      const { page, leave } = await lookAt(stage(), name)
      await page.getByRole('button', { name: 'Change traffic' }).click()
      const asked = form(page, `Change traffic of ${name}`)
      const shareOf = (version: number) => asked.getByRole('textbox', { name: `Share of v${version} in per cent` })
      const shares = async () => [await shareOf(1).inputValue(), await shareOf(2).inputValue()]
      await choose(page, asked.getByRole('combobox', { name: /^Add a version/ }), 'v2')
      await expect.poll(shares, PATIENT).toEqual(['90', '10'])
      await shareOf(2).fill('33.4')
      await expect.poll(shares, PATIENT).toEqual(['66.6', '33.4'])
      await shareOf(1).fill('half')
      await asked.getByRole('alert').getByText('“half” is not a number. Write one from 0 to 100.').waitFor()
      await shareOf(1).fill('50')
      await expect.poll(shares, PATIENT).toEqual(['50', '50'])
      await press(asked, 'Change traffic')
      await press(await toldAs(page, `Change traffic of ${name}`, 'Committed'), 'Done')
      await routesAre(page, 'v1 50 %, v2 50 %')
      const { routes } = (await platform.deployment(name)).table
      expect(routes.map(({ weight }) => weight)).toEqual([50, 50])
      await leave()
    })

    test('a shadow is stopped from its row', async () => {
      const { platform } = stage()
      const name = 'shadowed'
      await stand(platform, name, [quick, quick])
      await platform.client.call(setTraffic, {
        params: paramsOf(name),
        body: {
          routes: [{ version: VersionNumber.parse(1), weight: 100 }],
          shadows: [{ version: VersionNumber.parse(2), fraction: 1 }],
        },
      })
      const { page, leave } = await lookAt(stage(), name)
      const row = page.getByRole('region', { name: 'Route table' }).getByRole('row', { name: /^v2 Shadow/ })
      await row.getByRole('button', { name: 'Stop shadow' }).click()
      await press(form(page, `Change traffic of ${name}`), 'Change traffic')
      await press(await toldAs(page, `Change traffic of ${name}`, 'Committed'), 'Done')
      await row.waitFor({ state: 'detached' })
      expect((await platform.deployment(name)).table).toMatchObject({ routes: [{ version: 1 }], shadows: [] })
      await leave()
    })

    test('a deployment is parked until somebody wakes it, and woken', async () => {
      const { platform } = stage()
      const name = 'resting'
      await stand(platform, name, [quick])
      const { page, leave } = await lookAt(stage(), name)
      await fromMenu(page, 'Park')
      const asked = form(page, `Park ${name}`)
      await asked.getByRole('radio', { name: /^somebody wakes it/ }).check()
      await press(asked, 'Park')
      await press(await toldAs(page, `Park ${name}`, 'Committed'), 'Done')
      await page.getByText('Parked', { exact: true }).first().waitFor()
      expect((await call(name)).status).toBe(503)
      await fromMenu(page, 'Wake')
      await press(form(page, `Wake ${name}`), 'Wake')
      await press(await toldAs(page, `Wake ${name}`, 'Committed'), 'Done')
      await page.getByText('Serving', { exact: true }).first().waitFor()
      expect((await call(name)).status).toBe(200)
      await leave()
    })

    test('a deployment is deleted only by whoever types its name', async () => {
      const name = 'doomed'
      await stand(stage().platform, name, [quick])
      const { page, leave } = await lookAt(stage(), name)
      await fromMenu(page, 'Delete deployment')
      const asked = form(page, `Delete ${name}`)
      const typed = asked.getByRole('textbox', { name: `Type ${name} to go on` })
      await typed.fill('domed')
      await press(asked, 'Delete deployment')
      await asked.getByText(`Type exactly ${name}`).waitFor()
      expect(await typed.inputValue()).toBe('domed')
      expect((await call(name)).status).toBe(200)
      await typed.fill(name)
      await press(asked, 'Delete deployment')
      await expect.poll(() => pathOf(page), PATIENT).toBe('/p/default/deployments')
      await page.getByText(`${name} is deleted`).waitFor()
      await page.getByRole('row', { name }).waitFor({ state: 'detached' })
      expect((await call(name)).status).toBe(404)
      await leave()
    })

    test('figures and charts are alive under traffic', async () => {
      const { page, complaints, leave } = await lookAt(stage(), SAMPLE)
      const chart = (name: string) => page.getByRole('figure', { name: new RegExp(`^${name}`) })
      await expect.poll(() => chart('Requests').innerText(), PATIENT).toMatch(/v1\s*[1-9]/)
      for (const one of [chart('Requests'), chart('Latency')]) {
        const before = await one.innerText()
        await expect.poll(() => one.innerText(), PATIENT).not.toBe(before)
      }
      const requests = page.getByRole('main').getByRole('definition').first()
      await expect.poll(() => requests.innerText(), PATIENT).toMatch(/^[\d.]*[1-9][\d.]* ?\/s/)
      const total = async () => Number(/([\d\s]+) in 24 h/.exec(await requests.innerText())?.[1]?.replaceAll(/\s/g, ''))
      const before = await total()
      await expect.poll(total, PATIENT).toBeGreaterThan(before)
      expect(complaints).toEqual([])
      await leave()
    })

    test('the range of the charts is in the address', async () => {
      const { page, leave } = await lookAt(stage(), SAMPLE)
      const range = (name: string) =>
        page.getByRole('radiogroup', { name: 'Range' }).getByRole('radio', { name, exact: true })
      const inAddress = () => new URL(page.url()).searchParams.get('range')
      await range('1 h').check()
      await expect.poll(inAddress, PATIENT).toBe('1h')
      await page.getByText('every 10 s').waitFor()
      await page.reload()
      await page.getByText('every 10 s').waitFor()
      expect(await range('1 h').isChecked()).toBe(true)
      await range('15 m').check()
      await expect.poll(inAddress, PATIENT).toBeNull()
      await leave()
    })

    test('arrow keys move the crosshair, and all figures can be read as a table', async () => {
      const { page, leave } = await lookAt(stage(), SAMPLE)
      const plot = page.getByRole('slider', { name: 'Requests, crosshair' })
      await expect.poll(() => plot.getAttribute('aria-valuetext'), PATIENT).toMatch(/: v1 [1-9]/)
      const at = async () => Number(await plot.getAttribute('aria-valuenow'))
      // Thirty seconds back, of which a newest second that has moved on meanwhile cannot make twenty.
      const newest = await at()
      for (let times = 0; times < 3; times++) await plot.press('Shift+ArrowLeft')
      await expect.poll(at, PATIENT).toBeLessThan(newest - 20)
      const first = await at()
      for (const [key, from] of [
        ['ArrowLeft', -1],
        ['Shift+ArrowLeft', -11],
        ['ArrowRight', -10],
      ] as const) {
        await plot.press(key)
        await expect.poll(at, PATIENT).toBe(first + from)
      }
      await plot.press('Escape')
      await expect.poll(at, PATIENT).toBeGreaterThan(first)
      await press(page, 'Show as table')
      const table = page.getByRole('table', { name: 'Figures, newest first' })
      await table.getByRole('columnheader', { name: 'Requests, v1' }).waitFor()
      await expect.poll(() => table.getByRole('row').count(), PATIENT).toBeGreaterThan(10)
      await press(page, 'Show as charts')
      await plot.waitFor()
      await leave()
    })

    test('a request made by hand is answered by two versions side by side and can be kept as a golden request', async () => {
      const { platform } = stage()
      const { page, complaints, leave } = await lookAt(stage(), SAMPLE)
      const panel = page.getByRole('region', { name: 'Try it' })
      const row = [...(await readReplay()).weather.rows[0]!]
      const field = panel.getByRole('textbox', { name: /^features\[0\]/ })
      await expect.poll(() => field.inputValue(), PATIENT).toBe(String(row[0]))
      await field.fill('5,5')
      await field.press('Tab')
      await panel.getByText('“5,5” is not a number. Write 5.5 with a point.').waitFor()
      expect(await field.inputValue()).toBe('5,5')
      await field.fill('5.5')
      await panel.getByText('is not a number').waitFor({ state: 'detached' })
      await field.press('Control+Enter')
      await panel.getByRole('columnheader', { name: /^v1 .* ms$/ }).waitFor()
      await panel.getByRole('columnheader', { name: /^v2 .* ms$/ }).waitFor()
      row[0] = 5.5
      const told = await panel
        .getByRole('row', { name: /^temp_max/ })
        .getByRole('cell')
        .allInnerTexts()
      for (const [index, version] of [1, 2].entries()) {
        const { json } = await rest(versionUrl(runner(), version), JSON.stringify(requestOf(row)))
        // Rows that share a run with others, as the sample's traffic does, may differ in their last digits.
        expect(Number(/-?\d+\.\d+/.exec(told[index]!)?.[0])).toBeCloseTo(json.outputs![0]!.data[0]!, 3)
      }
      await press(panel, 'Keep as golden request')
      const asked = form(page, 'Keep as golden request')
      await asked.getByRole('textbox', { name: 'Name' }).fill('cool-day')
      await press(asked, 'Keep request')
      await page.getByText('Kept as golden request cool-day.').waitFor()
      const { golden } = await platform.client.call(listGolden, { params: paramsOf(SAMPLE) })
      expect(golden.find(({ name }) => name === 'cool-day')).toMatchObject({
        request: requestOf(row),
        assertion: { kind: 'range' },
      })
      expect(complaints).toEqual([])
      await leave()
    })

    test.runIf(hasCurl)('the curl command that callers are shown runs as it is', async () => {
      const { page, leave } = await lookAt(stage(), SAMPLE)
      await page.getByRole('link', { name: 'Callers' }).click()
      const command = await page.getByRole('region', { name: 'Call by curl' }).innerText()
      const { stdout } = await run('sh', ['-c', command])
      const answer = JSON.parse(stdout) as { model_version: string; outputs: { data: number[] }[] }
      expect(answer.outputs).toMatchObject([{ name: 'temp_max', shape: [1, 1] }])
      const body = JSON.stringify(requestOf((await readReplay()).weather.rows[0]!))
      const { json } = await rest(versionUrl(runner(), Number(answer.model_version)), body)
      // Rows that share a run with others, as the sample's traffic does, may differ in their last digits.
      expect(answer.outputs[0]!.data[0]).toBeCloseTo(json.outputs![0]!.data[0]!, 3)
      await leave()
    })
  },
  { sample: true },
)

const versionUrl = (base: string, version: number) => `${base}/v2/models/${SAMPLE}/versions/${version}/infer`

/** A deployment of another project, of which this one knows nothing. */
async function deployElsewhere({ client }: Platform, name: string): Promise<void> {
  const project = ProjectName.parse('elsewhere')
  const model = ModelName.parse('adder')
  const body = addConstant(1)
  const digest = Digest.parse(`sha256:${createHash('sha256').update(body).digest('hex')}`)
  await client.call(createProject, { body: { name: project } })
  await client.send(putArtifact, { params: { project, digest } }, { body, size: body.length })
  const files = [{ path: BundlePath.parse('model.onnx'), digest }]
  const { version } = await client.call(createVersion, { params: { project, model }, body: { files } })
  await client.call(createDeployment, {
    params: { project },
    body: { name: DeploymentName.parse(name), model, version },
  })
}
