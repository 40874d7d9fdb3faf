import { type FileHandle, open } from 'node:fs/promises'
import type { Context } from './command.ts'
import { digestOf, readFile, unreadable } from './bundle.ts'
import type { BundleFile } from './bundle.ts'
import type { Platform } from './connect.ts'
import { Failure, isNamed } from './failures.ts'
import { showBytes } from './progress.ts'
import type { SteadError } from '@stead/contracts'

/** What a version's request says of a file. */
export interface Uploaded {
  readonly path: string
  readonly digest: string
}

/** Brings the files into the artifact store, each known by its digest first, so that what is there is not sent again. */
export async function uploadAll(
  files: readonly BundleFile[],
  platform: Platform,
  { terminal }: Context,
): Promise<Uploaded[]> {
  const hashing = showBytes(terminal, 'reading', sizeOf(files))
  const known = []
  try {
    for (const file of files) known.push({ ...file, ...(await digestOf(file.source, hashing.add, terminal.signal)) })
  } finally {
    hashing.end()
  }
  const absent = []
  for (const file of known) if (!(await isStored(file.digest, platform))) absent.push(file)
  const sending = showBytes(terminal, 'uploading', sizeOf(absent))
  try {
    for (const file of absent) await sendFile(file, platform, sending.add)
  } finally {
    sending.end()
  }
  return known.map(({ path, digest }) => ({ path, digest }))
}

const sizeOf = (files: readonly { size: number }[]) => files.reduce((sum, file) => sum + file.size, 0)

async function isStored(digest: string, platform: Platform): Promise<boolean> {
  try {
    await platform.call(platform.contracts.grantArtifact, { params: { digest } })
    return true
  } catch (error) {
    if (isNamed<SteadError>(error, 'SteadError') && error.code === 'artifact_not_found') return false
    throw error
  }
}

/** A break shows in steps of a percent at most, and loses no more than one. */
const STEPS = 100
const SMALLEST_STEP = 2 ** 20
const LARGEST_STEP = 8 * 2 ** 20

async function sendFile(
  { source, digest, size }: { source: string; digest: string; size: number },
  platform: Platform,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const file = await open(source, 'r').catch((cause: unknown) => Promise.reject(unreadable(source, cause)))
  let shown = 0
  try {
    await platform.upload({
      digest,
      size,
      source: {
        slice: (from, to) => readSlice(file, from, to).catch((cause) => Promise.reject(unreadable(source, cause))),
      },
      chunkSize: Math.min(Math.max(Math.ceil(size / STEPS), SMALLEST_STEP), LARGEST_STEP),
      onProgress({ received }) {
        onBytes(received - shown)
        shown = received
      },
    })
  } finally {
    await file.close()
  }
}

/** Shorter than asked for where the file has become shorter. */
async function readSlice(file: FileHandle, from: number, to: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(to - from)
  let filled = 0
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return bytes.subarray(0, filled)
}

/** The bytes of a file as a request body; `failure` tells afterwards whether reading it went wrong. */
export function uploadBody(
  source: string,
  onBytes: (bytes: number) => void,
): { body: ReadableStream<Uint8Array>; failure: () => Failure | undefined } {
  let failed: Failure | undefined
  async function* read() {
    try {
      for await (const chunk of readFile(source)) {
        onBytes(chunk.length)
        yield chunk as Uint8Array
      }
    } catch (error) {
      if (error instanceof Failure) failed = error
      throw error
    }
  }
  return { body: ReadableStream.from(read()), failure: () => failed }
}
