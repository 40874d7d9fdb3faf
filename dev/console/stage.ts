import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe } from 'vitest'
import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { seedSample } from '../sample/seed.ts'
import { startPlatform } from '../laws/platform.ts'
import type { Platform, PlatformOptions } from '../laws/platform.ts'
import { run } from '../services/children.ts'
import { findChromium } from '../services/chromium.ts'
import { leaveOut } from '../services/left-out.ts'
import { startBrowser } from './browser.ts'
import type { TestBrowser } from './browser.ts'

/** A platform that runs, a console that is built, and a browser to look at it with. */
export interface Stage {
  readonly platform: Platform
  readonly browser: TestBrowser
  /** The address of a view, such as `/p/default/models`. */
  at(path: string): string
}

interface StageOptions extends PlatformOptions {
  /** With the sample project on it. */
  readonly sample?: boolean
}

const chromium = await findChromium()

/** Tests of the console in a real browser against the real platform. Without a browser they are left out by name. */
export function describeConsole(name: string, tests: (stage: () => Stage) => void, options: StageOptions = {}): void {
  if ('missing' in chromium) leaveOut(`the console: ${name}`, chromium.missing)
  describe.skipIf('missing' in chromium)(name, () => {
    let stage: Stage | undefined
    beforeAll(async () => {
      // The tools that build would stay in the memory of the tests.
      await run(process.execPath, [fileURLToPath(new URL('../console.ts', import.meta.url))])
      const browser = await startBrowser()
      if ('missing' in browser) throw new Error(browser.missing)
      const platform = await startPlatform(options)
      stage = { platform, browser, at: (path) => `${platform.url}${path}` }
      if (options.sample) await seedSample(platform.client)
    })
    afterAll(async () => {
      await stage?.browser.close()
      await stage?.platform.stop()
    })
    tests(() => {
      if (!stage) throw new Error('the stage is not set')
      return stage
    })
  })
}

/** What axe finds wrong on the page as it is, in a line each. */
export async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run: (options: object) => Promise<{ violations: Violation[] }> } }).axe.run({
      resultTypes: ['violations'],
    }),
  )
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes
        .map((node) => node.target.join(' '))
        .slice(0, 3)
        .join('; ')})`,
  )
}

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly target: readonly string[] }[]
}

/** How far the page can be scrolled sideways, in pixels: 0 where everything fits. */
export const sidewaysOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
