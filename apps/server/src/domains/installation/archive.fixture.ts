import { buffer } from 'node:stream/consumers'
import { extract, pack } from 'tar-stream'

/** One file of a backup. */
interface Entry {
  readonly name: string
  readonly bytes: Buffer
}

export async function unpack(archive: Buffer): Promise<Entry[]> {
  const entries = extract()
  entries.end(archive)
  const found: Entry[] = []
  for await (const entry of entries) {
    found.push({ name: entry.header.name, bytes: await buffer(entry as AsyncIterable<Uint8Array>) })
  }
  return found
}

export async function packed(entries: readonly Entry[]): Promise<Buffer> {
  const archive = pack()
  for (const { name, bytes } of entries) archive.entry({ name }, bytes)
  archive.finalize()
  return buffer(archive as AsyncIterable<Uint8Array>)
}

/** The archive with each of its files as `change` makes it, or without it. */
export const changed = async (archive: Buffer, change: (entry: Entry) => Entry | undefined) =>
  packed((await unpack(archive)).flatMap((entry) => change(entry) ?? []))
