import { expect } from 'vitest'
import { DeploymentName, ProjectName } from '@stead/contracts'
import type { Version } from '@stead/contracts'
import type { Locator, Page } from 'playwright-core'
import type { Person } from './browser.ts'
import type { Stage } from './stage.ts'
import { addConstant } from '../fixtures/onnx/models.ts'
import { javascriptSums, SUMS } from '../laws/javascript-models.ts'
import { startLoad } from '../laws/load.ts'
import type { Shot } from '../laws/load.ts'
import { until } from '../laws/platform.ts'
import type { Platform } from '../laws/platform.ts'

/** A version of the named model that adds `k`, as it is pushed. */
type Maker = (
  k: number,
  model: string,
) => readonly [
  content: Uint8Array | Record<string, string>,
  more?: { runtime: 'javascript'; signature: Version['signature'] },
]

type Code = Omit<Parameters<typeof javascriptSums>[0], 'k'>

export const quick: Maker = (k) => [addConstant(k)]
/** Takes three numbers where the others take two. */
export const wider: Maker = (k) => [addConstant(k, { width: 3 })]
export const javascript =
  (code: Code): Maker =>
  (k) => [javascriptSums({ k, ...code }), { runtime: 'javascript', signature: SUMS }]

/** Loads for as long as its gate is closed: `openGate` of the laws opens gate 1. No two models share the gate, for
 *  runners keep equal files once. */
export const gated: Maker = (k, model) =>
  javascript({
    atLoad: `// ${model}
  const { existsSync } = await import('node:fs')
  while (!existsSync(new URL('./gate-1', import.meta.url))) await pause(20)`,
  })(k, model)

/** A deployment of a model of its own, both of that name, at version 1. Version n adds n. */
export async function stand(platform: Platform, name: string, makers: readonly Maker[]): Promise<readonly Version[]> {
  const versions: Version[] = []
  for (const [index, make] of makers.entries()) {
    const [content, more] = make(index + 1, name)
    versions.push(await platform.push(name, content, more))
  }
  await platform.deploy(name, name, 1)
  return versions
}

/** Callers who go on calling while something is done, and what each of them got. */
export async function underLoad(
  platform: Platform,
  deployment: string,
  work: () => Promise<void>,
): Promise<readonly Shot[]> {
  const load = startLoad(platform.runners, deployment, { rest: 0, grpc: 0, openPerSecond: 20 })
  const someMore = async () => {
    const enough = load.shots.length + 10
    await until('callers have answers', async () => expect(load.shots.length).toBeGreaterThanOrEqual(enough))
  }
  try {
    await someMore()
    await work()
    await someMore()
  } finally {
    await load.stop()
  }
  return load.shots
}

/** Those whose answer is not the one that the named version gives. */
export const wronged = (shots: readonly Shot[]) =>
  shots.filter(({ error, sent, got, version }) => error !== undefined || got !== sent + version)

export const addressOf = (name: string) => `/p/default/deployments/${name}`

/** Somebody who looks at a deployment. */
export async function lookAt({ browser, at }: Stage, name: string): Promise<Person> {
  const one = await browser.person()
  await one.page.goto(at(addressOf(name)))
  await one.page.getByRole('region', { name: 'Route table' }).waitFor()
  return one
}

export const press = (within: Page | Locator, button: string) =>
  within.getByRole('button', { name: button, exact: true }).click()

/** Asks for a swap by the form of the page. */
export async function askSwap(page: Page, name: string, version: number, reason = ''): Promise<void> {
  await press(page, 'Swap model')
  const asked = form(page, `Swap ${name}`)
  await choose(page, asked.getByRole('combobox', { name: /^Version/ }), `v${version}`)
  await reasonIn(asked).fill(reason)
  await press(asked, 'Swap model')
}

/** Chooses from a field that opens a list with a search in it. */
export async function choose(page: Page, field: Locator, text: string): Promise<void> {
  await field.click()
  // Its search has the keyboard once the list is there.
  await page.getByRole('listbox').waitFor()
  await page.keyboard.type(text)
  await page.getByRole('option', { name: new RegExp(`^${text}\\b`) }).click()
  await page.getByRole('listbox').waitFor({ state: 'detached' })
}

/** The form of a change: its title alone, which is also how the title of the change begins. */
export const form = (page: Page, title: string) => page.getByRole('dialog', { name: title, exact: true })

export const reasonIn = (dialog: Locator) => dialog.getByRole('textbox', { name: /^Reason/ })

/** The dialog of a change once it tells this state. */
export async function toldAs(page: Page, title: string, state: string): Promise<Locator> {
  const dialog = page.getByRole('dialog', { name: title, exact: true })
  await dialog.getByText(`${title}: ${state}`, { exact: true }).waitFor()
  return dialog
}

/** Each stage of a change in a line: its name, what it did, how long it took. */
export const stagesIn = async (dialog: Locator): Promise<string[]> => {
  const stages = dialog.getByRole('list').filter({ hasText: 'Commit' }).getByRole('listitem')
  return (await stages.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' ').trim())
}

/** Waits until the page shows that these versions answer these parts of the traffic: `v1 90 %, v2 10 %`. */
export const routesAre = (page: Page, shares: string) =>
  page.getByRole('region', { name: 'Route table' }).getByRole('img', { name: shares, exact: true }).waitFor()

export const pathOf = (page: Page) => new URL(page.url()).pathname

export const paramsOf = (name: string) => ({
  project: ProjectName.parse('default'),
  deployment: DeploymentName.parse(name),
})

/** What callers may wait for on a slow machine. */
export const PATIENT = { timeout: 15_000 }
