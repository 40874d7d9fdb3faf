import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { oneMaker } from './cache.ts'
import { run } from './children.ts'

/** The path of a Chromium on this machine, installed where that can be done, or why there is none. */
export async function findChromium(): Promise<{ path: string } | { missing: string }> {
  const found = installed() ?? (await install())
  return found === undefined ? { missing: 'Chromium is not installed and could not be installed' } : { path: found }
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome']

function installed(): string | undefined {
  const named = process.env.STEAD_TEST_CHROMIUM
  if (named !== undefined && existsSync(named)) return named
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)]
  const apps = [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ]
  return [...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))), ...apps].find((path) =>
    existsSync(path),
  )
}

async function install(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined
  return oneMaker('chromium', async () => {
    const found = installed()
    if (found !== undefined) return found
    const options = { timeout: 300_000, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
    await run('apt-get', ['update'], options).catch(() => undefined)
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], options).catch(
      () => undefined,
    )
    return installed()
  })
}
