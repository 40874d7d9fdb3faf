import { open, readFile, rename, statfs } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'

/** An append-only file of JSON records that survives a crash at any byte.
 *  A record is: length (u32 LE) | CRC-32 of the payload (u32 LE) | payload. The first record that is cut off or
 *  does not match its checksum ends the journal: it and what follows were never acknowledged. */
export interface Journal<T> {
  /** Resolves when the record is on the disk. */
  append(record: T): Promise<void>
  /** Rejects while the disk has no room for what may be appended next. */
  ensureRoom(): Promise<void>
  /** Replaces everything by these records; a crash leaves the old file or the new one. */
  compact(records: readonly T[]): Promise<void>
  close(): Promise<void>
}

const HEADER = 8
/** More than the records of any change take; other files of the runner grow on the same disk. */
const ROOM = 1024 * 1024
/** No record of ours comes near this; a length beyond it is a torn or foreign file. */
const LONGEST = 256 * 1024 * 1024

export function encodeRecord(record: unknown): Buffer {
  const payload = Buffer.from(JSON.stringify(record))
  const framed = Buffer.allocUnsafe(HEADER + payload.length)
  framed.writeUInt32LE(payload.length, 0)
  framed.writeUInt32LE(crc32(payload), 4)
  payload.copy(framed, HEADER)
  return framed
}

/** The whole records at the beginning of `bytes`, and how many bytes they take. */
export function decodeRecords(bytes: Buffer): { records: unknown[]; length: number } {
  const records: unknown[] = []
  let at = 0
  while (at + HEADER <= bytes.length) {
    const length = bytes.readUInt32LE(at)
    const end = at + HEADER + length
    if (length > LONGEST || end > bytes.length) break
    const payload = bytes.subarray(at + HEADER, end)
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) break
    records.push(JSON.parse(payload.toString('utf8')))
    at = end
  }
  return { records, length: at }
}

/** Opens the journal, giving back what it holds; a torn tail is cut off so that new records follow whole ones. */
export async function openJournal<T>(path: string): Promise<{ journal: Journal<T>; records: T[] }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  const { records, length } = decodeRecords(bytes)
  let file = await open(path, 'a')
  if (length < bytes.length) {
    await file.truncate(length)
    await file.sync()
  }
  await syncFolder(dirname(path))
  let end = length
  // One append at a time: a failed one is cut off again before the next may follow it.
  let tail: Promise<unknown> = Promise.resolve()
  const inTurn = <R>(act: () => Promise<R>): Promise<R> => {
    const turn = tail.then(act)
    tail = turn.catch(() => {})
    return turn
  }

  const journal: Journal<T> = {
    append: (record) =>
      inTurn(async () => {
        const framed = encodeRecord(record)
        try {
          await writeWhole(file, framed)
          await file.datasync()
        } catch (error) {
          await file.truncate(end)
          throw error
        }
        end += framed.length
      }),
    async ensureRoom() {
      const { bavail, bsize } = await statfs(path)
      if (bavail * bsize < ROOM)
        throw new Error(`the disk of the runner is full: ${bavail * bsize} bytes are left for its journal`)
    },
    compact: (kept) =>
      inTurn(async () => {
        const whole = Buffer.concat(kept.map(encodeRecord))
        const fresh = await open(`${path}.new`, 'w')
        try {
          await writeWhole(fresh, whole)
          await fresh.sync()
        } finally {
          await fresh.close()
        }
        await rename(`${path}.new`, path)
        await syncFolder(dirname(path))
        await file.close()
        file = await open(path, 'a')
        end = whole.length
      }),
    close: () => inTurn(() => file.close()),
  }
  return { journal, records: records as T[] }
}

async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
