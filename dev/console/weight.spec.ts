import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BUILT_CONSOLE } from '../../apps/server/src/http/console.ts'
import { describeConsole } from './stage.ts'

const BUDGET = 250_000

describeConsole(
  'what the console weighs',
  (stage) => {
    test('the first load is under 250 kB of compressed script, worker included; charts and graphs are not in it', async () => {
      const { page, leave } = await stage().browser.person()
      const scripts: { url: string; bytes: number }[] = []
      page.on('response', (response) => {
        if (response.url().endsWith('.js')) scripts.push({ url: response.url(), bytes: 0 })
      })
      await page.goto(stage().at('/p/default'))
      await page.getByText('Lately').waitFor()
      await page.waitForLoadState('load')
      const built = join(BUILT_CONSOLE, 'assets')
      const worker = (await readdir(built)).find((name) => /^stream\.worker.*\.js$/.test(name))!
      const loaded = new Set([worker, ...scripts.map(({ url }) => url.split('/').at(-1)!)])
      const sizes = await Promise.all(
        [...loaded]
          .filter((name) => name !== 'theme.js')
          .map(async (name) => (await stat(join(built, `${name}.br`))).size),
      )
      expect(sizes.length).toBeGreaterThan(2)
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(BUDGET)
      for (const name of loaded) {
        if (name === 'theme.js') continue
        const text = await readFile(join(built, name), 'utf8')
        expect(text.includes('uPlot') || text.includes('react-flow'), name).toBe(false)
      }
      await leave()
    })

    test('no file is fetched from another origin, and the page names none', async () => {
      const { page, leave } = await stage().browser.person()
      const origins = new Set<string>()
      page.on('request', (request) => origins.add(new URL(request.url()).origin))
      for (const path of [
        '/p/default',
        '/p/default/deployments/seattle-forecast',
        '/p/default/models/seattle-weather/1/graph',
      ]) {
        await page.goto(stage().at(path))
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        await page.waitForTimeout(500)
      }
      expect([...origins]).toEqual([stage().platform.url])
      await leave()
    })
  },
  { sample: true },
)
