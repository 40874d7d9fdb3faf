import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** Builds the console unless what is built is of the sources that are there: `node dev/console.ts`. */

const root = fileURLToPath(new URL('..', import.meta.url))
const web = join(root, 'apps/web')
const dist = join(web, 'dist')
const SOURCES = ['apps/web', 'libs/contracts/src', 'libs/sdk/src', 'package-lock.json', 'dev/console.ts']

export async function buildConsole(): Promise<'built' | 'as it was'> {
  const wanted = await hashOfSources()
  if ((await readFile(join(dist, '.sources'), 'utf8').catch(() => '')) === wanted) return 'as it was'
  // Several may build at once; each has a folder of its own, and the last one to be renamed stays.
  await mkdir(join(web, 'node_modules'), { recursive: true })
  const place = await mkdtemp(join(web, 'node_modules', '.build-'))
  try {
    await runVite(place)
    await compressAll(place)
    await writeFile(join(place, '.sources'), wanted)
    await replace(place)
  } finally {
    await rm(place, { recursive: true, force: true })
  }
  return 'built'
}

/** Vite takes `NODE_ENV` from whoever starts it; a test would get React's development build, twice as heavy. */
async function runVite(outDir: string): Promise<void> {
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    const { build } = await import('vite')
    await build({ root: web, configFile: join(web, 'vite.config.ts'), logLevel: 'warn', build: { outDir } })
  } finally {
    if (before === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = before
  }
}

async function replace(place: string): Promise<void> {
  const old = `${place}-old`
  if (existsSync(dist)) await rename(dist, old).catch(() => {})
  await rename(place, dist).catch(async (error: unknown) => {
    // Another build came first; it is of the same sources.
    if (!existsSync(join(dist, 'index.html'))) throw error
  })
  await rm(old, { recursive: true, force: true })
}

/** The server hands out the smallest form that a browser takes. */
async function compressAll(folder: string): Promise<void> {
  const files = (await filesBelow(folder)).filter((file) => /\.(js|css|svg|html)$/.test(file))
  await Promise.all(
    files.map(async (file) => {
      const bytes = await readFile(file)
      const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 10 } }
      await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes, best))
      await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }))
    }),
  )
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256')
  const files = (await Promise.all(SOURCES.map((place) => filesBelow(join(root, place))))).flat()
  for (const file of files.toSorted())
    hash
      .update(relative(root, file))
      .update('\0')
      .update(await readFile(file))
  return hash.digest('hex')
}

async function filesBelow(place: string): Promise<string[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => undefined)
  if (!entries) return [place]
  const kept = entries.filter(({ name }) => name !== 'dist' && name !== 'node_modules')
  const below = await Promise.all(
    kept.map(async (entry) => (entry.isDirectory() ? filesBelow(join(place, entry.name)) : [join(place, entry.name)])),
  )
  return below.flat()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(`the console is ${await buildConsole()}`)
