import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import {
  addGolden,
  AliasName,
  NewAliasName,
  BundlePath,
  createDeployment,
  createProject,
  createVersion,
  DeploymentName,
  Digest,
  ModelName,
  ProjectName,
  putArtifact,
  setAlias,
  swapDeployment,
} from '@stead/contracts'
import type { Client } from '@stead/sdk'
import { floats, onnxModel, tensor } from '../fixtures/onnx/writer.ts'
import { counted } from '../laws/counts.ts'
import type { Person } from './browser.ts'
import { describeConsole, sidewaysOf } from './stage.ts'

/** Texts that a page must show and never take for anything else. Whatever runs of them sets the global `ran`. */
const NASTY = [
  '<script>ran=1</script>',
  '<img src=x onerror=ran=1>',
  '"><svg onload=ran=1>',
  "'-ran=1-'",
  'javascript:ran=1',
  '</title></style></textarea><iframe srcdoc="<script>parent.ran=1</script>">',
  '{{ran=1}} ${ran=1} <%= ran=1 %>',
  '{model} {version} {count} {who}',
  '__proto__',
  'constructor',
  '%2e%2e',
  '%00%ff%',
  'a?b=c&d#e;f',
  '..hidden',
  'who@where@v1',
  '\u202egnp.exe',
  'שלום عالم',
  'a\u200b\u200d\ufeffb\u00adc',
  'e\u0301\u0323'.repeat(40),
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'x'.repeat(250),
  'Ａ\u00a0\u3000Ｂ',
] as const

/** Deployments and aliases have few letters to choose from; words of the language are among what is left. */
const WORDS = ['constructor', 'toString', 'hasOwnProperty', 'NaN', 'null', 'x..-__.y', '0', 'changes', 'A'.repeat(63)]

/** All the words that strangers choose for one model. */
interface Thing {
  readonly model: string
  readonly alias: string
  readonly file: string
  readonly text: string
  readonly tensor: string
}

const fits = (schema: { safeParse: (value: unknown) => { success: boolean } }) => (text: string) =>
  schema.safeParse(text).success
const nasty = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...NASTY) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...NASTY), { minLength: 2, maxLength: 3 }).map((all) => all.join(' ')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }) },
)
const plain = (text: string) =>
  text
    .replaceAll(/[/:\\\p{Cc}]/gu, '')
    .slice(0, 250)
    .toWellFormed()
    .trim()
const thing: fc.Arbitrary<Thing> = fc.record({
  model: nasty.map(plain).filter(fits(ModelName)),
  alias: fc.oneof(fc.constantFrom(...WORDS.filter(fits(NewAliasName))), fc.constant('z'.repeat(255))),
  file: nasty.map((text) => `${plain(text).slice(0, 60)}.onnx`).filter(fits(BundlePath)),
  text: nasty.map((text) => text.toWellFormed().replaceAll('\0', '')),
  tensor: nasty.map((text) => `${text.toWellFormed().replaceAll('\0', '').slice(0, 250)}!`),
})

/** Every nasty text as a name, and every one elsewhere as well. */
const ALL: readonly Thing[] = NASTY.map(plain)
  .filter(fits(ModelName))
  .map((model, at) => ({
    model,
    alias: WORDS.filter(fits(NewAliasName))[at % 7]!,
    file: `${plain(NASTY[(at + 3) % NASTY.length]!).slice(0, 60)}.onnx`,
    text: NASTY[(at + 5) % NASTY.length]!,
    tensor: `${NASTY[(at + 7) % NASTY.length]!}!`,
  }))

/** A project to put them into. */
interface Place {
  readonly client: Client
  readonly project: ProjectName
}

/** A graph whose every word is a stranger's. One that must load has an operator that exists. */
function graphOf({ tensor: name, text }: Thing, loads: boolean): Uint8Array {
  const known = { op: 'Add', inputs: [name, 'k'], outputs: [`${name}?`] }
  const strange = { ...known, op: text || 'Add', domain: text, attributes: { [text]: { text } } }
  return onnxModel({
    inputs: [tensor(name, 'FP32', [text || 'n', 2])],
    outputs: [tensor(`${name}?`, 'FP32', [text || 'n', 2])],
    nodes: [loads ? known : strange],
    initializers: [floats('k', [], [1])],
  })
}

async function store({ client, project }: Place, body: Uint8Array): Promise<Digest> {
  const digest = Digest.parse(`sha256:${createHash('sha256').update(body).digest('hex')}`)
  await client.send(putArtifact, { params: { project, digest } }, { body, size: body.length })
  return digest
}

async function bring(place: Place, one: Thing, loads: boolean): Promise<void> {
  const { client, project } = place
  const params = { project, model: ModelName.parse(one.model) }
  const files = [{ path: BundlePath.parse(one.file), digest: await store(place, graphOf(one, loads)) }]
  const few = one.text.slice(0, 250)
  const { version } = await client.call(createVersion, {
    params,
    body: { files, description: one.text, provenance: { sourceRun: few, dataset: few, commit: few } },
  })
  await client.call(setAlias, { params: { ...params, alias: AliasName.parse(one.alias) }, body: { version } })
}

/** A deployment of it, with a golden request, and a change that was refused in a stranger's words. */
async function deploy(place: Place, name: string, one: Thing): Promise<void> {
  const { client, project } = place
  const model = ModelName.parse(one.model)
  const params = { project, deployment: DeploymentName.parse(name) }
  await client.call(createDeployment, {
    params,
    body: { name: params.deployment, model, version: 1, reason: one.text },
  })
  const request = { inputs: [{ name: one.tensor, datatype: 'FP32', shape: [1, 2], data: [1, 2] }] }
  await client.call(addGolden, { params, body: { name: 'constructor', request } })
  const source = `export const load = () => { throw new Error(${JSON.stringify(one.text)}) }`
  const { version } = await client.call(createVersion, {
    params: { project, model },
    body: {
      files: [{ path: BundlePath.parse('index.mjs'), digest: await store(place, Buffer.from(source)) }],
      signature: {
        inputs: [{ name: one.tensor, datatype: 'FP32', shape: [-1, 2] }],
        outputs: [{ name: `${one.tensor}?`, datatype: 'FP32', shape: [-1, 2] }],
      },
    },
  })
  const swap = client.call(swapDeployment, { params, body: { version, reason: one.text } })
  await expect(swap).rejects.toMatchObject({ code: 'checks_failed' })
}

const inOneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

/** An address, and words that its page must show. */
type Screen = readonly [path: string, words: readonly string[]]

const modelScreens = (project: string, { model, alias, file, text, tensor: name }: Thing): Screen[] => {
  const at = `/p/${project}/models/${encodeURIComponent(model)}`
  const few = text.slice(0, 250)
  return [
    [at, [model, `@${alias}`]],
    [`${at}/1`, [model, `@${alias}`, text, few, name, `${name}?`]],
    [`${at}/1/graph?view=list`, [model, `Input ${name}`, `Output ${name}?`]],
    [`${at}/1/graph?node=n0`, [model, name]],
    [`${at}/1/files`, [model, file]],
    [`/p/${project}/activity?subject=${encodeURIComponent(model)}`, [`${model} v1`, `${model}@${alias}`]],
  ]
}

const deploymentScreens = (project: string, name: string, { model, text, tensor: input }: Thing): Screen[] => {
  const at = `/p/${project}/deployments/${name}`
  return [
    [at, [name, text]],
    [`${at}/generations`, [name, text]],
    [`${at}/generations/1`, [name, model, text]],
    [`${at}/engines`, [name]],
    [`${at}/checks`, [name, 'constructor']],
    [`${at}/callers`, [name, input]],
    [`${at}/contract`, [name, input, `${input}?`]],
    [`${at}/settings`, [name]],
    [`${at}?do=swap`, [name, model]],
    [`${at}?do=traffic`, [name]],
    [`${at}?do=delete`, [name]],
    [`/p/${project}/models/${encodeURIComponent(model)}/1?do=delete`, [`Delete ${model} v1`]],
  ]
}

const listScreens = (project: string, models: readonly string[], deployments: readonly string[]): Screen[] => [
  [`/p/${project}`, deployments],
  [`/p/${project}/models`, models],
  [`/p/${project}/models?do=push`, models],
  [`/p/${project}/deployments`, deployments],
  [`/p/${project}/deployments?do=create`, deployments],
  // The newest of what happened, and then what happened to versions: the others may be on the next page.
  [`/p/${project}/activity`, models.slice(-3)],
  [`/p/${project}/activity?noun=version`, models],
]

/** Elements that could lead elsewhere or load something. The picture of a graph names who made it possible. */
const STRAYS = `[...document.querySelectorAll('a[href], iframe, img, object, embed, [srcdoc], form[action]')]
  .filter((one) => one.tagName !== 'A' || (one.origin !== location.origin && one.href !== 'https://reactflow.dev/attribution'))
  .map((one) => one.outerHTML.slice(0, 200))`

/** Opens a screen, waits until it shows the words it is about, and finds what is wrong with it. */
async function wrongWith({ page, complaints }: Person, address: string, words: readonly string[]): Promise<string[]> {
  await page.goto(address)
  const missing = async () => {
    const shown = inOneLine(await page.locator('body').innerText())
    return words.map(inOneLine).filter((word) => !shown.includes(word))
  }
  const wrong: string[] = []
  await expect
    .poll(missing)
    .toEqual([])
    .catch(async () => wrong.push(...(await missing()).map((word) => `does not say ${JSON.stringify(word)}`)))
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 900 })
    // Pictures find their new size a moment after the page.
    await expect
      .poll(() => sidewaysOf(page))
      .toBe(0)
      .catch(async () => wrong.push(`scrolls ${await sidewaysOf(page)} px sideways at ${width}`))
  }
  if ((await page.evaluate('typeof ran')) !== 'undefined') wrong.push('a script ran')
  const strays: string[] = await page.evaluate(STRAYS)
  wrong.push(...strays.map((stray) => `has ${stray}`), ...complaints.splice(0))
  return wrong.map((one) => `${decodeURIComponent(new URL(address).pathname)}: ${one}`)
}

describeConsole('words of strangers', (stage) => {
  /** Puts the words into a project of their own; the first of them are deployed. */
  async function settle(name: string, things: readonly Thing[], deployments: readonly string[]): Promise<void> {
    const place = { client: stage().platform.client, project: ProjectName.parse(name) }
    await place.client.call(createProject, { body: { name: place.project } })
    for (const [at, one] of things.entries()) await bring(place, one, at < deployments.length)
    for (const [at, deployment] of deployments.entries()) await deploy(place, deployment, things[at]!)
  }

  /** What is wrong with these screens, and dialogs that something in them opened. */
  async function look(screens: readonly Screen[]): Promise<string[]> {
    const one = await stage().browser.person({ width: 390 })
    const wrong: string[] = []
    one.page.on('dialog', (dialog) => {
      wrong.push(`a dialog was opened: ${dialog.message()}`)
      void dialog.dismiss()
    })
    for (const [path, words] of screens) wrong.push(...(await wrongWith(one, stage().at(path), words)))
    await one.leave()
    return wrong
  }

  const project = 'all'
  const deployments = ['constructor', '0'] as const
  /** Some of them, or all where there is time. */
  const some = <T>(all: readonly T[], every: number) =>
    all.filter((_, at) => at % counted({ test: every, conformance: every, soak: 1 }) === 0)
  beforeAll(() => settle(project, ALL, deployments))

  test('are shown as they are in every list, and never run', async () => {
    const models = ALL.map(({ model }) => model)
    expect(await look(listScreens(project, models, deployments))).toEqual([])
  })

  test('are shown as they are on the pages of a model, and never run', async () => {
    expect(await look(some(ALL, 4).flatMap((one) => modelScreens(project, one)))).toEqual([])
  })

  test('are shown as they are on the pages of a deployment, and never run', async () => {
    const screens = deployments.map((name, at) => deploymentScreens(project, name, ALL[at]!))
    expect(await look([...screens[0]!, ...some(screens[1]!, 4)])).toEqual([])
  })

  test('lead to what they name: from the list, from the palette, from what happened', async () => {
    const { page, complaints, leave } = await stage().browser.person()
    await page.goto(stage().at(`/p/${project}/models`))
    for (const { model } of ALL) {
      await page.getByRole('link', { name: model, exact: true }).and(page.locator('[title]')).click()
      await headed(page, model)
      await page.getByRole('row', { name: /^Compare v1/ }).waitFor()
      await page.goBack()
      await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
    }
    for (const { model } of some(ALL, 3)) {
      await page.keyboard.press('Control+k')
      await page.getByRole('combobox', { name: 'Search or act' }).fill(model)
      const found = page.getByRole('option').filter({ hasText: / model$/ })
      await expect.poll(async () => (await found.allInnerTexts()).map(inOneLine)).toContain(inOneLine(`${model} model`))
      await page.keyboard.press('Escape')
      await page.getByRole('combobox').waitFor({ state: 'detached' })
    }
    for (const { model, alias } of ALL) {
      await page.goto(stage().at(`/p/${project}/activity?subject=${encodeURIComponent(model)}`))
      const link = page.getByRole('main').getByRole('link', { name: inOneLine(`${model}@${alias}`), exact: true })
      const { pathname } = new URL((await link.getAttribute('href'))!, page.url())
      expect(pathname.split('/').map(decodeURIComponent)).toEqual(['', 'p', project, 'models', model])
    }
    expect(complaints).toEqual([])
    await leave()
  })

  test('that turn the direction of writing turn only themselves', async () => {
    const model = NASTY.find((text) => text.startsWith('\u202e'))!
    const { page, leave } = await stage().browser.person()
    await page.goto(stage().at(`/p/${project}/activity?subject=${encodeURIComponent(model)}`))
    const told = page.getByRole('main').locator('p, td, li').filter({ hasText: 'pointed' }).last()
    const name = (await told.getByRole('link').first().boundingBox())!
    const version = (await told.getByText('v1', { exact: true }).boundingBox())!
    expect(version.x).toBeGreaterThanOrEqual(name.x + name.width)
    await leave()
  })

  test('of any other kind change nothing in that', async () => {
    let runs = 0
    const world = fc.array(thing, { minLength: 2, maxLength: 2 })
    const numRuns = counted({ test: 1, conformance: 3, soak: 50 })
    const property = fc.asyncProperty(world, fc.constantFrom(...WORDS), async (drawn, word) => {
      const name = `drawn-${++runs}`
      const things = [...new Map(drawn.map((one) => [one.model, one])).values()]
      const deployment = `${word.slice(0, 50)}-${runs}`
      await settle(name, things, [deployment])
      const models = things.map(({ model }) => model)
      const screens = [
        ...listScreens(name, models, [deployment]),
        ...things.flatMap((one) => modelScreens(name, one)),
        ...deploymentScreens(name, deployment, things[0]!),
      ]
      expect(await look(screens)).toEqual([])
    })
    // Smaller words would not tell more than these, and take long to find.
    await fc.assert(property, { seed: 20_26, numRuns, endOnFailure: true })
  })
})

/** The page that is open is of this model. */
async function headed(page: Page, model: string): Promise<void> {
  const heading = page.getByRole('heading', { level: 1 })
  await expect.poll(async () => inOneLine((await heading.allInnerTexts()).join())).toBe(inOneLine(model))
}
