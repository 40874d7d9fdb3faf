import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { DeploymentName, ProjectName, rollbackDeployment } from '@stead/contracts'
import { startBrowser } from './console/browser.ts'
import { buildConsole } from './console.ts'
import { startPlatform } from './laws/platform.ts'
import { seedSample } from './sample/seed.ts'
import { replayTraffic } from './sample/traffic.ts'

/** Takes the pictures of the documents from the sample project, so that they stay true: `node dev/screenshots.ts`.
 *  It lets the sample live for some minutes first, with a swap and a rollback in between. */

const folder = fileURLToPath(new URL('../docs/screenshots/', import.meta.url))
const QUIET_MS = 60_000

const PICTURES = [
  { name: 'overview-light', path: '/p/default', theme: 'light', width: 1280, height: 800 },
  { name: 'deployment-light', path: '/p/default/deployments/arrival-delay', theme: 'light', width: 1280, height: 1240 },
  { name: 'deployment-dark', path: '/p/default/deployments/arrival-delay', theme: 'dark', width: 1280, height: 1240 },
  {
    name: 'swap-light',
    path: '/p/default/deployments/seattle-forecast?do=swap&to=2',
    theme: 'light',
    width: 1280,
    height: 800,
  },
  { name: 'version-light', path: '/p/default/models/seattle-weather/2', theme: 'light', width: 1280, height: 660 },
  { name: 'deployment-phone', path: '/p/default/deployments/arrival-delay', theme: 'light', width: 390, height: 844 },
] as const

await buildConsole()
const browser = await startBrowser()
if ('missing' in browser) throw new Error(browser.missing)
const platform = await startPlatform()
const traffic = new AbortController()
try {
  await seedSample(platform.client)
  void replayTraffic(platform.runners[0]!.rest, traffic.signal)
  await pause(QUIET_MS)
  await platform.swap('arrival-delay', 1, { reason: 'is the linear model really worse?' })
  await pause(QUIET_MS)
  await platform.client.call(rollbackDeployment, {
    params: { project: ProjectName.parse('default'), deployment: DeploymentName.parse('arrival-delay') },
    body: { reason: 'it is: 1.6 minutes worse on June' },
  })
  await pause(QUIET_MS)
  await mkdir(folder, { recursive: true })
  for (const { name, path, theme, width, height } of PICTURES) {
    const { page, leave } = await browser.person({ theme, width, height })
    await page.goto(`${platform.url}${path}`)
    await pause(4_000)
    await writeFile(join(folder, `${name}.png`), await page.screenshot())
    await leave()
    console.log(`docs/screenshots/${name}.png`)
  }
} finally {
  traffic.abort()
  await browser.close()
  await platform.stop()
}
