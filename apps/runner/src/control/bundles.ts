import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { getArtifact, grantArtifact } from '@stead/contracts'
import type { ProjectName, VersionBundle, VersionFile } from '@stead/contracts'
import type { Client } from '@stead/sdk'

/** The runner's own copies of versions: a folder each, named by the bundle's digest, whole or not there. */
export interface Bundles {
  /** The folder of a version's files. `onStage` hears of fetching and verifying; nothing where the copy is there. */
  fetch(project: ProjectName, bundle: VersionBundle, onStage: StageClock, signal: AbortSignal): Promise<string>
  /** Removes copies that are not among these. */
  keepOnly(digests: ReadonlySet<string>): Promise<void>
}

/** Times a stage that may fail, under its name. */
export type StageClock = <T>(
  name: 'fetching' | 'verifying' | 'admitting' | 'starting' | 'loading' | 'warming',
  act: () => Promise<T>,
) => Promise<T>

export async function openBundles(folder: string, client: Client): Promise<Bundles> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const name of await readdir(folder))
    if (name.startsWith('incoming-')) await rm(join(folder, name), { recursive: true, force: true })
  const underWay = new Map<string, Promise<string>>()
  const placeOf = (digest: string) => join(folder, digest.slice('sha256:'.length))

  async function bring(project: ProjectName, file: VersionFile, to: string, signal: AbortSignal): Promise<void> {
    await mkdir(dirname(to), { recursive: true })
    const params = { project, digest: file.digest }
    const grant = await client.call(grantArtifact, { params, signal })
    // A link costs nothing and keeps the bytes although the server may delete its own name for them.
    if (grant.kind === 'path') return link(grant.path, to).catch(() => copyFile(grant.path, to))
    const response =
      grant.kind === 'url' ? await fetch(grant.url, { signal }) : await client.open(getArtifact, { params, signal })
    if (!response.ok || !response.body) throw new Error(`"${file.path}" could not be fetched: ${response.status}`)
    const target = await open(to, 'wx', 0o400)
    try {
      await pipeline(Readable.fromWeb(response.body as never), target.createWriteStream())
    } finally {
      await target.close().catch(() => {})
    }
  }

  async function make(
    project: ProjectName,
    bundle: VersionBundle,
    stage: StageClock,
    signal: AbortSignal,
  ): Promise<string> {
    const place = placeOf(bundle.digest)
    const incoming = await mkdtemp(join(folder, 'incoming-'))
    try {
      await stage('fetching', async () => {
        for (const file of bundle.files) await bring(project, file, join(incoming, file.path), signal)
      })
      await stage('verifying', async () => {
        for (const file of bundle.files) await verify(join(incoming, file.path), file)
      })
      await rename(incoming, place)
    } catch (error) {
      await rm(incoming, { recursive: true, force: true })
      throw error
    }
    return place
  }

  return {
    async fetch(project, bundle, stage, signal) {
      const place = placeOf(bundle.digest)
      if (
        await stat(place).then(
          () => true,
          () => false,
        )
      )
        return place
      const first = underWay.get(place)
      if (first) return first
      const making = make(project, bundle, stage, signal).finally(() => underWay.delete(place))
      underWay.set(place, making)
      return making
    },
    async keepOnly(digests) {
      const kept = new Set([...digests].map(placeOf))
      for (const name of await readdir(folder)) {
        const place = join(folder, name)
        if (!kept.has(place) && !underWay.has(place)) await rm(place, { recursive: true, force: true })
      }
    },
  }
}

async function verify(path: string, file: VersionFile): Promise<void> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash)
  const found = `sha256:${hash.digest('hex')}`
  if (found !== file.digest)
    throw new Error(`"${file.path}" has other bytes than it was registered with: ${found} instead of ${file.digest}`)
}
