import { mkdir, writeFile } from 'node:fs/promises'
import { createWriteStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Version } from '@stead/contracts'
import type { Context } from './command.ts'
import type { Platform } from './connect.ts'
import type { ExportCounts } from './export-project.ts'
import { allOf } from './pages.ts'
import { placeIn } from './run-files.ts'

export interface ModelExport {
  readonly platform: Platform
  readonly counts: ExportCounts
  readonly withFiles: boolean
  readonly context: Context
  readonly onStep: () => void
}

/** The registry as one JSON document, with the files of versions beside it. */
export async function exportModels(part: string, exporting: ModelExport): Promise<void> {
  const { platform, counts, withFiles, onStep } = exporting
  const { listModels, listVersions } = platform.contracts
  const models = await allOf(async (after) => {
    const query = { limit: 1000, prompts: 'true' as const, ...after }
    const page = await platform.call(listModels, { query })
    return { items: page.models, next: page.next }
  })
  const documents = []
  for (const model of models) {
    const versions = await allOf(async (after) => {
      const page = await platform.call(listVersions, {
        params: { model: model.name },
        query: { limit: 1000, ...after },
      })
      return { items: page.versions, next: page.next }
    })
    for (const version of versions) {
      if (withFiles) counts.files += await writeVersion(join(part, 'models'), version, exporting)
      counts.versions += 1
      onStep()
    }
    documents.push({ ...model, versions })
    counts.models += 1
  }
  await writeFile(join(part, 'models.json'), `${JSON.stringify(documents, null, 2)}\n`)
}

async function writeVersion(folder: string, version: Version, { platform }: ModelExport): Promise<number> {
  for (const { path, digest } of version.files) {
    const place = placeIn(join(folder, version.model, String(version.version)), path)
    await mkdir(dirname(place), { recursive: true })
    const response = await platform.open(platform.contracts.getArtifact, { params: { digest } })
    await pipeline(Readable.fromWeb((response.body ?? new Blob([]).stream()) as never), createWriteStream(place))
  }
  return version.files.length
}
