import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { findChromium } from '../services/chromium.ts'

/** A real browser, and what it complained about. */
export interface TestBrowser {
  /** A fresh person: no storage, no tabs. Complaints of its pages are gathered in `complaints`. */
  person(options?: { theme?: 'light' | 'dark'; width?: number; height?: number }): Promise<Person>
  close(): Promise<void>
}

export interface Person {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors of scripts, refusals of the page's policy, failed loads: everything a developer would see in red. */
  readonly complaints: string[]
  leave(): Promise<void>
}

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
]

/** Starts it, or says why there is none. */
export async function startBrowser(): Promise<TestBrowser | { missing: string }> {
  const found = await findChromium()
  if ('missing' in found) return found
  const browser = await chromium.launch({ executablePath: found.path, args: ARGS })
  return {
    person: (options = {}) => newPerson(browser, options),
    close: () => browser.close(),
  }
}

async function newPerson(
  browser: Browser,
  { theme = 'light', width = 1280, height = 900 }: { theme?: 'light' | 'dark'; width?: number; height?: number },
): Promise<Person> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme })
  context.setDefaultTimeout(30_000)
  const complaints: string[] = []
  const listen = (page: Page) => {
    page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`console: ${message.text()}`)
    })
  }
  context.on('page', listen)
  const page = await context.newPage()
  return { context, page, complaints, leave: () => context.close() }
}
