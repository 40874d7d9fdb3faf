import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { startBrowser } from '../../dev/console/browser.ts'
import type { TestBrowser } from '../../dev/console/browser.ts'
import { FULL_SIZE, seedLarge } from '../../dev/console/seed-large.ts'
import { buildConsole } from '../../dev/console.ts'
import { startPlatform } from '../../dev/laws/platform.ts'
import { layDatabase } from '../../dev/laws/template.ts'
import { fileOf } from '../processes.ts'
import { shown, shownSpread } from '../report.ts'
import { median, spread } from '../statistics.ts'
import type { BenchCase } from './bench-case.ts'

/** Where one goes, and what is there when it can be used. */
const VIEWS = [
  { name: 'overview', keys: 'go', sees: 'link', called: 'deployment-0001' },
  { name: 'activity', keys: 'ga', sees: 'link', called: 'model-10000 v10' },
  { name: 'deployments', keys: 'gd', sees: 'link', called: 'deployment-0001' },
  { name: 'models', keys: 'gm', sees: 'link', called: 'model-00001' },
] as const

/** The console over 10,000 models, 100,000 versions and 500 deployments, in a real browser. */
export const consoleViews: BenchCase = async (_generator, { quick }) => {
  const browser = await startBrowser()
  if ('missing' in browser) throw new Error(browser.missing)
  const home = await mkdtemp(join(tmpdir(), 'stead-bench-'))
  try {
    await buildConsole()
    await layDatabase(home)
    await seedLarge(home, FULL_SIZE)
    const platform = await startPlatform({ home })
    try {
      const times = await navigationTimes(browser, platform.url, quick ? 3 : 7)
      const scrolling = await scrollingFrames(browser, platform.url)
      const charts = await chartFrames(browser, quick ? 2_000 : 5_000)
      const slowest = Math.max(...[...times.values()].map(median))
      return {
        title: 'The console at size',
        about:
          'From the key that leads to a view until its first row is there, by the median; frames while the list of models is scrolled, and of a chart of ten series of ten thousand points that gets a point in each frame, both to a page that stands still in the same browser.',
        targets: [
          { says: 'the slowest view of the console', figure: slowest, bound: 1000, better: 'less', unit: 'ms' },
          { says: 'frames while scrolling, to a still page', figure: scrolling, bound: 0.9, better: 'more', unit: '×' },
          {
            says: 'frames of a live chart, to a still page',
            figure: charts.ratio,
            bound: 0.9,
            better: 'more',
            unit: '×',
          },
        ],
        tables: [
          {
            columns: ['view', 'ms'],
            rows: [...times].map(([name, all]) => [name, shownSpread(spread(all))]),
          },
          {
            columns: ['', 'frames a second'],
            rows: [
              ['still page', shown(charts.idle)],
              ['live chart', shown(charts.live)],
            ],
          },
        ],
      }
    } finally {
      await platform.stop()
    }
  } finally {
    await browser.close()
    await rm(home, { recursive: true, force: true })
  }
}

async function navigationTimes(browser: TestBrowser, url: string, rounds: number): Promise<Map<string, number[]>> {
  const { page, leave } = await browser.person()
  await page.goto(`${url}/settings`)
  await page.getByRole('heading', { level: 1 }).waitFor()
  const times = new Map<string, number[]>(VIEWS.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const { name, keys, sees, called } of VIEWS) {
      await page.getByRole('link', { name: 'Settings' }).click()
      await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
      const began = performance.now()
      await page.keyboard.type(keys)
      await page.getByRole(sees, { name: called, exact: true }).first().waitFor()
      times.get(name)!.push(performance.now() - began)
    }
  }
  await leave()
  return times
}

const countFrames = (page: Page, ms: number): Promise<number> =>
  page.evaluate(
    `new Promise((resolve) => {
      const end = performance.now() + ${ms}
      let frames = 0
      const next = (now) => now > end ? resolve(frames) : (frames++, requestAnimationFrame(next))
      requestAnimationFrame(next)
    })`,
  )

/** Frames while one scrolls fast through the models, as a share of those of the same page at rest. */
async function scrollingFrames(browser: TestBrowser, url: string): Promise<number> {
  const { page, leave } = await browser.person()
  await page.goto(`${url}/p/default/models`)
  await page.getByRole('link', { name: 'model-00001', exact: true }).waitFor()
  const still = await countFrames(page, 2_000)
  const counting = countFrames(page, 3_000)
  for (const end = Date.now() + 3_000; Date.now() < end;) await page.mouse.wheel(0, 240)
  const scrolling = await counting
  await leave()
  return scrolling / 3 / (still / 2)
}

async function chartFrames(browser: TestBrowser, ms: number): Promise<{ idle: number; live: number; ratio: number }> {
  const { createServer } = await import('vite')
  const server = await createServer({
    root: fileOf('candidates/charts'),
    configFile: false,
    logLevel: 'error',
    server: { port: 0, fs: { allow: [fileOf('..')] } },
  })
  try {
    await server.listen()
    const url = server.resolvedUrls!.local[0]!
    const framesOf = async (search: string) => {
      const { page, leave } = await browser.person()
      await page.goto(`${url}${search}`)
      await page.getByRole('group', { name: 'Charts' }).waitFor()
      const frames = await countFrames(page, ms)
      await leave()
      return (frames * 1000) / ms
    }
    await framesOf('') // What is compiled once.
    const [idle, live] = [await framesOf('?idle'), await framesOf('')]
    return { idle, live, ratio: live / idle }
  } finally {
    await server.close()
  }
}
