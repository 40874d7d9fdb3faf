import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { Digest, getModel, getUpload, getVersion, ModelName, ProjectName, VersionNumber } from '@stead/contracts'
import { addConstant, heavy } from '../fixtures/onnx/models.ts'
import { until } from '../laws/platform.ts'
import { SUMS } from '../laws/javascript-models.ts'
import { describeConsole } from './stage.ts'

const project = ProjectName.parse('default')
const sample = (name: string) => fileURLToPath(new URL(`../sample/models/${name}.onnx`, import.meta.url))
const MB = 2 ** 20

const folder = await mkdtemp(join(tmpdir(), 'stead-uploads-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Kept {
  readonly path: string
  readonly size: number
  readonly digest: Digest
}

async function keep(name: string, bytes: Uint8Array): Promise<Kept> {
  const path = join(folder, name)
  await writeFile(path, bytes)
  return {
    path,
    size: bytes.length,
    digest: Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`),
  }
}

/** How much the page may send in a second: what is sent slowly enough can be met in the middle. */
async function slowly(page: Page, bytesPerSecond: number): Promise<{ asFastAsItGoes: () => Promise<void> }> {
  const session = await page.context().newCDPSession(page)
  const limit = async (uploadThroughput: number) => {
    const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput }
    await session.send('Network.emulateNetworkConditions', conditions)
  }
  await session.send('Network.enable')
  await limit(bytesPerSecond)
  return { asFastAsItGoes: () => limit(-1) }
}

/** The places in the file from which the page sends, as it sends. */
function sentFrom(page: Page): number[] {
  const offsets: number[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH') offsets.push(Number(new URL(request.url()).searchParams.get('offset')))
  })
  return offsets
}

const beyond = (offsets: readonly number[], bytes: number) =>
  until(`more than ${bytes} bytes are sent`, async () => expect(offsets.at(-1)).toBeGreaterThan(bytes))

const dialogOf = (page: Page) => page.getByRole('dialog', { name: /^Push a version/ })
const uploadsOf = (page: Page) => page.getByRole('region', { name: 'Uploads' })

/** Chooses a file on the list of models and begins to push it. */
async function push(page: Page, path: string | string[]): Promise<void> {
  await page.getByRole('button', { name: 'Push a version' }).first().click()
  await dialogOf(page).getByLabel('Choose files').setInputFiles(path)
  await dialogOf(page).getByRole('button', { name: 'Push version' }).click()
}

describeConsole(
  'pushing a version',
  (stage) => {
    async function person(path = '/p/default/models') {
      const one = await stage().browser.person()
      await one.page.goto(stage().at(path))
      await one.page.getByRole('heading', { level: 1 }).first().waitFor()
      return one
    }
    const path = (page: Page) => new URL(page.url()).pathname
    const version = (model: string, number = 1) =>
      stage().platform.client.call(getVersion, {
        params: { project, model: ModelName.parse(model), version: VersionNumber.parse(number) },
      })
    const receivedOf = async ({ digest }: Kept) =>
      (await stage().platform.client.call(getUpload, { params: { project, digest } })).received
    const noModel = (name: string) =>
      expect(
        stage().platform.client.call(getModel, { params: { project, model: ModelName.parse(name) } }),
      ).rejects.toMatchObject({ code: 'model_not_found' })

    test('a chosen ONNX file becomes a version with all that was written, and the news leads to it', async () => {
      const { page, complaints, leave } = await person()
      await page.getByRole('button', { name: 'Push a version' }).first().click()
      const dialog = dialogOf(page)
      await dialog.getByLabel('Choose files').setInputFiles(sample('weather-v1'))
      await expect.poll(() => dialog.getByLabel('Model').inputValue()).toBe('weather')
      await dialog.getByLabel('Description').fill('the linear one')
      await dialog.getByLabel('Alias').fill('first')
      await dialog.getByText('Where it comes from').click()
      await dialog.getByLabel('Data').fill('seattle-weather.csv')
      await dialog.getByRole('button', { name: 'Push version' }).click()
      await page.getByText('weather v1 is there, as @first.').waitFor()
      await dialog.waitFor({ state: 'detached' })
      await page.getByRole('button', { name: 'Open v1' }).click()
      await page.getByRole('heading', { level: 1, name: 'weather v1' }).waitFor()
      expect(path(page)).toBe('/p/default/models/weather/1')
      expect(await version('weather')).toMatchObject({
        runtime: 'onnx',
        description: 'the linear one',
        aliases: ['first'],
        provenance: { dataset: 'seattle-weather.csv' },
      })
      expect(complaints).toEqual([])
      await leave()
    })

    test('files that are dropped on a page are its bundle, a folder with all that is in it', async () => {
      const bundle = join(folder, 'sums')
      await mkdir(join(bundle, 'parts'), { recursive: true })
      await writeFile(join(bundle, 'index.mjs'), 'export const load = () => ({ x }) => ({ y: x })')
      await writeFile(join(bundle, 'signature.json'), JSON.stringify(SUMS))
      await writeFile(join(bundle, 'parts', 'table.txt'), 'one two three')
      const { page, complaints, leave } = await person('/p/default')
      await drop(page, [bundle])
      await dialogOf(page).getByText('parts/table.txt').waitFor()
      await dialogOf(page).getByRole('button', { name: 'Push version' }).click()
      await page.getByText('sums v1 is there.').waitFor()
      const made = await version('sums')
      expect(made.files.map((file) => file.path)).toEqual(['index.mjs', 'parts/table.txt', 'signature.json'])
      expect(made).toMatchObject({ runtime: 'javascript', signature: SUMS })

      await drop(page, [sample('delay-v1')])
      await dialogOf(page).getByText('delay-v1.onnx').waitFor()
      await dialogOf(page).getByRole('button', { name: 'Push version' }).click()
      await page.getByText('delay v1 is there.').waitFor()
      expect(complaints).toEqual([])
      await leave()
    })

    test('a pause holds it on every page, until somebody goes on', async () => {
      const file = await keep('moraine.onnx', heavy({ megabytes: 16, k: 2 }))
      const { page, complaints, leave } = await person()
      const offsets = sentFrom(page)
      const pace = await slowly(page, 4 * MB)
      await push(page, file.path)
      await beyond(offsets, 2 * MB)
      await dialogOf(page).getByRole('button', { name: 'Pause' }).click()
      await dialogOf(page)
        .getByText(/, paused/)
        .waitFor()
      const before = offsets.length
      await dialogOf(page).getByRole('button', { name: 'Hide' }).click()
      await uploadsOf(page)
        .getByText(/, paused/)
        .waitFor()
      await page.getByRole('link', { name: 'Activity' }).first().click()
      await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor()
      await uploadsOf(page)
        .getByText(/, paused/)
        .waitFor()
      await pace.asFastAsItGoes()
      expect(offsets).toHaveLength(before)
      await uploadsOf(page).getByRole('button', { name: 'Go on' }).click()
      await page.getByText('moraine v1 is there.').waitFor()
      expect(offsets[before]).toBeGreaterThan(2 * MB - 1)
      await uploadsOf(page).waitFor({ state: 'detached' })
      expect((await version('moraine')).files).toMatchObject([{ digest: file.digest }])
      // The request that a pause takes back is none.
      expect(complaints).toEqual([])
      await leave()
    })

    test('after a reload it is told what is there; another file is told apart, the same one goes on from there', async () => {
      const file = await keep('fjord.onnx', heavy({ megabytes: 16, k: 3 }))
      const other = await keep('other.onnx', addConstant(1))
      await mkdir(join(folder, 'shorter'))
      const shorter = await keep('shorter/fjord.onnx', addConstant(2))
      const { page, leave } = await person()
      const offsets = sentFrom(page)
      const pace = await slowly(page, 4 * MB)
      await push(page, file.path)
      await beyond(offsets, 4 * MB)
      await page.reload()
      const uploads = uploadsOf(page)
      await uploads.getByText(/fjord\.onnx: \d\S* of 16\.8 MB are there\. Choose the file again to go on\./).waitFor()
      await pace.asFastAsItGoes()
      await page.getByRole('link', { name: 'Activity' }).first().click()
      await page.getByRole('heading', { level: 1, name: 'Activity' }).waitFor()
      const before = offsets.length
      for (const wrong of [other, shorter]) {
        await uploads.getByLabel('Choose again').setInputFiles(wrong.path)
        await uploads
          .getByRole('alert')
          .getByText(/“fjord.onnx” is not the file that was begun/)
          .waitFor()
      }
      expect(offsets).toHaveLength(before)
      await uploads.getByLabel('Choose again').setInputFiles(file.path)
      await page.getByText('fjord v1 is there.').waitFor()
      expect(offsets[before]).toBeGreaterThan(4 * MB - 1)
      expect((await version('fjord')).files).toMatchObject([{ digest: file.digest }])
      await leave()
    })

    test('a file of the same name and size with other bytes is no way to go on', async () => {
      const file = await keep('lagoon.onnx', heavy({ megabytes: 8, k: 4 }))
      await mkdir(join(folder, 'retrained'))
      const retrained = await keep('retrained/lagoon.onnx', heavy({ megabytes: 8, k: 5 }))
      await utimes(retrained.path, new Date(), new Date(Date.now() - 60_000))
      expect(retrained.size).toBe(file.size)
      const { page, leave } = await person()
      const offsets = sentFrom(page)
      const pace = await slowly(page, 2 * MB)
      await push(page, file.path)
      await beyond(offsets, MB)
      await page.reload()
      await pace.asFastAsItGoes()
      await uploadsOf(page).getByLabel('Choose again').setInputFiles(retrained.path)
      await page
        .getByRole('alert')
        .getByText(/“lagoon.onnx” is not the file that was begun/)
        .waitFor()
      await noModel('lagoon')
      await leave()
    })

    test('a file that is no model is refused in words, and the form keeps all that was written', async () => {
      const file = await keep('diary.onnx', Buffer.from('Dear diary, today I learnt nothing.'))
      const { page, leave } = await person()
      await page.getByRole('button', { name: 'Push a version' }).first().click()
      const dialog = dialogOf(page)
      await dialog.getByLabel('Choose files').setInputFiles(file.path)
      await dialog.getByLabel('Description').fill('not what it seems')
      await dialog.getByLabel('Alias').fill('candidate')
      await dialog.getByRole('button', { name: 'Push version' }).click()
      await dialog.getByText(/The version was not made\. .*ONNX/).waitFor()
      expect(await dialog.getByLabel('Model').inputValue()).toBe('diary')
      expect(await dialog.getByLabel('Description').inputValue()).toBe('not what it seems')
      expect(await dialog.getByLabel('Alias').inputValue()).toBe('candidate')
      await dialog.getByText('diary.onnx').waitFor()
      // Another file, and what was written serves it.
      await dialog.getByLabel('Choose files').setInputFiles((await keep('diary-2.onnx', addConstant(7))).path)
      await dialog.getByRole('button', { name: 'Try again' }).click()
      await page.getByText('diary v1 is there, as @candidate.').waitFor()
      expect(await version('diary')).toMatchObject({ description: 'not what it seems' })
      await uploadsOf(page).waitFor({ state: 'detached' })
      await leave()
    })

    test('a bad model name is told at its field before anything is sent', async () => {
      const { page, complaints, leave } = await person()
      const writes: string[] = []
      page.on('request', (request) => request.method() !== 'GET' && writes.push(request.url()))
      await page.getByRole('button', { name: 'Push a version' }).first().click()
      const dialog = dialogOf(page)
      await dialog.getByLabel('Choose files').setInputFiles((await keep('reef.onnx', addConstant(8))).path)
      await dialog.getByLabel('Model').fill('coral/reef')
      await dialog.getByRole('button', { name: 'Push version' }).click()
      await dialog.getByText('1 to 250 characters without “/”, “:” or “\\”.').waitFor()
      const field = dialog.getByLabel('Model')
      expect(await field.inputValue()).toBe('coral/reef')
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      await field.and(page.locator(':focus')).waitFor()
      expect(writes).toEqual([])
      await field.fill('coral-reef')
      await page.keyboard.press('Enter')
      await page.getByText('coral-reef v1 is there.').waitFor()
      expect(complaints).toEqual([])
      await leave()
    })

    test('a push that is cancelled is gone, and so is what had arrived of it', async () => {
      const file = await keep('tundra.onnx', heavy({ megabytes: 16, k: 6 }))
      const { page, leave } = await person()
      const offsets = sentFrom(page)
      await slowly(page, 4 * MB)
      await push(page, file.path)
      await beyond(offsets, 2 * MB)
      expect(await receivedOf(file)).toBeGreaterThan(0)
      await dialogOf(page).getByRole('button', { name: 'Hide' }).click()
      await uploadsOf(page).getByRole('button', { name: 'Cancel push' }).click()
      await uploadsOf(page).waitFor({ state: 'detached' })
      await until('nothing of it is kept', () =>
        expect(receivedOf(file)).rejects.toMatchObject({ code: 'upload_not_found' }),
      )
      await page.reload()
      await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
      expect(await uploadsOf(page).count()).toBe(0)
      await noModel('tundra')
      await leave()
    })

    test('an upload that the death of the server breaks off goes on by itself from what had arrived', async () => {
      const file = await keep('glacier.onnx', heavy({ megabytes: 60, k: 1 }))
      const { page, leave } = await person()
      const offsets = sentFrom(page)
      const pace = await slowly(page, 8 * MB)
      await push(page, file.path)
      await beyond(offsets, 12 * MB)
      stage().platform.server.kill('SIGKILL')
      await dialogOf(page)
        .getByText(/The connection broke; this goes on by itself/)
        .waitFor()
      await stage().platform.server.exited
      const arrived = await keptOnDisk(stage().platform.home, file)
      expect(arrived).toBeGreaterThan(0)
      const before = offsets.length
      await pace.asFastAsItGoes()
      await stage().platform.restartServer()
      await page.getByText('glacier v1 is there.').waitFor({ timeout: 60_000 })
      // What failed while nobody was there is among them; none of it began anew.
      const after = offsets.slice(before)
      expect(Math.min(...after)).toBe(arrived)
      expect(file.size - Math.min(...after)).toBeLessThan(file.size - 8 * MB)
      expect(new Set(after).size).toBe(after.length)
      expect((await version('glacier')).files).toMatchObject([{ digest: file.digest, size: file.size }])
      await leave()
    })
  },
  { runners: 0 },
)

/** Lets go of files over the page, as a file manager would. */
async function drop(page: Page, files: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files, dragOperationsMask: 1 }
  const at = { x: 640, y: 400, data }
  // A browser that has not yet heard that the page takes what hovers lets the drop fall; a hand tries again.
  await expect
    .poll(async () => {
      await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at })
      await page.getByText('Drop to push a version').waitFor()
      await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at })
      await session.send('Input.dispatchDragEvent', { type: 'drop', ...at })
      return dialogOf(page)
        .waitFor({ timeout: 4_000 })
        .then(
          () => true,
          () => false,
        )
    })
    .toBe(true)
}

/** How much of an unfinished upload a server that is gone had written. */
async function keptOnDisk(home: string, { digest }: Kept): Promise<number> {
  const names = await readdir(join(home, 'uploads'), { recursive: true })
  const part = names.find((name) => basename(name).startsWith(digest.slice('sha256:'.length)))
  return part === undefined ? 0 : (await stat(join(home, 'uploads', part))).size
}
